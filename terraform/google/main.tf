# forestd on Google: models and images, and one platform that serves them.
#
# Without an image there is only the place to put one, and the model: that is the first apply.

locals {
  name   = "${var.name}-${var.environment}"
  lasts  = coalesce(var.protected, var.environment == "prod")
  serves = var.image == null ? "nothing" : var.platform
  labels = merge({ application = "forestd", environment = var.environment }, var.labels)
  alerts = merge(var.alerts, { channels = [for channel in google_monitoring_notification_channel.email : channel.id] })
  services = concat(
    ["artifactregistry", "iam", "logging", "monitoring", "storage", { cloud-run = "run", vertex-ai = "aiplatform" }[var.platform]],
    var.scan ? ["containerscanning"] : [],
    var.budget == null ? [] : ["billingbudgets"],
  )
}

resource "google_project_service" "used" {
  for_each = toset(local.services)

  project            = var.project
  service            = "${each.value}.googleapis.com"
  disable_on_destroy = false
}

module "artifacts" {
  source = "../modules/artifacts/google"

  project      = var.project
  location     = var.location
  name         = local.name
  kms_key_name = var.kms_key_name
  scan         = var.scan
  deletable    = !local.lasts
  labels       = local.labels

  depends_on = [google_project_service.used]
}

module "cloud_run" {
  source = "../modules/cloud-run"
  count  = local.serves == "cloud-run" ? 1 : 0

  project             = var.project
  location            = var.location
  name                = local.name
  image               = var.image
  model               = var.model
  instances           = var.instances
  concurrency         = var.cloud_run.concurrency
  cpu                 = var.cloud_run.cpu
  memory              = var.cloud_run.memory
  always_allocated    = var.cloud_run.always_allocated
  ingress             = var.cloud_run.ingress
  public              = var.cloud_run.public
  rollout             = var.rollout
  invokers            = var.invokers
  environment         = var.variables
  deletion_protection = local.lasts
  log_retention_days  = var.log_retention_days
  alerts              = local.alerts
  labels              = local.labels

  depends_on = [google_project_service.used, module.artifacts]
}

module "vertex_ai" {
  source = "../modules/vertex-ai"
  count  = local.serves == "vertex-ai" ? 1 : 0

  project  = var.project
  location = var.location
  name     = local.name
  deployments = { for colour, deployment in {
    blue  = { image = var.image, model = var.model, traffic = var.former == null ? 100 : 100 - var.former.traffic }
    green = var.former
    } : colour => merge(deployment, {
      machine_type = var.vertex_ai.machine_type
      minimum      = var.instances.minimum
      maximum      = var.instances.maximum
      cpu_percent  = var.vertex_ai.cpu_percent
  }) if deployment != null }
  dedicated          = var.vertex_ai.dedicated
  invokers           = var.invokers
  environment        = var.variables
  log_retention_days = var.log_retention_days
  alerts             = local.alerts
  labels             = local.labels

  depends_on = [google_project_service.used, module.artifacts]
}

resource "google_monitoring_notification_channel" "email" {
  for_each = toset(var.emails)

  project      = var.project
  display_name = "${local.name}: ${each.value}"
  type         = "email"
  labels       = { email_address = each.value }
  user_labels  = local.labels

  depends_on = [google_project_service.used]
}

data "google_project" "billed" {
  count = var.budget == null ? 0 : 1

  project_id = var.project
}

resource "google_billing_budget" "month" {
  count = var.budget == null ? 0 : 1

  billing_account = var.budget.billing_account
  display_name    = local.name

  budget_filter {
    projects = ["projects/${data.google_project.billed[0].number}"]
  }

  amount {
    specified_amount {
      units         = tostring(var.budget.amount)
      currency_code = var.budget.currency
    }
  }

  threshold_rules {
    threshold_percent = 0.5
  }
  threshold_rules {
    threshold_percent = 0.9
  }
  threshold_rules {
    threshold_percent = 1
    spend_basis       = "FORECASTED_SPEND"
  }

  dynamic "all_updates_rule" {
    for_each = length(var.emails) == 0 ? [] : [1]

    content {
      monitoring_notification_channels = [for channel in google_monitoring_notification_channel.email : channel.id]
    }
  }

  depends_on = [google_project_service.used]
}
