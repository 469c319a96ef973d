mock_provider "azurerm" {
  mock_data "azurerm_client_config" {
    defaults = { subscription_id = "00000000-1111-2222-3333-444444444444", tenant_id = "00000000-1111-2222-3333-555555555555" }
  }
  mock_resource "azurerm_log_analytics_workspace" {
    defaults = { id = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/forest-dev/providers/Microsoft.OperationalInsights/workspaces/forest-dev" }
  }
  mock_resource "azurerm_application_insights" {
    defaults = { id = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/forest-dev/providers/Microsoft.Insights/components/forest-dev" }
  }
  mock_resource "azurerm_key_vault" {
    defaults = { id = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/forest-dev/providers/Microsoft.KeyVault/vaults/forest-dev-1a2b3" }
  }
  mock_resource "azurerm_machine_learning_workspace" {
    defaults = { id = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/forest-dev/providers/Microsoft.MachineLearningServices/workspaces/forest-dev" }
  }
  mock_resource "azurerm_user_assigned_identity" {
    defaults = { id = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/forest-dev/providers/Microsoft.ManagedIdentity/userAssignedIdentities/forest-dev", principal_id = "01234567-89ab-cdef-0123-456789abcdef" }
  }
  mock_resource "azurerm_role_definition" {
    defaults = { role_definition_resource_id = "/subscriptions/00000000-1111-2222-3333-444444444444/providers/Microsoft.Authorization/roleDefinitions/01234567-89ab-cdef-0123-456789abcdef" }
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

variables {
  resource_group  = { id = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/forest-dev", name = "forest-dev" }
  location        = "westeurope"
  name            = "forest-dev"
  storage_account = { id = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/forest-dev/providers/Microsoft.Storage/storageAccounts/forestdev1a2b3c", name = "forestdev1a2b3c" }
  container = {
    id      = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/forest-dev/providers/Microsoft.Storage/storageAccounts/forestdev1a2b3c/blobServices/default/containers/models"
    name    = "models"
    address = "https://forestdev1a2b3c.blob.core.windows.net/models"
  }
  registry_id = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/forest-dev/providers/Microsoft.ContainerRegistry/registries/forestdev1a2b3c"
  deployments = {
    blue = { image = "forestdev1a2b3c.azurecr.io/forestd:1a2b3c", model = "https://forestdev1a2b3c.blob.core.windows.net/models/1a2b3c/model.joblib" }
  }
}

run "group" {
  command = plan

  variables {
    resource_group = { id = "forest-dev", name = "forest-dev" }
  }

  expect_failures = [var.resource_group]
}

run "display_name" {
  command = plan

  variables {
    location = "West Europe"
  }

  expect_failures = [var.location]
}

run "long_name" {
  command = plan

  variables {
    name = "forest-of-many-trees"
  }

  expect_failures = [var.name]
}

run "short_name" {
  command = plan

  variables {
    name = "f"
  }

  expect_failures = [var.name]
}

run "storage_account" {
  command = plan

  variables {
    storage_account = { id = "forestdev1a2b3c", name = "forestdev1a2b3c" }
  }

  expect_failures = [var.storage_account]
}

run "container" {
  command = plan

  variables {
    container = { id = "models", name = "models", address = "https://forestdev1a2b3c.blob.core.windows.net/models" }
  }

  expect_failures = [var.container]
}

run "registry" {
  command = plan

  variables {
    registry_id = "forestdev1a2b3c.azurecr.io"
  }

  expect_failures = [var.registry_id]
}

run "no_deployment" {
  command = plan

  variables {
    deployments = {}
  }

  expect_failures = [var.deployments]
}

run "red" {
  command = plan

  variables {
    deployments = { red = { image = "forestdev1a2b3c.azurecr.io/forestd:1" } }
  }

  expect_failures = [var.deployments]
}

run "ninety_percent" {
  command = plan

  variables {
    deployments = { blue = { image = "forestdev1a2b3c.azurecr.io/forestd:1", traffic = 90 } }
  }

  expect_failures = [var.deployments]
}

run "image_elsewhere" {
  command = plan

  variables {
    deployments = { blue = { image = "docker.io/library/forest:1" } }
  }

  expect_failures = [var.deployments]
}

run "model_elsewhere" {
  command = plan

  variables {
    deployments = { blue = { image = "forestdev1a2b3c.azurecr.io/forestd:1", model = "https://other.blob.core.windows.net/models/1/model.joblib" } }
  }

  expect_failures = [var.deployments]
}

run "model_folder" {
  command = plan

  variables {
    deployments = { blue = { image = "forestdev1a2b3c.azurecr.io/forestd:1", model = "https://forestdev1a2b3c.blob.core.windows.net/models/1/" } }
  }

  expect_failures = [var.deployments]
}

run "other_processor" {
  command = plan

  variables {
    deployments = { blue = { image = "forestdev1a2b3c.azurecr.io/forestd:1", instance_type = "Standard_D2ps_v5" } }
  }

  expect_failures = [var.deployments]
}

run "another_clouds_machine" {
  command = plan

  variables {
    deployments = { blue = { image = "forestdev1a2b3c.azurecr.io/forestd:1", instance_type = "n2-standard-2" } }
  }

  expect_failures = [var.deployments]
}

run "no_instance" {
  command = plan

  variables {
    deployments = { blue = { image = "forestdev1a2b3c.azurecr.io/forestd:1", minimum = 0 } }
  }

  expect_failures = [var.deployments]
}

run "maximum_below_minimum" {
  command = plan

  variables {
    deployments = { blue = { image = "forestdev1a2b3c.azurecr.io/forestd:1", minimum = 3, maximum = 2 } }
  }

  expect_failures = [var.deployments]
}

run "no_requests" {
  command = plan

  variables {
    deployments = { blue = { image = "forestdev1a2b3c.azurecr.io/forestd:1", maximum = 2, requests_per_minute = 0 } }
  }

  expect_failures = [var.deployments]
}

run "concurrency" {
  command = plan

  variables {
    deployments = { blue = { image = "forestdev1a2b3c.azurecr.io/forestd:1", concurrency = 1000 } }
  }

  expect_failures = [var.deployments]
}

run "roots_port" {
  command = plan

  variables {
    port = 80
  }

  expect_failures = [var.port]
}

run "five_minutes" {
  command = plan

  variables {
    timeout_seconds = 300
  }

  expect_failures = [var.timeout_seconds]
}

run "auth" {
  command = plan

  variables {
    auth = "None"
  }

  expect_failures = [var.auth]
}

run "by_name" {
  command = plan

  variables {
    invokers = ["me@example.com"]
  }

  expect_failures = [var.invokers]
}

run "platforms_variable" {
  command = plan

  variables {
    environment = { AZUREML_MODEL_DIR = "/" }
  }

  expect_failures = [var.environment]
}

run "port_by_variable" {
  command = plan

  variables {
    environment = { FORESTD_PORT = "1" }
  }

  expect_failures = [var.environment]
}

run "a_week_of_logs" {
  command = plan

  variables {
    log_retention_days = 7
  }

  expect_failures = [var.log_retention_days]
}

run "no_errors" {
  command = plan

  variables {
    alerts = { errors = 0 }
  }

  expect_failures = [var.alerts]
}

run "saturation" {
  command = plan

  variables {
    alerts = { saturation = 120 }
  }

  expect_failures = [var.alerts]
}

run "action_group" {
  command = plan

  variables {
    alerts = { action_groups = ["me@example.com"] }
  }

  expect_failures = [var.alerts]
}

run "tags" {
  command = plan

  variables {
    tags = { "azure-team" = "trees" }
  }

  expect_failures = [var.tags]
}

run "image_for_another_processor" {
  command = plan

  variables {
    deployments = { blue = { image = "forestdev1a2b3c.azurecr.io/forestd:1a2b3c-arm64" } }
  }

  expect_failures = [var.deployments]
}
