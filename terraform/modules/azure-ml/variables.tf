variable "resource_group" {
  description = "The resource group for everything made here."
  type        = object({ id = string, name = string })
  nullable    = false

  validation {
    condition     = can(regex("^/subscriptions/[^/]+/resourceGroups/[^/]+$", var.resource_group.id)) && can(regex("^[A-Za-z0-9_().-]{0,89}[A-Za-z0-9_()-]$", var.resource_group.name))
    error_message = "resource_group must hold a group's id (/subscriptions/…/resourceGroups/…) and its name of up to 90 characters."
  }
}

variable "location" {
  description = "The region, such as westeurope."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]+[a-z0-9]*$", var.location))
    error_message = "location must be a region's short name, such as westeurope: az account list-locations shows it as Name."
  }
}

variable "name" {
  description = "Names the workspace and everything that belongs to it; the endpoint and the key vault get six characters more."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,16}[a-z0-9]$", var.name)) && !strcontains(var.name, "--")
    error_message = "name must be 3 to 18 small letters, digits and single hyphens, such as forest-dev: a key vault takes 24 characters, of which 6 make it unique."
  }
}

variable "storage_account" {
  description = "The storage account that the workspace keeps its own things in: output storage_account of modules/artifacts/azure."
  type        = object({ id = string, name = string })
  nullable    = false

  validation {
    condition     = can(regex("^/subscriptions/.+/storageAccounts/[a-z0-9]{3,24}$", var.storage_account.id)) && can(regex("^[a-z0-9]{3,24}$", var.storage_account.name))
    error_message = "storage_account must hold a storage account's id and its name."
  }
}

variable "container" {
  description = "The container with the models, which the endpoint may read: output container of modules/artifacts/azure."
  type        = object({ id = string, name = string, address = string })
  nullable    = false

  validation {
    condition     = can(regex("^/subscriptions/.+/containers/[^/]+$", var.container.id)) && can(regex("^https://[a-z0-9]+\\.blob\\.[a-z.]+/[a-z0-9-]+$", var.container.address))
    error_message = "container must hold a container's id, its name and its address (https://ACCOUNT.blob.core.windows.net/CONTAINER)."
  }
}

variable "registry_id" {
  description = "The id of the registry with the images, which the endpoint may pull from: output registry of modules/artifacts/azure."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^/subscriptions/.+/registries/[A-Za-z0-9]{5,50}$", var.registry_id))
    error_message = "registry_id must be a container registry's id: /subscriptions/…/registries/…"
  }
}

variable "deployments" {
  description = "What serves, as blue, green or both: the image in the registry (for amd64), the model's file in the container (null is the model in the image), instances and how many (more than minimum where one gets more than requests_per_minute, or uses more than cpu_percent of its processors), how many requests one gets at once, and the percent of the requests. forestd bench prints requests_per_minute and concurrency."
  type = map(object({
    image               = string
    model               = optional(string)
    instance_type       = optional(string, "Standard_F2s_v2")
    minimum             = optional(number, 1)
    maximum             = optional(number, 1)
    requests_per_minute = optional(number)
    cpu_percent         = optional(number, 70)
    concurrency         = optional(number, 64)
    traffic             = optional(number, 100)
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
    condition     = alltrue([for deployment in values(var.deployments) : can(regex("^[a-z0-9]+\\.azurecr\\.[a-z.]+/[a-z0-9._/-]+(:[A-Za-z0-9._-]+|@sha256:[0-9a-f]{64})$", deployment.image))])
    error_message = "deployments: image must lie in Azure's registry, with its tag or digest, such as forestdev1a2b3c.azurecr.io/forestd:1a2b3c; scripts/image --push prints it."
  }
  validation {
    condition     = alltrue([for deployment in values(var.deployments) : deployment.model == null || (startswith(coalesce(deployment.model, "-"), "${var.container.address}/") && !endswith(coalesce(deployment.model, "-"), "/"))])
    error_message = "deployments: model must be a file in the container with the models, such as https://forestdev1a2b3c.blob.core.windows.net/models/1a2b3c/model.joblib; scripts/upload prints it. Null is the model in the image."
  }
  validation {
    condition     = alltrue([for deployment in values(var.deployments) : can(regex("^Standard_[A-Z]+[0-9]+(-[0-9]+)?[a-z]*(_v[0-9]+)?$", deployment.instance_type)) && !can(regex("^Standard_[A-Z]+[0-9]+[a-z]*p", deployment.instance_type))])
    error_message = "deployments: instance_type must be one of Azure's for amd64, such as Standard_F2s_v2; those with a p behind the number have another processor than the image."
  }
  validation {
    condition     = alltrue([for deployment in values(var.deployments) : deployment.minimum >= 1 && deployment.maximum >= deployment.minimum && deployment.maximum <= 50 && floor(deployment.minimum) == deployment.minimum && floor(deployment.maximum) == deployment.maximum])
    error_message = "deployments: 1 <= minimum <= maximum <= 50, both whole numbers; Azure ML does not go down to 0."
  }
  validation {
    condition     = alltrue([for deployment in values(var.deployments) : (deployment.requests_per_minute == null ? 1 : deployment.requests_per_minute) > 0 && deployment.cpu_percent >= 1 && deployment.cpu_percent <= 100])
    error_message = "deployments: requests_per_minute must be above 0, cpu_percent from 1 to 100."
  }
  validation {
    condition     = alltrue([for deployment in values(var.deployments) : deployment.concurrency >= 1 && deployment.concurrency <= 500 && floor(deployment.concurrency) == deployment.concurrency])
    error_message = "deployments: concurrency must be a whole number from 1 to 500, the most connections that an endpoint takes; Azure's own 1 would refuse what forestd has time for."
  }
  validation {
    condition     = alltrue([for deployment in values(var.deployments) : !can(regex("[:._-](arm64|aarch64)$", deployment.image))])
    error_message = "deployments: image is made for arm64, as its tag says, and Azure ML starts amd64 alone: push one made by scripts/image --arch amd64."
  }
}

variable "port" {
  description = "The port that forestd listens on in its container."
  type        = number
  default     = 8080
  nullable    = false

  validation {
    condition     = var.port >= 1024 && var.port <= 65535 && floor(var.port) == var.port
    error_message = "port must be a whole number from 1024 to 65535: what is below is root's."
  }
}

variable "timeout_seconds" {
  description = "How long a request may take."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.timeout_seconds >= 1 && var.timeout_seconds <= 180 && floor(var.timeout_seconds) == var.timeout_seconds
    error_message = "timeout_seconds must be a whole number from 1 to 180, the most that Azure ML waits."
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

variable "environment" {
  description = "Environment variables for forestd, such as FORESTD_LOG_LEVEL."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.environment) : can(regex("^[A-Za-z_][A-Za-z0-9_]*$", key)) && !startswith(key, "AZUREML_") && !contains(["FORESTD_MODE", "FORESTD_PORT"], key)])
    error_message = "environment: names of letters, digits and _; Azure ML sets what begins with AZUREML_, and FORESTD_MODE and FORESTD_PORT are set here."
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
  description = "When to raise an alert: failed requests in a minute, milliseconds that 99 of 100 answers take, percent of the processors; and the ids of the action groups that hear of it."
  type = object({
    errors        = optional(number, 5)
    latency       = optional(number, 100)
    saturation    = optional(number, 80)
    action_groups = optional(list(string), [])
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
    condition     = alltrue([for id in var.alerts.action_groups : can(regex("^/subscriptions/.+/actionGroups/[^/]+$", id))])
    error_message = "alerts.action_groups must be action groups' ids: /subscriptions/…/actionGroups/…"
  }
}

variable "tags" {
  description = "Tags for everything made here that takes some."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(var.tags) <= 15 && alltrue([for key, value in var.tags : length(key) <= 128 && length(value) <= 256 && !can(regex("[<>%&\\\\?/]", key)) && !can(regex("(?i)^(microsoft|azure|windows)", key))])
    error_message = "Storage accounts take up to 15 tags of up to 128 characters, without < > % & \\ ? / and not beginning with microsoft, azure or windows, with values of up to 256."
  }
}
