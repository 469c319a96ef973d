output "target" {
  description = "The endpoint, as forestd invoke takes it: scripts/smoke-test."
  value       = replace(azapi_resource.endpoint.output.properties.scoringUri, "https://", "azureml://")

  depends_on = [azapi_update_resource.traffic]
}

output "endpoint" {
  description = "The endpoint's name, as az ml online-endpoint takes it: its keys, its log lines."
  value       = azapi_resource.endpoint.name
}

output "workspace" {
  description = "The workspace's name, as az ml --workspace-name takes it."
  value       = azurerm_machine_learning_workspace.forest.name
}
