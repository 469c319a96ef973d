# An Azure ML workspace, and an online endpoint in it with one or two deployments, blue and green.
#
# The workspace and what it stands on is azurerm's; endpoints, deployments, models and environments only azapi has.

locals {
  api = "2025-12-01"
  # Endpoints share their names with all of a region, key vaults with the world.
  unique   = substr(sha1("${data.azurerm_client_config.current.subscription_id}/${var.resource_group.name}/${var.name}"), 0, 5)
  endpoint = "${var.name}-${local.unique}"

  # Models and environments cannot be changed: what is another one has another version.
  models = { for address in toset([for deployment in values(var.deployments) : deployment.model if deployment.model != null]) : substr(sha1(address), 0, 12) => address }
  images = { for image in toset([for deployment in values(var.deployments) : deployment.image]) : substr(sha1(image), 0, 12) => image }
  paths = join("/", [
    "azureml://subscriptions/${data.azurerm_client_config.current.subscription_id}/resourcegroups/${var.resource_group.name}",
    "workspaces/${azurerm_machine_learning_workspace.forest.name}/datastores/${azapi_resource.datastore.name}/paths",
  ])

  # Azure gives a role some minutes to reach every place that asks about it.
  until_roles_hold = {
    error_message_regex  = ["AuthorizationFailed", "AuthorizationPermissionMismatch", "does not have (permission|authorization|access)", "Unauthorized"]
    interval_seconds     = 15
    max_interval_seconds = 60
  }
}

data "azurerm_client_config" "current" {}

resource "azurerm_log_analytics_workspace" "logs" {
  name                         = var.name
  resource_group_name          = var.resource_group.name
  location                     = var.location
  sku                          = "PerGB2018"
  retention_in_days            = var.log_retention_days
  local_authentication_enabled = false
  tags                         = var.tags
}

resource "azurerm_application_insights" "forest" {
  name                         = var.name
  resource_group_name          = var.resource_group.name
  location                     = var.location
  application_type             = "web"
  workspace_id                 = azurerm_log_analytics_workspace.logs.id
  local_authentication_enabled = false
  tags                         = var.tags
}

resource "azurerm_key_vault" "forest" {
  name                       = "${var.name}-${local.unique}"
  resource_group_name        = var.resource_group.name
  location                   = var.location
  tenant_id                  = data.azurerm_client_config.current.tenant_id
  sku_name                   = "standard"
  rbac_authorization_enabled = true
  purge_protection_enabled   = true
  soft_delete_retention_days = 7
  tags                       = var.tags
}

resource "azurerm_machine_learning_workspace" "forest" {
  name                           = var.name
  resource_group_name            = var.resource_group.name
  location                       = var.location
  application_insights_id        = azurerm_application_insights.forest.id
  key_vault_id                   = azurerm_key_vault.forest.id
  storage_account_id             = var.storage_account.id
  storage_account_access_type    = "Identity"
  container_registry_id          = var.registry_id
  primary_user_assigned_identity = azurerm_user_assigned_identity.workspace.id
  public_network_access_enabled  = true
  tags                           = var.tags

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.workspace.id]
  }

  depends_on = [azurerm_role_assignment.workspace]
}

resource "azapi_resource" "datastore" {
  type      = "Microsoft.MachineLearningServices/workspaces/datastores@${local.api}"
  parent_id = azurerm_machine_learning_workspace.forest.id
  name      = "models"

  body = {
    properties = {
      datastoreType                 = "AzureBlob"
      accountName                   = var.storage_account.name
      containerName                 = var.container.name
      endpoint                      = "core.windows.net"
      protocol                      = "https"
      resourceGroup                 = var.resource_group.name
      subscriptionId                = data.azurerm_client_config.current.subscription_id
      credentials                   = { credentialsType = "None" }
      serviceDataAccessAuthIdentity = "WorkspaceUserAssignedIdentity"
    }
  }
}

resource "azapi_resource" "model" {
  type      = "Microsoft.MachineLearningServices/workspaces/models@${local.api}"
  parent_id = azurerm_machine_learning_workspace.forest.id
  name      = var.name
  body      = { properties = {} }
}

resource "azapi_resource" "model_version" {
  for_each = local.models

  type      = "Microsoft.MachineLearningServices/workspaces/models/versions@${local.api}"
  parent_id = azapi_resource.model.id
  name      = each.key
  retry     = local.until_roles_hold

  body = {
    properties = {
      modelType = "custom_model"
      modelUri  = "${local.paths}/${trimprefix(each.value, "${var.container.address}/")}"
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "azapi_resource" "environment" {
  type      = "Microsoft.MachineLearningServices/workspaces/environments@${local.api}"
  parent_id = azurerm_machine_learning_workspace.forest.id
  name      = var.name
  body      = { properties = {} }
}

resource "azapi_resource" "environment_version" {
  for_each = local.images

  type      = "Microsoft.MachineLearningServices/workspaces/environments/versions@${local.api}"
  parent_id = azapi_resource.environment.id
  name      = each.key

  # Azure ML learns here which of the image's ports and routes are what: / answers at once, /ping once the model is there.
  body = {
    properties = {
      image  = each.value
      osType = "Linux"
      inferenceConfig = {
        livenessRoute  = { path = "/", port = var.port }
        readinessRoute = { path = "/ping", port = var.port }
        scoringRoute   = { path = "/score", port = var.port }
      }
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "azapi_resource" "endpoint" {
  type      = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints@${local.api}"
  parent_id = azurerm_machine_learning_workspace.forest.id
  name      = local.endpoint
  location  = var.location
  tags      = var.tags

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.endpoint.id]
  }

  body = {
    properties = {
      authMode            = var.auth
      publicNetworkAccess = var.public_network ? "Enabled" : "Disabled"
    }
  }

  response_export_values = ["properties.scoringUri"]

  depends_on = [azurerm_role_assignment.endpoint]
}

resource "azapi_resource" "deployment" {
  for_each = var.deployments

  type      = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments@${local.api}"
  parent_id = azapi_resource.endpoint.id
  name      = each.key
  location  = var.location
  tags      = var.tags
  retry     = local.until_roles_hold

  body = {
    sku = { name = "Default", capacity = each.value.minimum }
    properties = merge(
      {
        endpointComputeType  = "Managed"
        environmentId        = azapi_resource.environment_version[substr(sha1(each.value.image), 0, 12)].id
        instanceType         = each.value.instance_type
        environmentVariables = merge({ FORESTD_MODE = "azureml", FORESTD_PORT = tostring(var.port) }, var.environment)
        appInsightsEnabled   = true
        requestSettings = {
          maxConcurrentRequestsPerInstance = each.value.concurrency
          requestTimeout                   = "PT${var.timeout_seconds}S"
        }
        livenessProbe  = { initialDelay = "PT1S", period = "PT10S", timeout = "PT2S", successThreshold = 1, failureThreshold = 30 }
        readinessProbe = { initialDelay = "PT1S", period = "PT5S", timeout = "PT2S", successThreshold = 1, failureThreshold = 60 }
        scaleSettings  = { scaleType = "Default" }
      },
      each.value.model == null ? {} : { model = azapi_resource.model_version[substr(sha1(each.value.model), 0, 12)].id },
    )
  }

  lifecycle {
    # What goes has lost its requests by then; see traffic below.
    create_before_destroy = true
    # The autoscale setting holds the number of instances, also where it is always the same.
    ignore_changes = [body.sku.capacity]
  }
}

# Requests can only be divided between deployments that are there. Whatever writes the endpoint anew forgets it.
resource "azapi_update_resource" "traffic" {
  type        = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints@${local.api}"
  resource_id = azapi_resource.endpoint.id

  body = {
    properties = {
      traffic = { for colour, deployment in var.deployments : colour => deployment.traffic }
    }
  }

  replace_triggers_external_values = [var.auth, var.public_network, var.tags]

  depends_on = [azapi_resource.deployment]
}

# A deployment that gets requests cannot be deleted, not even along with its endpoint.
resource "azapi_resource_action" "drain" {
  type        = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints@${local.api}"
  resource_id = azapi_resource.endpoint.id
  method      = "PUT"
  when        = "destroy"

  body = {
    location = var.location
    identity = { type = "UserAssigned", userAssignedIdentities = { (azurerm_user_assigned_identity.endpoint.id) = {} } }
    properties = {
      authMode            = var.auth
      publicNetworkAccess = var.public_network ? "Enabled" : "Disabled"
      traffic             = {}
    }
  }

  depends_on = [azapi_resource.deployment]
}
