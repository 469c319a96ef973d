# Keeps the log lines of one service for so many days, and in one place: a bucket of its own, a sink that fills it, and an
# exclusion that keeps them out of the project's _Default bucket, whose retention all of the project shares.

resource "google_logging_project_bucket_config" "lines" {
  project        = var.project
  location       = var.location
  bucket_id      = var.name
  description    = "Log lines of ${var.name}"
  retention_days = var.retention_days
}

resource "google_logging_project_sink" "lines" {
  project                = var.project
  name                   = var.name
  description            = "Log lines of ${var.name}"
  destination            = "logging.googleapis.com/${google_logging_project_bucket_config.lines.id}"
  filter                 = var.filter
  unique_writer_identity = true
}

resource "google_logging_project_exclusion" "lines" {
  project     = var.project
  name        = var.name
  description = "Log lines of ${var.name} are in its own bucket."
  filter      = var.filter

  depends_on = [google_logging_project_sink.lines]
}
