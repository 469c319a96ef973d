provider "google" {
  access_token = "test"
}

override_data {
  target = data.google_project.billed
  values = { number = "123456789012" }
}

variables {
  project     = "trees-123456"
  environment = "dev"
  instances   = { minimum = 1, maximum = 1 }
}

run "first_apply" {
  command = plan

  assert {
    condition     = output.bucket == "forest-dev-trees-123456" && output.registry == "europe-west1-docker.pkg.dev/trees-123456/forest-dev"
    error_message = "there is no place for a model and an image"
  }
  assert {
    condition     = output.endpoint_target == null && length(module.cloud_run) == 0 && length(module.vertex_ai) == 0
    error_message = "something serves without an image"
  }
  assert {
    condition     = toset(keys(google_project_service.used)) == toset(["artifactregistry", "containerscanning", "iam", "logging", "monitoring", "run", "storage"])
    error_message = "another set of APIs is turned on"
  }
  assert {
    condition     = length(google_billing_budget.month) == 0
    error_message = "a budget is set without an account"
  }
}

run "cloud_run" {
  command = plan

  variables {
    image = "europe-west1-docker.pkg.dev/trees-123456/forest-dev/forestd:1a2b3c"
    model = "gs://forest-dev-trees-123456/models/1a2b3c/model.joblib"
  }

  assert {
    condition     = length(module.cloud_run) == 1 && length(module.vertex_ai) == 0
    error_message = "another platform serves"
  }
}

run "vertex_ai" {
  command = plan

  variables {
    platform = "vertex-ai"
    image    = "europe-west1-docker.pkg.dev/trees-123456/forest-dev/forestd:1a2b3c"
    model    = "gs://forest-dev-trees-123456/models/1a2b3c/model.joblib"
  }

  assert {
    condition     = length(module.vertex_ai) == 1 && length(module.cloud_run) == 0
    error_message = "another platform serves"
  }
  assert {
    condition     = can(regex("^vertex://trees-123456/europe-west1/[0-9]{1,10}$", output.endpoint_target))
    error_message = "the target is not what forestd invoke takes"
  }
  assert {
    condition     = keys(output.deployments) == ["blue"] && contains(keys(google_project_service.used), "aiplatform")
    error_message = "not one deployment serves"
  }
}

run "vertex_ai_beside_the_former" {
  command = plan

  variables {
    platform = "vertex-ai"
    image    = "europe-west1-docker.pkg.dev/trees-123456/forest-dev/forestd:new"
    model    = "gs://forest-dev-trees-123456/models/1a2b3c/model.joblib"
    former   = { image = "europe-west1-docker.pkg.dev/trees-123456/forest-dev/forestd:1a2b3c", model = "gs://forest-dev-trees-123456/models/1a2b3c/model.joblib", traffic = 90 }
  }

  assert {
    condition     = output.deployments.green == run.vertex_ai.deployments.blue
    error_message = "what served before is started anew"
  }
}

run "budget_and_emails" {
  command = plan

  variables {
    emails = ["trees@example.com"]
    scan   = false
    labels = { team = "trees" }
    budget = { billing_account = "01ABCD-234567-89EFAB", amount = 200, currency = "EUR" }
  }

  assert {
    condition     = google_billing_budget.month[0].amount[0].specified_amount[0].units == "200" && google_billing_budget.month[0].amount[0].specified_amount[0].currency_code == "EUR"
    error_message = "another budget is set"
  }
  assert {
    condition     = google_billing_budget.month[0].budget_filter[0].projects == toset(["projects/123456789012"])
    error_message = "the budget counts other projects"
  }
  assert {
    condition     = google_monitoring_notification_channel.email["trees@example.com"].labels.email_address == "trees@example.com" && google_monitoring_notification_channel.email["trees@example.com"].user_labels.team == "trees"
    error_message = "nobody hears of it"
  }
  assert {
    condition     = contains(keys(google_project_service.used), "billingbudgets") && !contains(keys(google_project_service.used), "containerscanning")
    error_message = "another set of APIs is turned on"
  }
}

run "prod_is_protected" {
  command = plan

  variables {
    environment = "prod"
  }

  assert {
    condition     = local.lasts
    error_message = "prod may be deleted by mistake"
  }
}

run "until_it_is_not" {
  command = plan

  variables {
    environment = "prod"
    protected   = false
  }

  assert {
    condition     = !local.lasts
    error_message = "protected is not heeded"
  }
}

run "every_option_of_cloud_run" {
  command = plan

  variables {
    name               = "trees"
    location           = "europe-west4"
    kms_key_name       = "projects/trees-123456/locations/europe-west4/keyRings/trees/cryptoKeys/models"
    image              = "europe-west4-docker.pkg.dev/trees-123456/trees-dev/forestd:1a2b3c"
    instances          = { minimum = 0, maximum = 5 }
    cloud_run          = { cpu = "2", memory = "1Gi", concurrency = 16, always_allocated = true, ingress = "internal", public = true }
    rollout            = { percent = 10, revision = "trees-dev-00007-abc" }
    invokers           = ["serviceAccount:web@trees-123456.iam.gserviceaccount.com"]
    variables          = { FORESTD_LOG_LEVEL = "warn" }
    log_retention_days = 7
    alerts             = { errors = 1, latency = 20, saturation = 50 }
  }

  assert {
    condition     = output.bucket == "trees-dev-trees-123456" && output.log_bucket == "trees-dev" && length(module.cloud_run) == 1
    error_message = "the service is not what is asked"
  }
}

run "every_option_of_vertex_ai" {
  command = plan

  variables {
    platform  = "vertex-ai"
    image     = "europe-west1-docker.pkg.dev/trees-123456/forest-dev/forestd:1a2b3c"
    vertex_ai = { machine_type = "n2-standard-4", cpu_percent = 50, dedicated = true }
    invokers  = ["serviceAccount:web@trees-123456.iam.gserviceaccount.com"]
  }

  assert {
    condition     = length(module.vertex_ai) == 1 && output.deployments.blue != run.vertex_ai.deployments.blue
    error_message = "the deployment is the one of other machines"
  }
}
