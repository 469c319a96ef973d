output "region" {
  description = "The endpoint's region: scripts/smoke-test."
  value       = var.region
}

output "bucket" {
  description = "Where models go: scripts/upload."
  value       = module.artifacts.bucket
}

output "registry" {
  description = "Where images go, :tag follows: scripts/image --push."
  value       = module.artifacts.registry
}

output "endpoint_target" {
  description = "The endpoint, as forestd invoke takes it: scripts/smoke-test. Null before there is an image and a model."
  value       = one(module.sagemaker[*].target)
}

output "deployed" {
  description = "What is deployed, for the way back: scripts/deploy --rollback."
  value       = { image = var.image, model = var.model }
}
