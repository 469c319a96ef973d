provider "google" {
  access_token = "test"
}

variables {
  project  = "trees-123456"
  location = "europe-west1"
  name     = "forest-dev"
  deployments = {
    blue = {
      image = "europe-west1-docker.pkg.dev/trees-123456/forest-dev/forestd:1a2b3c"
      model = "gs://forest-dev-trees-123456/models/1a2b3c/model.joblib"
    }
  }
}

run "defaults" {
  command = plan

  assert {
    condition     = can(regex("^[1-9][0-9]{0,9}$", google_vertex_ai_endpoint.forest.name)) && google_vertex_ai_endpoint.forest.display_name == "forest-dev"
    error_message = "Vertex AI takes only digits as the name"
  }
  assert {
    condition     = !google_vertex_ai_endpoint.forest.dedicated_endpoint_enabled && output.target == "vertex://trees-123456/europe-west1/${google_vertex_ai_endpoint.forest.name}"
    error_message = "the target is not what forestd invoke takes"
  }
  assert {
    condition     = can(regex("^[0-9]{1,10}$", output.deployments.blue)) && keys(terraform_data.deployment) == [output.deployments.blue]
    error_message = "the deployment has another number"
  }
  assert {
    condition     = terraform_data.deployment[output.deployments.blue].input.model == "forest-dev-${output.deployments.blue}" && endswith(terraform_data.deployment[output.deployments.blue].input.script, "scripts/vertex-model")
    error_message = "the script is called with other words"
  }
  assert {
    condition     = terraform_data.traffic.triggers_replace[1] == "${output.deployments.blue}=100"
    error_message = "the deployment does not get all requests"
  }
  assert {
    condition     = length(google_project_iam_member.invokers) == 0 && length(google_project_iam_custom_role.invoker) == 0
    error_message = "others may ask"
  }
  assert {
    condition     = google_monitoring_alert_policy.errors.conditions[0].condition_threshold[0].threshold_value == 4 && google_monitoring_alert_policy.latency.conditions[0].condition_threshold[0].threshold_value == 100 && google_monitoring_alert_policy.saturation.conditions[0].condition_threshold[0].threshold_value == 0.8
    error_message = "alerts are raised at other numbers"
  }
}

run "blue_and_green" {
  command = plan

  variables {
    deployments = {
      blue  = { image = "europe-west1-docker.pkg.dev/trees-123456/forest-dev/forestd:old", model = "gs://b-0/models/old/model.joblib", traffic = 90 }
      green = { image = "europe-docker.pkg.dev/trees-123456/forest-dev/forestd:new", machine_type = "c2-standard-4", minimum = 3, maximum = 10, cpu_percent = 60, traffic = 10 }
    }
  }

  assert {
    condition     = length(terraform_data.deployment) == 2 && output.deployments.blue != output.deployments.green
    error_message = "there are not two"
  }
  assert {
    condition     = terraform_data.traffic.triggers_replace[1] == "${output.deployments.blue}=90,${output.deployments.green}=10"
    error_message = "the requests are divided otherwise"
  }
}

run "same_whatever_the_colour" {
  command = plan

  variables {
    deployments = {
      green = { image = "europe-west1-docker.pkg.dev/trees-123456/forest-dev/forestd:1a2b3c", model = "gs://forest-dev-trees-123456/models/1a2b3c/model.joblib" }
    }
  }

  assert {
    condition     = output.deployments.green == run.defaults.deployments.blue
    error_message = "a deployment that only changes its colour is started anew"
  }
}

run "variables_are_part_of_it" {
  command = plan

  variables {
    environment = { FORESTD_LOG_LEVEL = "warn" }
  }

  assert {
    condition     = output.deployments.blue != run.defaults.deployments.blue
    error_message = "other variables are not another deployment"
  }
}

run "dedicated" {
  command = plan

  variables {
    dedicated = true
  }

  assert {
    condition     = google_vertex_ai_endpoint.forest.dedicated_endpoint_enabled
    error_message = "dedicated is not heeded"
  }
}

run "who_may_ask" {
  command = plan

  variables {
    invokers = ["group:web@example.com"]
  }

  assert {
    condition     = google_project_iam_custom_role.invoker[0].permissions == toset(["aiplatform.endpoints.predict"]) && google_project_iam_custom_role.invoker[0].role_id == "forest_dev_invoker"
    error_message = "they may do more than ask"
  }
  assert {
    condition     = keys(google_project_iam_member.invokers) == ["group:web@example.com"]
    error_message = "others may ask"
  }
}

run "logs_alerts_and_labels" {
  command = plan

  variables {
    log_retention_days = 7
    labels             = { team = "trees" }
    alerts             = { errors = 1, latency = 20, saturation = 50, channels = ["projects/trees-123456/notificationChannels/42"] }
  }

  assert {
    condition     = google_vertex_ai_endpoint.forest.labels.team == "trees"
    error_message = "labels are not heeded"
  }
  assert {
    condition     = google_monitoring_alert_policy.errors.conditions[0].condition_threshold[0].threshold_value == 0 && google_monitoring_alert_policy.latency.conditions[0].condition_threshold[0].threshold_value == 20 && google_monitoring_alert_policy.saturation.conditions[0].condition_threshold[0].threshold_value == 0.5
    error_message = "alerts are not heeded"
  }
  assert {
    condition     = alltrue([for policy in [google_monitoring_alert_policy.errors, google_monitoring_alert_policy.latency, google_monitoring_alert_policy.saturation] : policy.notification_channels[0] == "projects/trees-123456/notificationChannels/42"])
    error_message = "nobody hears of an alert"
  }
}
