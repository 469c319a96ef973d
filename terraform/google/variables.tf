variable "project" {
  description = "The project's id (not its number): -var project=… or TF_VAR_project."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "project must be a project's id, 6 to 30 small letters, digits and hyphens, such as trees-123456: gcloud projects list shows it as PROJECT_ID."
  }
}

variable "location" {
  description = "The region for everything."
  type        = string
  default     = "europe-west1"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]{1,2}$", var.location))
    error_message = "location must be a region, such as europe-west1; a zone (europe-west1-b) or a multi-region (EU) is not one."
  }
}

variable "environment" {
  description = "dev, staging or prod; environments/ has a file for each."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["dev", "staging", "prod"], var.environment)
    error_message = "environment must be dev, staging or prod: -var-file=environments/dev.tfvars sets it."
  }
}

variable "name" {
  description = "Names everything, with the environment behind it."
  type        = string
  default     = "forest"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,16}[a-z0-9])?$", var.name))
    error_message = "name must be 1 to 18 small letters, digits and hyphens: with -staging behind it, the service's account may have 26."
  }
  validation {
    condition     = !strcontains(var.name, "google") && !startswith(var.name, "goog")
    error_message = "name may not begin with goog nor hold google: Google refuses such buckets."
  }
}

variable "platform" {
  description = "What serves: cloud-run or vertex-ai."
  type        = string
  default     = "cloud-run"
  nullable    = false

  validation {
    condition     = contains(["cloud-run", "vertex-ai"], var.platform)
    error_message = "platform must be cloud-run or vertex-ai."
  }
}

variable "image" {
  description = "The image of forestd, made for amd64, as scripts/image --push prints it. Null makes only the bucket and the repository."
  type        = string
  default     = null

  validation {
    condition     = var.image == null || can(regex("^[a-z0-9-]+-docker\\.pkg\\.dev/[a-z0-9:.-]+/[a-z0-9-]+/[a-z0-9._/-]+(:[A-Za-z0-9._-]+|@sha256:[0-9a-f]{64})$", var.image))
    error_message = "image must lie in Artifact Registry, with its tag or digest, such as europe-west1-docker.pkg.dev/trees-123456/forest-dev/forestd:1a2b3c; scripts/image --push prints it."
  }
  validation {
    condition     = var.image == null || !can(regex("[:._-](arm64|aarch64)$", var.image))
    error_message = "image is made for arm64, as its tag says, and Cloud Run and Vertex AI start amd64 alone: push one made by scripts/image --arch amd64."
  }
}

variable "model" {
  description = "The model's file, as scripts/upload prints it: gs://bucket/…/model.joblib. Null is the model in the image."
  type        = string
  default     = null

  validation {
    condition     = var.model == null || can(regex("^gs://[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]/[^'/]+/[^']*[^'/]$", var.model))
    error_message = "model must be a file in a folder of its own, such as gs://forest-dev-trees-123456/models/1a2b3c/model.joblib; scripts/upload prints it."
  }
}

variable "former" {
  description = "Vertex AI: what served before, and the percent of the requests that it keeps for now."
  type = object({
    image   = string
    model   = optional(string)
    traffic = number
  })
  default = null

  validation {
    condition     = var.former == null || var.platform == "vertex-ai"
    error_message = "former is for vertex-ai; on Cloud Run the former revision is named in rollout."
  }
  validation {
    condition     = try(var.former.traffic >= 0 && var.former.traffic <= 100, var.former == null)
    error_message = "former.traffic is a percentage, from 0 to 100; 100 is back to what served before."
  }
}

variable "instances" {
  description = "How many instances: minimum always, up to maximum as requests come."
  type = object({
    minimum = number
    maximum = number
  })
  nullable = false

  validation {
    condition     = var.instances.minimum >= (var.platform == "cloud-run" ? 0 : 1) && var.instances.maximum >= max(1, var.instances.minimum)
    error_message = "instances: minimum <= maximum, and minimum at least 1; only Cloud Run goes down to 0."
  }
}

variable "cloud_run" {
  description = "The service's size and who reaches it: see modules/cloud-run. forestd bench prints concurrency."
  type = object({
    cpu              = optional(string, "1")
    memory           = optional(string, "512Mi")
    concurrency      = optional(number, 80)
    always_allocated = optional(bool, false)
    ingress          = optional(string, "all")
    public           = optional(bool, false)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.cloud_run.concurrency >= 1 && var.cloud_run.concurrency <= 1000
    error_message = "cloud_run.concurrency must be from 1 to 1000."
  }
}

variable "rollout" {
  description = "Cloud Run: percent of the requests that go to the newest revision; the rest goes to the revision that is named. percent 0 is back to that one."
  type = object({
    percent  = optional(number, 100)
    revision = optional(string)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.rollout.percent >= 0 && var.rollout.percent <= 100 && (var.rollout.percent == 100 || var.rollout.revision != null)
    error_message = "rollout.percent must be from 0 to 100, and below 100 rollout.revision must name who gets the rest: output revision of the last apply."
  }
  validation {
    condition     = var.platform == "cloud-run" || var.rollout.percent == 100
    error_message = "rollout is for cloud-run; on Vertex AI what served before is named in former."
  }
}

variable "vertex_ai" {
  description = "The machines, the percent of their processors above which one is added, and whether the endpoint has its own host: see modules/vertex-ai."
  type = object({
    machine_type = optional(string, "n2-standard-2")
    cpu_percent  = optional(number, 70)
    dedicated    = optional(bool, false)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.vertex_ai.cpu_percent >= 1 && var.vertex_ai.cpu_percent <= 100
    error_message = "vertex_ai.cpu_percent must be from 1 to 100."
  }
}

variable "invokers" {
  description = "Who may ask, such as serviceAccount:web@trees-123456.iam.gserviceaccount.com."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for member in var.invokers : can(regex("^(user|serviceAccount|group|domain|principal|principalSet):.+$", member))])
    error_message = "invokers must be members of IAM, such as user:a@b.c, serviceAccount:…, group:… or domain:…."
  }
}

variable "variables" {
  description = "Environment variables for forestd, such as FORESTD_LOG_LEVEL."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key, value in var.variables : can(regex("^[A-Za-z_][A-Za-z0-9_]*$", key))])
    error_message = "variables: names of letters, digits and _."
  }
}

variable "kms_key_name" {
  description = "A key of your own in Cloud KMS for bucket and repository; null is Google's own keys. The service agents of Cloud Storage and Artifact Registry must be allowed to use it."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_name == null || can(regex("^projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+$", var.kms_key_name))
    error_message = "kms_key_name must be a key's full name without a version: projects/P/locations/L/keyRings/R/cryptoKeys/K."
  }
}

variable "scan" {
  description = "Looks for known weaknesses in every image pushed; billed by the image."
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
  description = "When to raise an alert: failed requests in a minute, milliseconds that 99 of 100 answers take, percent of the processors."
  type = object({
    errors     = optional(number, 5)
    latency    = optional(number, 100)
    saturation = optional(number, 80)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.alerts.errors >= 1 && var.alerts.latency > 0 && var.alerts.saturation > 0 && var.alerts.saturation <= 100
    error_message = "alerts: errors must be 1 or more, latency above 0, saturation above 0 and at most 100."
  }
}

variable "emails" {
  description = "Who hears of alerts and of the budget."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for email in var.emails : can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", email))])
    error_message = "emails must be addresses, such as trees@example.com."
  }
}

variable "budget" {
  description = "What the project may cost a month, and the billing account that pays; null sets none. It warns, it does not stop anything."
  type = object({
    billing_account = string
    amount          = number
    currency        = optional(string)
  })
  default = null

  validation {
    condition     = try(can(regex("^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$", var.budget.billing_account)), false) || var.budget == null
    error_message = "budget.billing_account must be an id such as 01ABCD-234567-89EFAB: gcloud billing accounts list."
  }
  validation {
    condition     = try(var.budget.amount >= 1 && floor(var.budget.amount) == var.budget.amount, var.budget == null)
    error_message = "budget.amount must be a whole number, 1 or more."
  }
  validation {
    condition     = try(var.budget.currency == null || can(regex("^[A-Z]{3}$", var.budget.currency)), true)
    error_message = "budget.currency must be the billing account's, such as EUR; null is just that."
  }
}

variable "protected" {
  description = "Refuses to delete the service, and a bucket with models in it. Null: in prod."
  type        = bool
  default     = null
}

variable "labels" {
  description = "Further labels for everything that takes some, beside application and environment."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(var.labels) <= 60 && alltrue([for key, value in var.labels : can(regex("^[a-z][a-z0-9_-]{0,62}$", key)) && can(regex("^[a-z0-9_-]{0,63}$", value))])
    error_message = "Google takes labels of small letters, digits, _ and -, up to 63 characters each, whose names begin with a letter; here up to 60."
  }
}
