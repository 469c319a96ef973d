output "container" {
  description = "Where models go: scripts/upload."
  value       = module.artifacts.container.address
}

output "registry" {
  description = "Where images go, an image's name follows: scripts/image --push."
  value       = module.artifacts.registry.address
}

output "endpoint_target" {
  description = "The endpoint, as forestd invoke takes it: scripts/smoke-test. Null before there is an image."
  value       = one(module.azure_ml[*].target)
}

output "endpoint" {
  description = "The endpoint's name, as az ml online-endpoint --name takes it."
  value       = one(module.azure_ml[*].endpoint)
}

output "workspace" {
  description = "The workspace's name, as az ml --workspace-name takes it; the resource group has the same."
  value       = one(module.azure_ml[*].workspace)
}

output "deployed" {
  description = "What is deployed, for the way back: scripts/deploy --rollback."
  value       = { image = var.image, model = var.model }
}
