output "target" {
  description = "The endpoint, as forestd invoke takes it: scripts/smoke-test. A dedicated one is asked at its own host."
  value = (
    var.dedicated
    ? "https://${google_vertex_ai_endpoint.forest.dedicated_endpoint_dns}/v1/projects/${var.project}/locations/${var.location}/endpoints/${google_vertex_ai_endpoint.forest.name}:predict"
    : "vertex://${var.project}/${var.location}/${google_vertex_ai_endpoint.forest.name}"
  )

  depends_on = [terraform_data.traffic]
}

output "deployments" {
  description = "The deployments' numbers at the endpoint, by colour, as scripts/vertex-model and the log lines have them."
  value       = local.ids
}

output "log_bucket" {
  description = "Where its log lines are: gcloud logging read --bucket."
  value       = module.logs.bucket
}
