variable "project" {
  description = "The project's id (not its number)."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "project must be a project's id, 6 to 30 small letters, digits and hyphens, such as trees-123456: gcloud projects list shows it as PROJECT_ID."
  }
}

variable "location" {
  description = "The region to serve from."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]{1,2}$", var.location))
    error_message = "location must be a region, such as europe-west1; a zone (europe-west1-b) is not one."
  }
}

variable "name" {
  description = "Names the endpoint and everything that belongs to it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,50}[a-z0-9])$", var.name))
    error_message = "name must be 2 to 52 small letters, digits and hyphens, such as forest-dev: a model in the registry takes 63 characters, of which its number uses 11."
  }
}

variable "deployments" {
  description = "What serves, as blue, green or both: the image in Artifact Registry (for amd64), the model's file in a bucket (gs://bucket/…/model.joblib; Vertex AI takes its whole folder; null is the model in the image), machines, how many of them (more than minimum above cpu_percent of their processors), and the percent of the requests."
  type = map(object({
    image        = string
    model        = optional(string)
    machine_type = optional(string, "n2-standard-2")
    minimum      = optional(number, 1)
    maximum      = optional(number, 1)
    cpu_percent  = optional(number, 70)
    traffic      = optional(number, 100)
  }))
  nullable = false

  validation {
    condition     = length(var.deployments) >= 1 && alltrue([for colour in keys(var.deployments) : contains(["blue", "green"], colour)])
    error_message = "deployments must be blue, green, or both."
  }
  validation {
    condition     = sum(concat([0], [for deployment in values(var.deployments) : deployment.traffic])) == 100 && alltrue([for deployment in values(var.deployments) : deployment.traffic >= 0 && floor(deployment.traffic) == deployment.traffic])
    error_message = "deployments: the traffic of all must be whole numbers that add up to 100."
  }
  validation {
    condition     = length(distinct([for deployment in values(var.deployments) : merge(deployment, { traffic = 0 })])) == length(var.deployments)
    error_message = "deployments: blue and green are the same. One of them with traffic = 100 is enough."
  }
  validation {
    condition     = alltrue([for deployment in values(var.deployments) : can(regex("^[a-z0-9-]+-docker\\.pkg\\.dev/[a-z0-9:.-]+/[a-z0-9-]+/[a-z0-9._/-]+(:[A-Za-z0-9._-]+|@sha256:[0-9a-f]{64})$", deployment.image))])
    error_message = "deployments: image must lie in Artifact Registry, with its tag or digest, such as europe-west1-docker.pkg.dev/trees-123456/forest-dev/forestd:1a2b3c; scripts/image --push prints it."
  }
  validation {
    condition     = alltrue([for deployment in values(var.deployments) : contains([var.location, split("-", var.location)[0]], try(regex("^([a-z0-9-]+)-docker\\.pkg\\.dev/", deployment.image)[0], var.location))])
    error_message = "deployments: Vertex AI takes an image only from a repository in the region that it serves from."
  }
  validation {
    condition     = alltrue([for deployment in values(var.deployments) : deployment.model == null || can(regex("^gs://[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]/[^'/]+/[^']*[^'/]$", deployment.model))])
    error_message = "deployments: model must be a file in a folder of its own, such as gs://forest-dev-trees-123456/models/1a2b3c/model.joblib; scripts/upload prints it. Null is the model in the image."
  }
  validation {
    condition     = alltrue([for deployment in values(var.deployments) : can(regex("^(n1|n2|n2d|e2|c2|c2d|c3)-(standard|highcpu|highmem)-[0-9]+$", deployment.machine_type))])
    error_message = "deployments: machine_type must be one of Compute Engine's for amd64, such as n2-standard-2 or c2-standard-4; the image is not made for others."
  }
  validation {
    condition     = alltrue([for deployment in values(var.deployments) : deployment.minimum >= 1 && deployment.maximum >= deployment.minimum && floor(deployment.minimum) == deployment.minimum && floor(deployment.maximum) == deployment.maximum])
    error_message = "deployments: 1 <= minimum <= maximum, both whole numbers; Vertex AI does not go down to 0."
  }
  validation {
    condition     = alltrue([for deployment in values(var.deployments) : deployment.cpu_percent >= 1 && deployment.cpu_percent <= 100 && floor(deployment.cpu_percent) == deployment.cpu_percent])
    error_message = "deployments: cpu_percent must be a whole number from 1 to 100."
  }
  validation {
    condition     = alltrue([for deployment in values(var.deployments) : !can(regex("[:._-](arm64|aarch64)$", deployment.image))])
    error_message = "deployments: image is made for arm64, as its tag says, and Vertex AI starts amd64 alone: push one made by scripts/image --arch amd64."
  }
}

variable "environment" {
  description = "Environment variables for forestd, such as FORESTD_LOG_LEVEL."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key, value in var.environment : can(regex("^[A-Za-z_][A-Za-z0-9_]*$", key)) && !can(regex("['|]", value)) && !startswith(key, "AIP_")])
    error_message = "environment: names of letters, digits and _, values without ' and |; Vertex AI itself sets everything that begins with AIP_."
  }
}

variable "dedicated" {
  description = "Gives the endpoint a host of its own: requests of up to 10 MB (not 1.5) and up to an hour (not a minute), and no neighbours."
  type        = bool
  default     = false
  nullable    = false
}

variable "invokers" {
  description = "Who may ask, beside those who may do more in the project, such as serviceAccount:web@trees-123456.iam.gserviceaccount.com. Google grants it for all endpoints of the project."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for member in var.invokers : can(regex("^(user|serviceAccount|group|domain|principal|principalSet):.+$", member))])
    error_message = "invokers must be members of IAM, such as user:a@b.c, serviceAccount:…, group:… or domain:…; an endpoint of Vertex AI is never public."
  }
}

variable "log_retention_days" {
  description = "Days that log lines are kept."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.log_retention_days >= 1 && var.log_retention_days <= 3650 && floor(var.log_retention_days) == var.log_retention_days
    error_message = "log_retention_days must be a whole number from 1 to 3650."
  }
}

variable "alerts" {
  description = "When to raise an alert: failed requests in a minute, milliseconds that 99 of 100 answers take, percent of the processors; and the notification channels that hear of it."
  type = object({
    errors     = optional(number, 5)
    latency    = optional(number, 100)
    saturation = optional(number, 80)
    channels   = optional(list(string), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.alerts.errors >= 1 && var.alerts.latency > 0
    error_message = "alerts: errors must be 1 or more, latency above 0."
  }
  validation {
    condition     = var.alerts.saturation > 0 && var.alerts.saturation <= 100
    error_message = "alerts.saturation is a percentage: above 0 and at most 100."
  }
  validation {
    condition     = alltrue([for channel in var.alerts.channels : can(regex("^projects/[^/]+/notificationChannels/[0-9]+$", channel))])
    error_message = "alerts.channels must be notification channels' full names: projects/P/notificationChannels/1234."
  }
}

variable "labels" {
  description = "Labels for everything made here that takes some."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(var.labels) <= 64 && alltrue([for key, value in var.labels : can(regex("^[a-z][a-z0-9_-]{0,62}$", key)) && can(regex("^[a-z0-9_-]{0,63}$", value))])
    error_message = "Google takes up to 64 labels of small letters, digits, _ and -, up to 63 characters each, whose names begin with a letter."
  }
}
