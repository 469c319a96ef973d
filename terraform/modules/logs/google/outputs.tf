output "bucket" {
  description = "The log bucket, as gcloud logging read --bucket takes it."
  value       = google_logging_project_bucket_config.lines.bucket_id
}
