output "bucket" {
  description = "The bucket for models: scripts/upload gs."
  value       = google_storage_bucket.models.name
}

output "registry" {
  description = "Where images go, an image's name follows: scripts/image --push."
  value       = "${var.location}-docker.pkg.dev/${var.project}/${google_artifact_registry_repository.images.repository_id}"
}
