mock_provider "azurerm" {
  mock_data "azurerm_client_config" {
    defaults = { subscription_id = "00000000-1111-2222-3333-444444444444", tenant_id = "00000000-1111-2222-3333-555555555555" }
  }
  mock_resource "azurerm_resource_group" {
    defaults = { id = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/forest-dev" }
  }
}

mock_provider "azapi" {
  mock_resource "azapi_resource" {
    defaults = {
      id     = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/forest-dev/providers/Microsoft.MachineLearningServices/workspaces/forest-dev/onlineEndpoints/forest-dev-1a2b3"
      output = { properties = { scoringUri = "https://forest-dev-1a2b3.westeurope.inference.ml.azure.com/score" } }
    }
  }
}

# Their names hold a sum of the subscription and the group; here they are such as the models' and images' below.
override_module {
  target = module.artifacts
  outputs = {
    storage_account = { id = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/forest-dev/providers/Microsoft.Storage/storageAccounts/forestdev1a2b3c", name = "forestdev1a2b3c" }
    container = {
      id      = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/forest-dev/providers/Microsoft.Storage/storageAccounts/forestdev1a2b3c/blobServices/default/containers/models"
      name    = "models"
      address = "https://forestdev1a2b3c.blob.core.windows.net/models"
    }
    registry = { id = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/forest-dev/providers/Microsoft.ContainerRegistry/registries/forestdev1a2b3c", address = "forestdev1a2b3c.azurecr.io" }
  }
}

variables {
  subscription_id = "00000000-1111-2222-3333-444444444444"
  environment     = "dev"
  instances       = { minimum = 1, maximum = 1 }
}

run "first_apply" {
  command = plan

  assert {
    condition     = output.container == "https://forestdev1a2b3c.blob.core.windows.net/models" && output.registry == "forestdev1a2b3c.azurecr.io"
    error_message = "there is no place for a model and an image"
  }
  assert {
    condition     = output.endpoint_target == null && length(module.azure_ml) == 0
    error_message = "something serves without an image"
  }
  assert {
    condition     = azurerm_resource_group.forest.name == "forest-dev" && azurerm_resource_group.forest.tags.environment == "dev" && length(azurerm_management_lock.models) == 0
    error_message = "the group is another, or locked"
  }
  assert {
    condition     = length(azurerm_consumption_budget_resource_group.month) == 0 && length(azurerm_monitor_action_group.email) == 0 && length(azurerm_role_assignment.uploaders) == 0
    error_message = "there is a budget, a group to tell or a role that nobody asked for"
  }
}

run "serves" {
  command = plan

  variables {
    image = "forestdev1a2b3c.azurecr.io/forestd:1a2b3c"
    model = "https://forestdev1a2b3c.blob.core.windows.net/models/1a2b3c/model.joblib"
  }

  assert {
    condition     = length(module.azure_ml) == 1 && output.workspace == "forest-dev"
    error_message = "nothing serves"
  }
}

run "green_beside_the_former" {
  command = plan

  variables {
    image  = "forestdev1a2b3c.azurecr.io/forestd:1a2b3c"
    model  = "https://forestdev1a2b3c.blob.core.windows.net/models/1a2b3c/model.joblib"
    colour = "green"
    former = { image = "forestdev1a2b3c.azurecr.io/forestd:old", traffic = 90 }
  }

  assert {
    condition     = length(module.azure_ml) == 1
    error_message = "nothing serves"
  }
}

run "prod" {
  command = plan

  variables {
    environment = "prod"
  }

  assert {
    condition     = azurerm_management_lock.models[0].lock_level == "CanNotDelete"
    error_message = "the models of prod may be deleted"
  }
}

run "budget_emails_and_uploaders" {
  command = plan

  variables {
    budget    = 200
    emails    = ["trees@example.com"]
    uploaders = ["01234567-89ab-cdef-0123-456789abcdef"]
    tags      = { team = "trees" }
  }

  assert {
    condition     = azurerm_consumption_budget_resource_group.month[0].amount == 200 && can(regex("^[0-9]{4}-[0-9]{2}-01T00:00:00Z$", azurerm_consumption_budget_resource_group.month[0].time_period[0].start_date))
    error_message = "another budget is set, or from another day"
  }
  assert {
    condition     = { for notice in azurerm_consumption_budget_resource_group.month[0].notification : notice.threshold => notice.threshold_type } == { 50 = "Actual", 90 = "Actual", 100 = "Forecasted" }
    error_message = "the budget warns at other shares"
  }
  assert {
    condition     = azurerm_monitor_action_group.email[0].email_receiver[0].email_address == "trees@example.com" && length(azurerm_monitor_action_group.email[0].short_name) <= 12 && azurerm_monitor_action_group.email[0].tags.team == "trees"
    error_message = "nobody hears of it"
  }
  assert {
    condition     = toset([for role in values(azurerm_role_assignment.uploaders) : role.role_definition_name]) == toset(["Storage Blob Data Contributor", "AcrPush"])
    error_message = "uploaders may do something else"
  }
}

run "until_it_is_not" {
  command = plan

  variables {
    environment = "prod"
    protected   = false
  }

  assert {
    condition     = length(azurerm_management_lock.models) == 0
    error_message = "protected is not heeded"
  }
}

run "every_option" {
  command = plan

  variables {
    name               = "trees"
    location           = "northeurope"
    image              = "forestdev1a2b3c.azurecr.io/forestd:1a2b3c"
    instances          = { minimum = 2, maximum = 4 }
    size               = { instance_type = "Standard_F4s_v2", requests_per_minute = 60000, concurrency = 16, cpu_percent = 50 }
    auth               = "Key"
    public_network     = false
    invokers           = ["01234567-89ab-cdef-0123-456789abcdef"]
    variables          = { FORESTD_LOG_LEVEL = "warn" }
    log_retention_days = 60
    alerts             = { errors = 1, latency = 20, saturation = 50 }
    scan               = true
  }

  assert {
    condition     = output.workspace == "trees-dev" && azurerm_resource_group.forest.location == "northeurope"
    error_message = "the workspace is not what is asked"
  }
}
