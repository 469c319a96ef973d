output "storage_account" {
  description = "The storage account for models: scripts/upload."
  value       = { id = azurerm_storage_account.models.id, name = azurerm_storage_account.models.name }
}

output "container" {
  description = "The container for models, in a form that scripts/upload and forestd take."
  value       = { id = azurerm_storage_container.models.id, name = azurerm_storage_container.models.name, address = "https://${azurerm_storage_account.models.name}.blob.core.windows.net/${azurerm_storage_container.models.name}" }
}

output "registry" {
  description = "The image registry: its id for roles, its address for scripts/image --push."
  value       = { id = azurerm_container_registry.images.id, address = azurerm_container_registry.images.login_server }
}
