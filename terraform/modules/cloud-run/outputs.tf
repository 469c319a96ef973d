output "target" {
  description = "The service, as forestd invoke takes it: scripts/smoke-test."
  value       = google_cloud_run_v2_service.forest.uri
}

output "revision" {
  description = "The revision that serves now, to go back to by rollout: scripts/deploy."
  value       = google_cloud_run_v2_service.forest.latest_ready_revision
}

output "log_bucket" {
  description = "Where its log lines are: gcloud logging read --bucket."
  value       = module.logs.bucket
}
