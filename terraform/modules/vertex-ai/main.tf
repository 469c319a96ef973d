# A Vertex AI endpoint with one or two deployments, blue and green.
#
# The provider has no resource for a model and for its deployment: scripts/vertex-model does both, with gcloud. A deployment
# is named by a number that follows from all it consists of. So whatever is changed is another deployment: it is started
# beside the former one, then the requests move, and then the former one goes.

locals {
  script = "${path.module}/../../../scripts/vertex-model"
  # An endpoint's name is up to 10 digits, which the caller chooses.
  endpoint = tostring(parseint(substr(sha1("${var.project}/${var.location}/${var.name}"), 0, 8), 16))

  ids = {
    for colour, deployment in var.deployments : colour => tostring(parseint(substr(sha1(jsonencode([
      local.endpoint, deployment.image, deployment.model, deployment.machine_type, deployment.minimum, deployment.maximum,
      deployment.cpu_percent, var.environment,
    ])), 0, 8), 16))
  }
  traffic = join(",", [for colour, id in local.ids : "${id}=${var.deployments[colour].traffic}"])
}

resource "google_vertex_ai_endpoint" "forest" {
  project                    = var.project
  location                   = var.location
  region                     = var.location
  name                       = local.endpoint
  display_name               = var.name
  description                = "forestd"
  dedicated_endpoint_enabled = var.dedicated
  labels                     = var.labels

  # The script divides the requests, once there is something to divide them between.
  lifecycle {
    ignore_changes = [traffic_split]
  }
}

resource "terraform_data" "deployment" {
  for_each = { for colour, id in local.ids : id => var.deployments[colour] }

  # All that taking it away needs: nothing else is known then.
  input = {
    script   = local.script
    project  = var.project
    location = var.location
    endpoint = google_vertex_ai_endpoint.forest.name
    id       = each.key
    model    = "${var.name}-${each.key}"
  }

  provisioner "local-exec" {
    command = join(" ", [for word in concat(
      [self.input.script, "create", "--project", self.input.project, "--location", self.input.location],
      ["--endpoint", self.input.endpoint, "--id", self.input.id, "--model", self.input.model, "--image", each.value.image],
      ["--machine", each.value.machine_type, "--minimum", each.value.minimum, "--maximum", each.value.maximum],
      ["--cpu", each.value.cpu_percent],
      # Vertex AI copies the whole folder that the model lies in.
      each.value.model == null ? [] : ["--artifacts", replace(each.value.model, "//[^/]*$/", "")],
      length(var.environment) == 0 ? [] : ["--environment", join("|", [for key, value in var.environment : "${key}=${value}"])],
    ) : "'${word}'"])
  }

  provisioner "local-exec" {
    when = destroy
    command = join(" ", [for word in [
      self.input.script, "destroy", "--project", self.input.project, "--location", self.input.location,
      "--endpoint", self.input.endpoint, "--id", self.input.id, "--model", self.input.model,
    ] : "'${word}'"])
  }

  # The order above: what takes over is there, and has the requests, before anything goes.
  lifecycle {
    create_before_destroy = true
  }
}

resource "terraform_data" "traffic" {
  triggers_replace = [google_vertex_ai_endpoint.forest.id, local.traffic, keys(terraform_data.deployment)]

  provisioner "local-exec" {
    command = join(" ", [for word in [
      local.script, "update", "--project", var.project, "--location", var.location,
      "--endpoint", google_vertex_ai_endpoint.forest.name, "--traffic", local.traffic,
    ] : "'${word}'"])
  }
}

# Who may ask: this, and nothing else of Vertex AI.
resource "google_project_iam_custom_role" "invoker" {
  count = length(var.invokers) == 0 ? 0 : 1

  project     = var.project
  role_id     = "${replace(var.name, "-", "_")}_invoker"
  title       = "${var.name}: ask for predictions"
  permissions = ["aiplatform.endpoints.predict"]
}

resource "google_project_iam_member" "invokers" {
  for_each = toset(var.invokers)

  project = var.project
  role    = google_project_iam_custom_role.invoker[0].name
  member  = each.value
}

module "logs" {
  source = "../logs/google"

  project        = var.project
  location       = var.location
  name           = var.name
  filter         = "resource.type=\"aiplatform.googleapis.com/Endpoint\" AND resource.labels.endpoint_id=\"${local.endpoint}\" AND resource.labels.location=\"${var.location}\""
  retention_days = var.log_retention_days
}
