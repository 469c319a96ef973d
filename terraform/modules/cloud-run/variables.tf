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
  description = "Names the service and everything that belongs to it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,24}[a-z0-9])$", var.name))
    error_message = "name must be 2 to 26 small letters, digits and hyphens, such as forest-dev: a service account takes 30 characters, of which -run uses 4."
  }
}

variable "image" {
  description = "The image of forestd in Artifact Registry, by tag or digest; made for amd64."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9-]+-docker\\.pkg\\.dev/[a-z0-9:.-]+/[a-z0-9-]+/[a-z0-9._/-]+(:[A-Za-z0-9._-]+|@sha256:[0-9a-f]{64})$", var.image))
    error_message = "image must lie in Artifact Registry, with its tag or digest, such as europe-west1-docker.pkg.dev/trees-123456/forest-dev/forestd:1a2b3c; scripts/image --push prints it."
  }
  validation {
    condition     = !can(regex("[:._-](arm64|aarch64)$", var.image))
    error_message = "image is made for arm64, as its tag says, and Cloud Run starts amd64 alone: push one made by scripts/image --arch amd64."
  }
}

variable "model" {
  description = "The model's file in a bucket: gs://bucket/…/model.joblib. Null is the model in the image (scripts/image --model), which starts sooner."
  type        = string
  default     = null

  validation {
    condition     = var.model == null || can(regex("^gs://[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]/.+[^/]$", var.model))
    error_message = "model must be a file's address, such as gs://forest-dev-trees-123456/models/1a2b3c/model.joblib; scripts/upload prints it. Null is the model in the image."
  }
}

variable "port" {
  description = "The port that Cloud Run sends requests to; it tells forestd by PORT."
  type        = number
  default     = 8080
  nullable    = false

  validation {
    condition     = var.port >= 1 && var.port <= 65535 && floor(var.port) == var.port
    error_message = "port must be a whole number from 1 to 65535."
  }
}

variable "health_path" {
  description = "What the probes ask; 200 once the model is there."
  type        = string
  default     = "/ping"
  nullable    = false

  validation {
    condition     = startswith(var.health_path, "/") && !startswith(var.health_path, "/_ah/") && !contains(["/healthz", "/eventlog"], var.health_path)
    error_message = "health_path must begin with / and may not be /healthz, /eventlog or below /_ah/: Google's front end keeps those for itself. forestd answers /ping and /health."
  }
}

variable "startup_seconds" {
  description = "How long an instance may take until the model is there."
  type        = number
  default     = 120
  nullable    = false

  validation {
    condition     = var.startup_seconds >= 1 && var.startup_seconds <= 240 && floor(var.startup_seconds) == var.startup_seconds
    error_message = "startup_seconds must be a whole number from 1 to 240, the most that Cloud Run waits. A packed model (forestd pack) starts sooner."
  }
}

variable "instances" {
  description = "How many instances: minimum are always there (0 is none while nobody asks), up to maximum are started."
  type = object({
    minimum = optional(number, 1)
    maximum = optional(number, 1)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.instances.minimum >= 0 && var.instances.maximum >= max(1, var.instances.minimum) && var.instances.maximum <= 1000 && floor(var.instances.minimum) == var.instances.minimum && floor(var.instances.maximum) == var.instances.maximum
    error_message = "instances: 0 <= minimum <= maximum, and maximum from 1 to 1000, both whole numbers."
  }
}

variable "concurrency" {
  description = "Requests that an instance answers at once before another one is started: forestd bench prints it as concurrency."
  type        = number
  default     = 80
  nullable    = false

  validation {
    condition     = var.concurrency >= 1 && var.concurrency <= 1000 && floor(var.concurrency) == var.concurrency
    error_message = "concurrency must be a whole number from 1 to 1000."
  }
}

variable "cpu" {
  description = "Processors of an instance: 1, 2, 4, 6 or 8."
  type        = string
  default     = "1"
  nullable    = false

  validation {
    condition     = contains(["1", "2", "4", "6", "8"], var.cpu)
    error_message = "cpu must be 1, 2, 4, 6 or 8: with less than one processor Cloud Run lets an instance answer one request at a time."
  }
}

variable "memory" {
  description = "Memory of an instance, such as 512Mi or 2Gi: the model as forestd inspect shows it, and what the requests under way hold."
  type        = string
  default     = "512Mi"
  nullable    = false

  validation {
    condition     = can(regex("^[1-9][0-9]*(Mi|Gi)$", var.memory))
    error_message = "memory must be a whole number of Mi or Gi, such as 512Mi."
  }
  validation {
    condition = try(
      tonumber(regex("^[0-9]+", var.memory)) * (endswith(var.memory, "Gi") ? 1024 : 1) >= max(512, { "1" = 512, "2" = 512, "4" = 2048, "6" = 4096, "8" = 4096 }[var.cpu])
      && tonumber(regex("^[0-9]+", var.memory)) * (endswith(var.memory, "Gi") ? 1024 : 1) <= min(32768, tonumber(var.cpu) * 4096)
    , true)
    error_message = "memory must be from 512Mi (4 processors: 2Gi; 6 and 8: 4Gi) to 4Gi a processor, at most 32Gi: Cloud Run takes no other pairs."
  }
}

variable "always_allocated" {
  description = "Gives an instance its processors between requests too, and bills it by the hour instead of by the request."
  type        = bool
  default     = false
  nullable    = false
}

variable "timeout_seconds" {
  description = "How long a request may take."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.timeout_seconds >= 1 && var.timeout_seconds <= 3600 && floor(var.timeout_seconds) == var.timeout_seconds
    error_message = "timeout_seconds must be a whole number from 1 to 3600."
  }
}

variable "environment" {
  description = "Environment variables for forestd, such as FORESTD_LOG_LEVEL."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key, value in var.environment : can(regex("^[A-Za-z_][A-Za-z0-9_]*$", key)) && length(value) <= 32768 && key != "PORT" && !startswith(key, "K_")])
    error_message = "environment: names of letters, digits and _, values of up to 32768 characters; Cloud Run itself sets PORT and everything that begins with K_."
  }
  validation {
    condition     = !contains(keys(var.environment), "FORESTD_MODEL")
    error_message = "environment may not hold FORESTD_MODEL: the variable model is for that, and also lets the service read it."
  }
}

variable "ingress" {
  description = "From where requests are taken: all, internal (the project's networks), or load-balancer (and Google's load balancers)."
  type        = string
  default     = "all"
  nullable    = false

  validation {
    condition     = contains(["all", "internal", "load-balancer"], var.ingress)
    error_message = "ingress must be all, internal or load-balancer."
  }
}

variable "invokers" {
  description = "Who may ask, such as serviceAccount:web@trees-123456.iam.gserviceaccount.com."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for member in var.invokers : can(regex("^(user|serviceAccount|group|domain|principal|principalSet):.+$", member))])
    error_message = "invokers must be members of IAM, such as user:a@b.c, serviceAccount:…, group:… or domain:…; everyone is public = true."
  }
}

variable "public" {
  description = "Lets everyone ask, without a token."
  type        = bool
  default     = false
  nullable    = false
}

variable "rollout" {
  description = "Percent of the requests that go to the newest revision; the rest goes to the revision that is named. percent 0 is back to that one."
  type = object({
    percent  = optional(number, 100)
    revision = optional(string)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.rollout.percent >= 0 && var.rollout.percent <= 100 && floor(var.rollout.percent) == var.rollout.percent
    error_message = "rollout.percent must be a whole number from 0 to 100."
  }
  validation {
    condition     = var.rollout.percent == 100 || var.rollout.revision != null
    error_message = "rollout.revision must name the revision that gets the rest: output revision of the last apply."
  }
}

variable "deletion_protection" {
  description = "Refuses to delete the service."
  type        = bool
  default     = true
  nullable    = false
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
  description = "When to raise an alert: answers with 5xx in a minute, milliseconds that 99 of 100 answers take, percent of the processors; and the notification channels that hear of it."
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
