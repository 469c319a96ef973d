# Where models and images lie: one private bucket, one private image repository.

resource "google_storage_bucket" "models" {
  name                        = "${var.name}-${var.project}"
  project                     = var.project
  location                    = var.location
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = var.deletable
  labels                      = var.labels

  versioning {
    enabled = true
  }

  # Google encrypts everything; this is only about whose key it is.
  dynamic "encryption" {
    for_each = var.kms_key_name[*]

    content {
      default_kms_key_name = encryption.value
    }
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      days_since_noncurrent_time = var.keep_old_versions_days
    }
  }

  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }
    condition {
      age = 7
    }
  }
}

resource "google_artifact_registry_repository" "images" {
  project                = var.project
  location               = var.location
  repository_id          = var.name
  description            = "Images of forestd"
  format                 = "DOCKER"
  kms_key_name           = var.kms_key_name
  cleanup_policy_dry_run = false
  labels                 = var.labels

  docker_config {
    immutable_tags = var.immutable_tags
  }

  # INHERITED follows the project's Container Scanning API, which the root turns on.
  vulnerability_scanning_config {
    enablement_config = var.scan ? "INHERITED" : "DISABLED"
  }

  # What a keep policy names stays, whatever a delete policy says.
  cleanup_policies {
    id     = "keep-the-latest"
    action = "KEEP"

    most_recent_versions {
      keep_count = var.keep_images
    }
  }

  cleanup_policies {
    id     = "delete-the-rest"
    action = "DELETE"

    condition {
      tag_state  = "ANY"
      older_than = "${var.keep_images_days * 86400}s"
    }
  }
}
