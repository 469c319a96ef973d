output "bucket" {
  description = "Where models go: scripts/upload."
  value       = module.artifacts.bucket
}

output "registry" {
  description = "Where images go, an image's name follows: scripts/image --push."
  value       = module.artifacts.registry
}

output "endpoint_target" {
  description = "The endpoint, as forestd invoke takes it: scripts/smoke-test. Null before there is an image."
  value       = one(concat(module.cloud_run[*].target, module.vertex_ai[*].target))
}

output "revision" {
  description = "Cloud Run: the revision that serves now, for rollout."
  value       = one(module.cloud_run[*].revision)
}

output "deployments" {
  description = "Vertex AI: the deployments' numbers, by colour, for scripts/vertex-model."
  value       = one(module.vertex_ai[*].deployments)
}

output "log_bucket" {
  description = "Where the log lines are: gcloud logging read --bucket."
  value       = one(concat(module.cloud_run[*].log_bucket, module.vertex_ai[*].log_bucket))
}

output "deployed" {
  description = "What is deployed, for the way back: scripts/deploy --rollback."
  value       = { image = var.image, model = var.model }
}
