mock_provider "azapi" {}

mock_provider "azurerm" {
  mock_data "azurerm_client_config" {
    defaults = { subscription_id = "00000000-1111-2222-3333-444444444444", tenant_id = "00000000-1111-2222-3333-555555555555" }
  }
  mock_resource "azurerm_storage_account" {
    defaults = { id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a" }
  }
  mock_resource "azurerm_container_registry" {
    defaults = { id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/r", login_server = "r.azurecr.io" }
  }
}

variables {
  resource_group = "forest-dev"
  location       = "westeurope"
  name           = "forest-dev"
}

run "defaults" {
  command = plan

  assert {
    condition     = can(regex("^forestdev[0-9a-f]{6}$", azurerm_storage_account.models.name)) && azurerm_container_registry.images.name == azurerm_storage_account.models.name
    error_message = "the names are not the usual ones"
  }
  assert {
    condition     = !azurerm_storage_account.models.allow_nested_items_to_be_public && azurerm_storage_container.models.container_access_type == "private"
    error_message = "the container may become public"
  }
  assert {
    condition     = !azurerm_storage_account.models.shared_access_key_enabled && !azurerm_storage_account.models.local_user_enabled && !azurerm_container_registry.images.admin_enabled && !azurerm_container_registry.images.anonymous_pull_enabled
    error_message = "there is a key or a password, or no need of one"
  }
  assert {
    condition     = azurerm_storage_account.models.infrastructure_encryption_enabled && azurerm_storage_account.models.min_tls_version == "TLS1_2" && azurerm_storage_account.models.https_traffic_only_enabled
    error_message = "something is not encrypted"
  }
  assert {
    condition     = azurerm_storage_account.models.blob_properties[0].versioning_enabled && azurerm_storage_account.models.blob_properties[0].delete_retention_policy[0].days == 14 && azurerm_storage_management_policy.models.rule[0].actions[0].version[0].delete_after_days_since_creation == 90
    error_message = "versions are kept for another time"
  }
  assert {
    condition     = strcontains(base64decode(azurerm_container_registry_task.cleanup.encoded_step[0].task_content), "--keep 20 --ago 90d --untagged")
    error_message = "other images are kept"
  }
  assert {
    condition     = azurerm_storage_account.models.account_replication_type == "ZRS" && azurerm_container_registry.images.sku == "Basic"
    error_message = "another kind of storage or registry is made"
  }
}

run "options" {
  command = plan

  variables {
    replication            = "LRS"
    registry_sku           = "Premium"
    keep_images            = 5
    keep_images_days       = 7
    keep_old_versions_days = 30
    keep_deleted_days      = 3
    tags                   = { team = "trees" }
  }

  assert {
    condition     = azurerm_storage_account.models.account_replication_type == "LRS" && azurerm_container_registry.images.sku == "Premium" && azurerm_storage_account.models.tags.team == "trees" && azurerm_container_registry.images.tags.team == "trees"
    error_message = "replication, registry_sku or tags are not heeded"
  }
  assert {
    condition     = strcontains(base64decode(azurerm_container_registry_task.cleanup.encoded_step[0].task_content), "--keep 5 --ago 7d --untagged")
    error_message = "keep_images or keep_images_days is not heeded"
  }
  assert {
    condition     = azurerm_storage_account.models.blob_properties[0].container_delete_retention_policy[0].days == 3 && azurerm_storage_management_policy.models.rule[0].actions[0].version[0].delete_after_days_since_creation == 30
    error_message = "keep_deleted_days or keep_old_versions_days is not heeded"
  }
}

run "scanning" {
  command = plan

  variables {
    scan = true
  }

  assert {
    condition     = azapi_update_resource.scan[0].resource_id == "/subscriptions/00000000-1111-2222-3333-444444444444/providers/Microsoft.Security/pricings/Containers" && azapi_update_resource.scan[0].body.properties.pricingTier == "Standard"
    error_message = "nobody looks through images"
  }
}

run "refuses_a_groups_id" {
  command = plan
  variables {
    resource_group = "/subscriptions/s/resourceGroups/forest-dev"
  }
  expect_failures = [var.resource_group]
}

run "refuses_a_display_name" {
  command = plan
  variables {
    location = "West Europe"
  }
  expect_failures = [var.location]
}

run "refuses_a_long_name" {
  command = plan
  variables {
    name = "forest-of-many-trees"
  }
  expect_failures = [var.name]
}

run "refuses_other_copies" {
  command = plan
  variables {
    replication = "RAID"
  }
  expect_failures = [var.replication]
}

run "refuses_another_registry" {
  command = plan
  variables {
    registry_sku = "Free"
  }
  expect_failures = [var.registry_sku]
}

run "refuses_one_image" {
  command = plan
  variables {
    keep_images = 1
  }
  expect_failures = [var.keep_images]
}

run "refuses_images_of_no_days" {
  command = plan
  variables {
    keep_images_days = 0
  }
  expect_failures = [var.keep_images_days]
}

run "refuses_versions_of_half_a_day" {
  command = plan
  variables {
    keep_old_versions_days = 0.5
  }
  expect_failures = [var.keep_old_versions_days]
}

run "refuses_two_years_of_deleted" {
  command = plan
  variables {
    keep_deleted_days = 730
  }
  expect_failures = [var.keep_deleted_days]
}

run "refuses_reserved_tags" {
  command = plan
  variables {
    tags = { "azure-team" = "trees" }
  }
  expect_failures = [var.tags]
}
