variable "subscription_id" {
  description = "The subscription: -var subscription_id=… or TF_VAR_subscription_id."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", var.subscription_id))
    error_message = "subscription_id must be a subscription's id, such as 01234567-89ab-cdef-0123-456789abcdef: az account show --query id."
  }
}

variable "location" {
  description = "The region for everything."
  type        = string
  default     = "westeurope"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]+[a-z0-9]*$", var.location))
    error_message = "location must be a region's short name, such as westeurope: az account list-locations shows it as Name."
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
    condition     = can(regex("^[a-z]([a-z0-9-]{0,8}[a-z0-9])?$", var.name)) && !strcontains(var.name, "--")
    error_message = "name must be 1 to 10 small letters, digits and single hyphens: with -staging behind it and six characters more, a key vault and a storage account may have 24."
  }
}

variable "image" {
  description = "The image of forestd, made for amd64, as scripts/image --push prints it. Null makes only the container and the registry."
  type        = string
  default     = null

  validation {
    condition     = var.image == null || can(regex("^[a-z0-9]+\\.azurecr\\.[a-z.]+/[a-z0-9._/-]+(:[A-Za-z0-9._-]+|@sha256:[0-9a-f]{64})$", var.image))
    error_message = "image must lie in Azure's registry, with its tag or digest, such as forestdev1a2b3c.azurecr.io/forestd:1a2b3c; scripts/image --push prints it."
  }
  validation {
    condition     = var.image == null || !can(regex("[:._-](arm64|aarch64)$", var.image))
    error_message = "image is made for arm64, as its tag says, and Azure ML starts amd64 alone: push one made by scripts/image --arch amd64."
  }
}

variable "model" {
  description = "The model's file, as scripts/upload prints it: https://ACCOUNT.blob.core.windows.net/models/…/model.joblib. Null is the model in the image."
  type        = string
  default     = null

  validation {
    condition     = var.model == null || can(regex("^https://[a-z0-9]{3,24}\\.blob\\.[a-z.]+/[a-z0-9-]+/.+[^/]$", var.model))
    error_message = "model must be a file in the container with the models, such as https://forestdev1a2b3c.blob.core.windows.net/models/1a2b3c/model.joblib; scripts/upload prints it."
  }
}

variable "colour" {
  description = "The deployment that image and model are for: blue or green. The other one is former's."
  type        = string
  default     = "blue"
  nullable    = false

  validation {
    condition     = contains(["blue", "green"], var.colour)
    error_message = "colour must be blue or green."
  }
}

variable "former" {
  description = "What the other deployment serves, and the percent of the requests that it keeps for now; null takes it away."
  type = object({
    image   = string
    model   = optional(string)
    traffic = number
  })
  default = null

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
    condition     = var.instances.minimum >= 1 && var.instances.maximum >= var.instances.minimum && var.instances.maximum <= 50
    error_message = "instances: 1 <= minimum <= maximum <= 50; Azure ML does not go down to 0."
  }
}

variable "size" {
  description = "The instances, what one of them answers in a minute (forestd bench prints it) and at once, and the percent of its processors above which one is added: see modules/azure-ml."
  type = object({
    instance_type       = optional(string, "Standard_F2s_v2")
    requests_per_minute = optional(number)
    concurrency         = optional(number, 64)
    cpu_percent         = optional(number, 70)
  })
  default  = {}
  nullable = false

  validation {
    condition     = startswith(var.size.instance_type, "Standard_")
    error_message = "size.instance_type must be one of Azure's, such as Standard_F2s_v2."
  }
}

variable "auth" {
  description = "What callers show: AADToken (a token of Microsoft Entra), AMLToken (one of the endpoint's own, for a while) or Key (one that lasts)."
  type        = string
  default     = "AADToken"
  nullable    = false

  validation {
    condition     = contains(["AADToken", "AMLToken", "Key"], var.auth)
    error_message = "auth must be AADToken, AMLToken or Key."
  }
}

variable "public_network" {
  description = "Takes requests from the internet (with a token or key); false leaves private endpoints."
  type        = bool
  default     = true
  nullable    = false
}

variable "invokers" {
  description = "Who may ask: object ids of users, groups, applications or managed identities."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for id in var.invokers : can(regex("^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", id))])
    error_message = "invokers must be object ids, such as 01234567-89ab-cdef-0123-456789abcdef: az ad signed-in-user show --query id."
  }
}

variable "uploaders" {
  description = "Who may upload models and push images: object ids, yours and the pipeline's."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for id in var.uploaders : can(regex("^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", id))])
    error_message = "uploaders must be object ids, such as 01234567-89ab-cdef-0123-456789abcdef: az ad signed-in-user show --query id."
  }
}

variable "scan" {
  description = "Lets Microsoft Defender look for known weaknesses in every image pushed: in all registries of the subscription, billed there by the image, and still so when this is destroyed."
  type        = bool
  default     = false
  nullable    = false
}

variable "variables" {
  description = "Environment variables for forestd, such as FORESTD_LOG_LEVEL."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.variables) : can(regex("^[A-Za-z_][A-Za-z0-9_]*$", key))])
    error_message = "variables: names of letters, digits and _."
  }
}

variable "log_retention_days" {
  description = "Days that log lines are kept."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.log_retention_days >= 30 && var.log_retention_days <= 730 && floor(var.log_retention_days) == var.log_retention_days
    error_message = "log_retention_days must be a whole number from 30 to 730, as Log Analytics has it."
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
  description = "Who hears of alerts and, beside the owners, of the budget."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for email in var.emails : can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", email))])
    error_message = "emails must be addresses, such as trees@example.com."
  }
}

variable "budget" {
  description = "What the resource group may cost a month, in the subscription's currency; null sets none. It warns, it does not stop anything."
  type        = number
  default     = null

  validation {
    condition     = try(var.budget >= 1, true)
    error_message = "budget must be 1 or more."
  }
}

variable "protected" {
  description = "Refuses to delete the storage account with the models, and a group with anything that Terraform did not make. Null: in prod."
  type        = bool
  default     = null
}

variable "tags" {
  description = "Further tags for everything that takes some, beside application and environment."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(var.tags) <= 13 && alltrue([for key, value in var.tags : length(key) <= 128 && length(value) <= 256 && !can(regex("[<>%&\\\\?/]", key)) && !can(regex("(?i)^(microsoft|azure|windows)", key))])
    error_message = "tags: up to 13 of up to 128 characters, without < > % & \\ ? / and not beginning with microsoft, azure or windows, with values of up to 256."
  }
}
