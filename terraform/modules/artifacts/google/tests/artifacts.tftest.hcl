provider "google" {
  access_token = "test"
}

variables {
  project  = "trees-123456"
  location = "europe-west1"
  name     = "forest-dev"
}

run "defaults" {
  command = plan

  assert {
    condition     = google_storage_bucket.models.name == "forest-dev-trees-123456" && !google_storage_bucket.models.force_destroy
    error_message = "the bucket's name or its protection is not the usual one"
  }
  assert {
    condition     = google_storage_bucket.models.uniform_bucket_level_access && google_storage_bucket.models.public_access_prevention == "enforced"
    error_message = "the bucket may become public"
  }
  assert {
    condition     = google_storage_bucket.models.versioning[0].enabled && length(google_storage_bucket.models.encryption) == 0
    error_message = "the bucket keeps no versions, or asks for a key that there is not"
  }
  assert {
    condition = (
      one(google_storage_bucket.models.lifecycle_rule[0].condition).days_since_noncurrent_time == 90
      && one(google_storage_bucket.models.lifecycle_rule[1].action).type == "AbortIncompleteMultipartUpload"
    )
    error_message = "old versions or unfinished uploads stay"
  }
  assert {
    condition     = google_artifact_registry_repository.images.format == "DOCKER" && google_artifact_registry_repository.images.vulnerability_scanning_config[0].enablement_config == "INHERITED"
    error_message = "images are not scanned"
  }
  assert {
    condition     = one([for policy in google_artifact_registry_repository.images.cleanup_policies : policy.most_recent_versions[0].keep_count if policy.action == "KEEP"]) == 20
    error_message = "the repository keeps another number of images"
  }
  assert {
    condition     = one([for policy in google_artifact_registry_repository.images.cleanup_policies : policy.condition[0].older_than if policy.action == "DELETE"]) == "7776000s"
    error_message = "images are deleted at another age"
  }
  assert {
    condition     = !google_artifact_registry_repository.images.cleanup_policy_dry_run && !google_artifact_registry_repository.images.docker_config[0].immutable_tags
    error_message = "nothing would be cleaned up"
  }
  assert {
    condition     = output.bucket == "forest-dev-trees-123456" && output.registry == "europe-west1-docker.pkg.dev/trees-123456/forest-dev"
    error_message = "the outputs are not what the scripts take"
  }
}

run "own_key" {
  command = plan

  variables {
    kms_key_name = "projects/trees-123456/locations/europe-west1/keyRings/r/cryptoKeys/k"
  }

  assert {
    condition     = google_storage_bucket.models.encryption[0].default_kms_key_name == var.kms_key_name && google_artifact_registry_repository.images.kms_key_name == var.kms_key_name
    error_message = "bucket or repository does not use the key"
  }
}

run "retention_scanning_and_deletion" {
  command = plan

  variables {
    scan                   = false
    immutable_tags         = true
    keep_images            = 5
    keep_images_days       = 1
    keep_old_versions_days = 7
    deletable              = true
    labels                 = { team = "trees" }
  }

  assert {
    condition     = google_artifact_registry_repository.images.vulnerability_scanning_config[0].enablement_config == "DISABLED" && google_artifact_registry_repository.images.docker_config[0].immutable_tags
    error_message = "scan or immutable_tags is not heeded"
  }
  assert {
    condition = (
      one([for policy in google_artifact_registry_repository.images.cleanup_policies : policy.most_recent_versions[0].keep_count if policy.action == "KEEP"]) == 5
      && one([for policy in google_artifact_registry_repository.images.cleanup_policies : policy.condition[0].older_than if policy.action == "DELETE"]) == "86400s"
      && one(google_storage_bucket.models.lifecycle_rule[0].condition).days_since_noncurrent_time == 7
    )
    error_message = "keep_images, keep_images_days or keep_old_versions_days is not heeded"
  }
  assert {
    condition     = google_storage_bucket.models.force_destroy && google_storage_bucket.models.labels.team == "trees" && google_artifact_registry_repository.images.labels.team == "trees"
    error_message = "deletable or labels are not heeded"
  }
}

run "refuses_a_project_number" {
  command = plan
  variables {
    project = "123456789012"
  }
  expect_failures = [var.project]
}

run "refuses_a_zone" {
  command = plan
  variables {
    location = "europe-west1-b"
  }
  expect_failures = [var.location]
}

run "refuses_a_long_name" {
  command = plan
  variables {
    name = "forest-with-a-name-of-more-than-32"
  }
  expect_failures = [var.name]
}

run "refuses_a_reserved_name" {
  command = plan
  variables {
    name = "my-google-forest"
  }
  expect_failures = [var.name]
}

run "refuses_a_key_version" {
  command = plan
  variables {
    kms_key_name = "projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1"
  }
  expect_failures = [var.kms_key_name]
}

run "refuses_one_image" {
  command = plan
  variables {
    keep_images = 1
  }
  expect_failures = [var.keep_images]
}

run "refuses_images_of_no_days" {
  command = plan
  variables {
    keep_images_days = 0
  }
  expect_failures = [var.keep_images_days]
}

run "refuses_versions_of_half_a_day" {
  command = plan
  variables {
    keep_old_versions_days = 0.5
  }
  expect_failures = [var.keep_old_versions_days]
}

run "refuses_labels_in_capitals" {
  command = plan
  variables {
    labels = { Team = "trees" }
  }
  expect_failures = [var.labels]
}
