# Where models and images lie: one storage account with a private container, one private image registry.

locals {
  # Both names are the world's: what is unique in the subscription becomes six characters of them.
  unique = substr(sha1("${data.azurerm_client_config.current.subscription_id}/${var.resource_group}/${var.name}"), 0, 6)
  joined = "${replace(var.name, "-", "")}${local.unique}"
}

data "azurerm_client_config" "current" {}

resource "azurerm_storage_account" "models" {
  name                              = local.joined
  resource_group_name               = var.resource_group
  location                          = var.location
  account_kind                      = "StorageV2"
  account_tier                      = "Standard"
  account_replication_type          = var.replication
  min_tls_version                   = "TLS1_2"
  https_traffic_only_enabled        = true
  allow_nested_items_to_be_public   = false
  cross_tenant_replication_enabled  = false
  shared_access_key_enabled         = false
  default_to_oauth_authentication   = true
  local_user_enabled                = false
  infrastructure_encryption_enabled = true
  tags                              = var.tags

  blob_properties {
    versioning_enabled = true

    delete_retention_policy {
      days = var.keep_deleted_days
    }
    container_delete_retention_policy {
      days = var.keep_deleted_days
    }
  }
}

resource "azurerm_storage_container" "models" {
  name                  = "models"
  storage_account_id    = azurerm_storage_account.models.id
  container_access_type = "private"
}

resource "azurerm_storage_management_policy" "models" {
  storage_account_id = azurerm_storage_account.models.id

  rule {
    name    = "old-versions"
    enabled = true

    filters {
      blob_types = ["blockBlob"]
    }
    actions {
      version {
        delete_after_days_since_creation = var.keep_old_versions_days
      }
    }
  }
}

resource "azurerm_container_registry" "images" {
  name                   = local.joined
  resource_group_name    = var.resource_group
  location               = var.location
  sku                    = var.registry_sku
  admin_enabled          = false
  anonymous_pull_enabled = false
  tags                   = var.tags
}

# Who looks through images is Microsoft Defender, for the whole subscription. It is turned on here and never off: others may rely
# on it.
resource "azapi_update_resource" "scan" {
  count = var.scan ? 1 : 0

  type        = "Microsoft.Security/pricings@2024-01-01"
  resource_id = "/subscriptions/${data.azurerm_client_config.current.subscription_id}/providers/Microsoft.Security/pricings/Containers"

  body = {
    properties = {
      pricingTier = "Standard"
      extensions  = [{ name = "ContainerRegistriesVulnerabilityAssessments", isEnabled = "True" }]
    }
  }
}

# The registry itself keeps everything for ever; once a week it is told what to keep.
resource "azurerm_container_registry_task" "cleanup" {
  name                  = "cleanup"
  container_registry_id = azurerm_container_registry.images.id
  timeout_in_seconds    = 3600
  tags                  = var.tags

  platform {
    os = "Linux"
  }

  encoded_step {
    task_content = base64encode(yamlencode({
      version = "v1.1.0"
      steps = [{
        cmd                             = "acr purge --filter '.*:.*' --keep ${var.keep_images} --ago ${var.keep_images_days}d --untagged"
        disableWorkingDirectoryOverride = true
        timeout                         = 3600
      }]
    }))
  }

  timer_trigger {
    name     = "weekly"
    schedule = "0 3 * * Sun"
  }
}
