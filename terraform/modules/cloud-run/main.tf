# A Cloud Run service: forestd behind Google's front end, between as many instances as are asked for.

locals {
  # forestd reads the model itself, with the service's own account; without an address it is in the image.
  bucket = var.model == null ? null : regex("^gs://([^/]+)/", var.model)[0]
  environment = merge(
    var.model == null ? {} : { FORESTD_MODEL = var.model },
    var.environment,
  )
  # The newest revision gets its share; the rest, if there is one, goes on to the revision that is named.
  traffic = [for target in [
    { type = "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", revision = null, percent = var.rollout.percent },
    { type = "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", revision = var.rollout.revision, percent = 100 - var.rollout.percent },
  ] : target if target.percent > 0]
}

resource "google_service_account" "service" {
  project      = var.project
  account_id   = "${var.name}-run"
  display_name = "${var.name} on Cloud Run"
}

# The bucket, not the one object: the former revision, which may get requests still, reads its own, and a right that was only
# just given takes minutes to hold, in which the next revision would not start.
resource "google_storage_bucket_iam_member" "reads_model" {
  count = local.bucket == null ? 0 : 1

  bucket = local.bucket
  role   = "roles/storage.objectViewer"
  member = google_service_account.service.member
}

resource "google_cloud_run_v2_service" "forest" {
  project             = var.project
  location            = var.location
  name                = var.name
  ingress             = { all = "INGRESS_TRAFFIC_ALL", internal = "INGRESS_TRAFFIC_INTERNAL_ONLY", load-balancer = "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER" }[var.ingress]
  deletion_protection = var.deletion_protection
  labels              = var.labels

  template {
    service_account                  = google_service_account.service.email
    execution_environment            = "EXECUTION_ENVIRONMENT_GEN2"
    max_instance_request_concurrency = var.concurrency
    timeout                          = "${var.timeout_seconds}s"
    labels                           = var.labels

    scaling {
      min_instance_count = var.instances.minimum
      max_instance_count = var.instances.maximum
    }

    containers {
      image = var.image

      ports {
        container_port = var.port
      }

      resources {
        limits            = { cpu = var.cpu, memory = var.memory }
        cpu_idle          = !var.always_allocated
        startup_cpu_boost = true
      }

      dynamic "env" {
        for_each = local.environment

        content {
          name  = env.key
          value = env.value
        }
      }

      # /ping is 503 until the model is there. It is asked every second, so that an instance gets requests as soon as it can
      # answer them. The path may not be /healthz: Google's front end keeps that one for itself.
      startup_probe {
        period_seconds    = 1
        timeout_seconds   = 1
        failure_threshold = var.startup_seconds

        http_get {
          path = var.health_path
        }
      }

      liveness_probe {
        period_seconds    = 10
        timeout_seconds   = 2
        failure_threshold = 3

        http_get {
          path = var.health_path
        }
      }
    }
  }

  dynamic "traffic" {
    for_each = local.traffic

    content {
      type     = traffic.value.type
      revision = traffic.value.revision
      percent  = traffic.value.percent
    }
  }

  depends_on = [google_storage_bucket_iam_member.reads_model]
}

resource "google_cloud_run_v2_service_iam_member" "invokers" {
  for_each = toset(concat(var.invokers, var.public ? ["allUsers"] : []))

  project  = var.project
  location = var.location
  name     = google_cloud_run_v2_service.forest.name
  role     = "roles/run.invoker"
  member   = each.value
}

module "logs" {
  source = "../logs/google"

  project        = var.project
  location       = var.location
  name           = var.name
  filter         = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"${var.name}\" AND resource.labels.location=\"${var.location}\""
  retention_days = var.log_retention_days
}
