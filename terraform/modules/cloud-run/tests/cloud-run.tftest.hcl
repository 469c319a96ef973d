provider "google" {
  access_token = "test"
}

variables {
  project  = "trees-123456"
  location = "europe-west1"
  name     = "forest-dev"
  image    = "europe-west1-docker.pkg.dev/trees-123456/forest-dev/forestd:1a2b3c"
}

run "defaults" {
  command = plan

  assert {
    condition     = google_cloud_run_v2_service.forest.template[0].containers[0].image == var.image && google_cloud_run_v2_service.forest.template[0].containers[0].ports[0].container_port == 8080
    error_message = "another image or port is served"
  }
  assert {
    condition     = google_cloud_run_v2_service.forest.template[0].containers[0].startup_probe[0].http_get[0].path == "/ping" && google_cloud_run_v2_service.forest.template[0].containers[0].liveness_probe[0].http_get[0].path == "/ping" && google_cloud_run_v2_service.forest.template[0].containers[0].startup_probe[0].failure_threshold == 120
    error_message = "the probes ask something else"
  }
  assert {
    condition     = google_cloud_run_v2_service.forest.template[0].scaling[0].min_instance_count == 1 && google_cloud_run_v2_service.forest.template[0].scaling[0].max_instance_count == 1 && google_cloud_run_v2_service.forest.template[0].max_instance_request_concurrency == 80
    error_message = "another number of instances or of requests at once"
  }
  assert {
    condition     = google_cloud_run_v2_service.forest.template[0].containers[0].resources[0].limits.cpu == "1" && google_cloud_run_v2_service.forest.template[0].containers[0].resources[0].limits.memory == "512Mi" && google_cloud_run_v2_service.forest.template[0].containers[0].resources[0].cpu_idle
    error_message = "another size"
  }
  assert {
    condition     = length(google_cloud_run_v2_service.forest.template[0].containers[0].env) == 0 && length(google_storage_bucket_iam_member.reads_model) == 0
    error_message = "a model in the image needs neither a variable nor a bucket"
  }
  assert {
    condition     = length(google_cloud_run_v2_service_iam_member.invokers) == 0 && google_cloud_run_v2_service.forest.ingress == "INGRESS_TRAFFIC_ALL" && google_cloud_run_v2_service.forest.deletion_protection
    error_message = "the service is open to everyone, or unprotected"
  }
  assert {
    condition     = length(google_cloud_run_v2_service.forest.traffic) == 1 && google_cloud_run_v2_service.forest.traffic[0].percent == 100 && google_cloud_run_v2_service.forest.traffic[0].type == "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST"
    error_message = "the newest revision does not get all requests"
  }
  assert {
    condition     = google_service_account.service.account_id == "forest-dev-run"
    error_message = "the service has another account"
  }
  assert {
    condition     = google_monitoring_alert_policy.errors.conditions[0].condition_threshold[0].threshold_value == 4 && google_monitoring_alert_policy.latency.conditions[0].condition_threshold[0].threshold_value == 100
    error_message = "alerts are raised at other numbers"
  }
  assert {
    condition     = google_monitoring_alert_policy.saturation.conditions[0].condition_threshold[0].threshold_value == 0.8 && length(google_monitoring_alert_policy.saturation.conditions) == 1
    error_message = "saturation is another, or counts instances that cannot become more"
  }
}

run "model_in_a_bucket" {
  command = plan

  variables {
    model       = "gs://forest-dev-trees-123456/models/1a2b3c/model.joblib"
    environment = { FORESTD_LOG_LEVEL = "warn" }
  }

  assert {
    condition     = tomap({ for pair in google_cloud_run_v2_service.forest.template[0].containers[0].env : pair.name => pair.value }) == tomap({ FORESTD_MODEL = var.model, FORESTD_LOG_LEVEL = "warn" })
    error_message = "forestd is not told of the model or the variable"
  }
  assert {
    condition     = google_storage_bucket_iam_member.reads_model[0].bucket == "forest-dev-trees-123456" && google_storage_bucket_iam_member.reads_model[0].role == "roles/storage.objectViewer"
    error_message = "the service may not read the bucket, or may do more"
  }
}

run "size_and_scaling" {
  command = plan

  variables {
    cpu              = "4"
    memory           = "2Gi"
    instances        = { minimum = 3, maximum = 20 }
    concurrency      = 64
    always_allocated = true
    timeout_seconds  = 10
    startup_seconds  = 240
    port             = 9000
    health_path      = "/health"
  }

  assert {
    condition     = google_cloud_run_v2_service.forest.template[0].containers[0].resources[0].limits.cpu == "4" && google_cloud_run_v2_service.forest.template[0].containers[0].resources[0].limits.memory == "2Gi" && !google_cloud_run_v2_service.forest.template[0].containers[0].resources[0].cpu_idle
    error_message = "the size is not heeded"
  }
  assert {
    condition     = google_cloud_run_v2_service.forest.template[0].scaling[0].min_instance_count == 3 && google_cloud_run_v2_service.forest.template[0].scaling[0].max_instance_count == 20 && google_cloud_run_v2_service.forest.template[0].max_instance_request_concurrency == 64 && google_cloud_run_v2_service.forest.template[0].timeout == "10s"
    error_message = "scaling is not heeded"
  }
  assert {
    condition     = google_cloud_run_v2_service.forest.template[0].containers[0].startup_probe[0].failure_threshold == 240 && google_cloud_run_v2_service.forest.template[0].containers[0].startup_probe[0].http_get[0].path == "/health" && google_cloud_run_v2_service.forest.template[0].containers[0].liveness_probe[0].http_get[0].path == "/health" && google_cloud_run_v2_service.forest.template[0].containers[0].ports[0].container_port == 9000
    error_message = "probes or port are not heeded"
  }
  assert {
    condition     = google_monitoring_alert_policy.saturation.conditions[1].condition_threshold[0].threshold_value == 19
    error_message = "nobody hears when all instances run"
  }
}

run "to_nothing" {
  command = plan

  variables {
    instances = { minimum = 0, maximum = 2 }
  }

  assert {
    condition     = google_cloud_run_v2_service.forest.template[0].scaling[0].min_instance_count == 0
    error_message = "the service does not go to nothing"
  }
}

run "who_may_ask" {
  command = plan

  variables {
    public   = true
    invokers = ["group:web@example.com"]
    ingress  = "load-balancer"
  }

  assert {
    condition     = toset(keys(google_cloud_run_v2_service_iam_member.invokers)) == toset(["allUsers", "group:web@example.com"])
    error_message = "others may ask"
  }
  assert {
    condition     = google_cloud_run_v2_service.forest.ingress == "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"
    error_message = "ingress is not heeded"
  }
}

run "internal" {
  command = plan

  variables {
    ingress = "internal"
  }

  assert {
    condition     = google_cloud_run_v2_service.forest.ingress == "INGRESS_TRAFFIC_INTERNAL_ONLY"
    error_message = "ingress is not heeded"
  }
}

run "canary" {
  command = plan

  variables {
    rollout = { percent = 10, revision = "forest-dev-00001-abc" }
  }

  assert {
    condition     = google_cloud_run_v2_service.forest.traffic[0].percent == 10 && google_cloud_run_v2_service.forest.traffic[1].percent == 90 && google_cloud_run_v2_service.forest.traffic[1].revision == "forest-dev-00001-abc"
    error_message = "requests are divided otherwise"
  }
}

run "back" {
  command = plan

  variables {
    rollout = { percent = 0, revision = "forest-dev-00001-abc" }
  }

  assert {
    condition     = length(google_cloud_run_v2_service.forest.traffic) == 1 && google_cloud_run_v2_service.forest.traffic[0].percent == 100 && google_cloud_run_v2_service.forest.traffic[0].revision == "forest-dev-00001-abc"
    error_message = "the former revision does not get all requests"
  }
}

run "protection_logs_and_alerts" {
  command = plan

  variables {
    deletion_protection = false
    log_retention_days  = 7
    labels              = { team = "trees" }
    alerts              = { errors = 1, latency = 20, saturation = 50, channels = ["projects/trees-123456/notificationChannels/42"] }
  }

  assert {
    condition     = !google_cloud_run_v2_service.forest.deletion_protection && google_cloud_run_v2_service.forest.labels.team == "trees"
    error_message = "protection or labels are not heeded"
  }
  assert {
    condition     = google_monitoring_alert_policy.errors.conditions[0].condition_threshold[0].threshold_value == 0 && google_monitoring_alert_policy.latency.conditions[0].condition_threshold[0].threshold_value == 20 && google_monitoring_alert_policy.saturation.conditions[0].condition_threshold[0].threshold_value == 0.5
    error_message = "alerts are not heeded"
  }
  assert {
    condition     = alltrue([for policy in [google_monitoring_alert_policy.errors, google_monitoring_alert_policy.latency, google_monitoring_alert_policy.saturation] : policy.notification_channels[0] == "projects/trees-123456/notificationChannels/42"])
    error_message = "nobody hears of an alert"
  }
  assert {
    condition     = strcontains(google_monitoring_alert_policy.errors.conditions[0].condition_threshold[0].filter, "service_name = \"forest-dev\"")
    error_message = "alerts look at another service"
  }
}
