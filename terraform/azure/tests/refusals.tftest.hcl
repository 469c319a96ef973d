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

run "subscription_name" {
  command = plan

  variables {
    subscription_id = "trees"
  }

  expect_failures = [var.subscription_id]
}

run "display_name" {
  command = plan

  variables {
    location = "West Europe"
  }

  expect_failures = [var.location]
}

run "environment" {
  command = plan

  variables {
    environment = "production"
  }

  expect_failures = [var.environment]
}

run "long_name" {
  command = plan

  variables {
    name = "many-forests"
  }

  expect_failures = [var.name]
}

run "image_elsewhere" {
  command = plan

  variables {
    image = "forestd:1"
  }

  expect_failures = [var.image]
}

run "model_elsewhere" {
  command = plan

  variables {
    model = "/models/model.joblib"
  }

  expect_failures = [var.model]
}

run "colour" {
  command = plan

  variables {
    colour = "red"
  }

  expect_failures = [var.colour]
}

run "former_share" {
  command = plan

  variables {
    former = { image = "forestdev1a2b3c.azurecr.io/forestd:1a2b3c", traffic = 110 }
  }

  expect_failures = [var.former]
}

run "no_instance" {
  command = plan

  variables {
    instances = { minimum = 0, maximum = 1 }
  }

  expect_failures = [var.instances]
}

run "maximum_below_minimum" {
  command = plan

  variables {
    instances = { minimum = 3, maximum = 2 }
  }

  expect_failures = [var.instances]
}

run "another_clouds_machine" {
  command = plan

  variables {
    size = { instance_type = "n2-standard-2" }
  }

  expect_failures = [var.size]
}

run "auth" {
  command = plan

  variables {
    auth = "None"
  }

  expect_failures = [var.auth]
}

run "invoker_by_name" {
  command = plan

  variables {
    invokers = ["me@example.com"]
  }

  expect_failures = [var.invokers]
}

run "uploader_by_name" {
  command = plan

  variables {
    uploaders = ["me@example.com"]
  }

  expect_failures = [var.uploaders]
}

run "variable" {
  command = plan

  variables {
    variables = { "A-B" = "1" }
  }

  expect_failures = [var.variables]
}

run "a_week_of_logs" {
  command = plan

  variables {
    log_retention_days = 7
  }

  expect_failures = [var.log_retention_days]
}

run "alerts" {
  command = plan

  variables {
    alerts = { saturation = 120 }
  }

  expect_failures = [var.alerts]
}

run "email" {
  command = plan

  variables {
    emails = ["trees"]
  }

  expect_failures = [var.emails]
}

run "no_budget" {
  command = plan

  variables {
    budget = 0
  }

  expect_failures = [var.budget]
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
    image = "forestdev1a2b3c.azurecr.io/forestd:1a2b3c-arm64"
  }

  expect_failures = [var.image]
}
