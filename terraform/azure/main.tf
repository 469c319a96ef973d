# forestd on Azure: models and images, and an Azure ML endpoint that serves them.
#
# Without an image there is only the place to put one, and the model: that is the first apply.

locals {
  name  = "${var.name}-${var.environment}"
  lasts = coalesce(var.protected, var.environment == "prod")
  tags  = merge({ application = "forestd", environment = var.environment }, var.tags)
}

resource "azurerm_resource_group" "forest" {
  name     = local.name
  location = var.location
  tags     = local.tags
}

# What would be lost for good with it stays, until the lock is taken away.
resource "azurerm_management_lock" "models" {
  count = local.lasts ? 1 : 0

  name       = "models"
  scope      = module.artifacts.storage_account.id
  lock_level = "CanNotDelete"
  notes      = "Holds the models of ${local.name}."
}

module "artifacts" {
  source = "../modules/artifacts/azure"

  resource_group = azurerm_resource_group.forest.name
  location       = var.location
  name           = local.name
  replication    = var.environment == "prod" ? "GZRS" : "LRS"
  registry_sku   = var.environment == "prod" ? "Standard" : "Basic"
  scan           = var.scan
  tags           = local.tags
}

# There are no keys: who uploads models and pushes images is let by name.
resource "azurerm_role_assignment" "uploaders" {
  for_each = { for pair in setproduct(var.uploaders, ["model", "image"]) : "${pair[1]} ${pair[0]}" => { id = pair[0], kind = pair[1] } }

  scope                = each.value.kind == "model" ? module.artifacts.container.id : module.artifacts.registry.id
  role_definition_name = each.value.kind == "model" ? "Storage Blob Data Contributor" : "AcrPush"
  principal_id         = each.value.id
}

module "azure_ml" {
  source = "../modules/azure-ml"
  count  = var.image == null ? 0 : 1

  resource_group  = { id = azurerm_resource_group.forest.id, name = azurerm_resource_group.forest.name }
  location        = var.location
  name            = local.name
  storage_account = module.artifacts.storage_account
  container       = module.artifacts.container
  registry_id     = module.artifacts.registry.id
  deployments = { for colour, deployment in {
    (var.colour)                              = { image = var.image, model = var.model, traffic = var.former == null ? 100 : 100 - var.former.traffic }
    (var.colour == "blue" ? "green" : "blue") = var.former
    } : colour => merge(deployment, {
      instance_type       = var.size.instance_type
      minimum             = var.instances.minimum
      maximum             = var.instances.maximum
      requests_per_minute = var.size.requests_per_minute
      cpu_percent         = var.size.cpu_percent
      concurrency         = var.size.concurrency
  }) if deployment != null }
  auth               = var.auth
  public_network     = var.public_network
  invokers           = var.invokers
  environment        = var.variables
  log_retention_days = var.log_retention_days
  alerts             = merge(var.alerts, { action_groups = azurerm_monitor_action_group.email[*].id })
  tags               = local.tags
}

resource "azurerm_monitor_action_group" "email" {
  count = length(var.emails) == 0 ? 0 : 1

  name                = local.name
  resource_group_name = azurerm_resource_group.forest.name
  short_name          = substr(local.name, 0, 12)
  tags                = local.tags

  dynamic "email_receiver" {
    for_each = var.emails

    content {
      name                    = email_receiver.value
      email_address           = email_receiver.value
      use_common_alert_schema = true
    }
  }
}

resource "azurerm_consumption_budget_resource_group" "month" {
  count = var.budget == null ? 0 : 1

  name              = local.name
  resource_group_id = azurerm_resource_group.forest.id
  amount            = var.budget
  time_grain        = "Monthly"

  # Azure wants the month in which it was made.
  time_period {
    start_date = formatdate("YYYY-MM-01'T'00:00:00'Z'", plantimestamp())
  }

  dynamic "notification" {
    for_each = { "50" = "Actual", "90" = "Actual", "100" = "Forecasted" }

    content {
      operator       = "GreaterThan"
      threshold      = tonumber(notification.key)
      threshold_type = notification.value
      contact_emails = var.emails
      contact_roles  = ["Owner"]
    }
  }

  lifecycle {
    ignore_changes = [time_period]
  }
}
