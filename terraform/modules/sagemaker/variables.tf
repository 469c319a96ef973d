variable "name" {
  description = "Names the endpoint and everything that belongs to it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z][a-zA-Z0-9-]{0,30}[a-zA-Z0-9]$", var.name))
    error_message = "name must be 2 to 32 letters, digits and hyphens: SageMaker takes 63 characters, of which Terraform adds up to 27."
  }
}

variable "image" {
  description = "The image of forestd in this region's ECR, by tag or digest."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{12}\\.dkr\\.ecr(-fips)?\\.[a-z0-9-]+\\.amazonaws\\.com(\\.cn)?/[a-z0-9._/-]+(:[A-Za-z0-9._-]+|@sha256:[0-9a-f]{64})$", var.image))
    error_message = "image must lie in ECR, with its tag or digest, such as 123456789012.dkr.ecr.eu-west-1.amazonaws.com/forest:1a2b3c; scripts/image --push prints it."
  }
  validation {
    condition     = !can(regex("[:._-](amd64|x86_64|arm64|aarch64)$", var.image)) || can(regex(var.architecture == "arm64" ? "(arm64|aarch64)$" : "(amd64|x86_64)$", var.image))
    error_message = "image is made for another processor, as its tag says: push one made by scripts/image --arch ${var.architecture}, or set architecture to what this one is for."
  }
}

variable "repository_arn" {
  description = "The ARN of the repository that holds the image; the endpoint's role may pull from it and from no other."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[a-z-]+:ecr:[a-z0-9-]+:[0-9]{12}:repository/.+$", var.repository_arn))
    error_message = "repository_arn must be a repository's ARN: output repository_arn of modules/artifacts/aws."
  }
}

variable "architecture" {
  description = "The processor that the image is made for: amd64 or arm64 (Graviton instances, whose type has a g behind its number)."
  type        = string
  default     = "amd64"
  nullable    = false

  validation {
    condition     = contains(["amd64", "arm64"], var.architecture)
    error_message = "architecture must be amd64 or arm64, as scripts/image --arch has it."
  }
}

variable "model" {
  description = "The model: s3://bucket/…/model.tar.gz, or for multi-model the folder s3://bucket/…/ that holds the archives."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/.+$", var.model))
    error_message = "model must be an address in S3, such as s3://bucket/models/1a2b3c/model.tar.gz; scripts/upload prints it."
  }
  validation {
    condition     = var.mode == "multi-model" ? endswith(var.model, "/") : endswith(var.model, ".tar.gz")
    error_message = "SageMaker takes an archive whose name ends in .tar.gz (forestd pack --archive model.tar.gz makes it), and for multi-model a folder, whose address ends in /."
  }
}

variable "mode" {
  description = "How SageMaker serves: realtime, serverless, async, or multi-model (realtime, any archive of a folder by TargetModel)."
  type        = string
  default     = "realtime"
  nullable    = false

  validation {
    condition     = contains(["realtime", "serverless", "async", "multi-model"], var.mode)
    error_message = "mode must be realtime, serverless, async or multi-model."
  }
}

variable "instance_type" {
  description = "The instances, in every mode but serverless."
  type        = string
  default     = "ml.c7i.large"
  nullable    = false

  validation {
    condition     = can(regex("^ml\\.[a-z0-9-]+\\.[a-z0-9]+$", var.instance_type))
    error_message = "instance_type must be one of SageMaker's, such as ml.c7i.large; EC2's name is not enough, ml. belongs before it."
  }
  validation {
    condition     = var.mode == "serverless" || can(regex("^ml\\.[a-z]+[0-9]+g", var.instance_type)) == (var.architecture == "arm64")
    error_message = "This instance has another processor than the image: types with a g behind the number (ml.c7g) want architecture arm64, all others amd64."
  }
}

variable "instances" {
  description = "How many instances: between minimum and maximum where requests_per_minute (or, for async, backlog: waiting requests an instance) says when to add one. Only async may have a minimum of 0."
  type = object({
    minimum             = optional(number, 1)
    maximum             = optional(number, 1)
    requests_per_minute = optional(number)
    backlog             = optional(number, 5)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.instances.minimum >= (var.mode == "async" ? 0 : 1) && var.instances.maximum >= max(1, var.instances.minimum)
    error_message = "instances: 1 <= minimum <= maximum; only async goes down to 0."
  }
  validation {
    condition     = var.mode == "async" || var.mode == "serverless" || var.instances.maximum == var.instances.minimum || var.instances.requests_per_minute != null
    error_message = "instances: a maximum above the minimum needs requests_per_minute, what one instance answers; forestd bench prints it."
  }
  validation {
    condition     = (var.instances.requests_per_minute == null ? 1 : var.instances.requests_per_minute) > 0 && var.instances.backlog > 0
    error_message = "instances: requests_per_minute and backlog must be above 0."
  }
}

variable "serverless" {
  description = "Serverless only: memory in MiB, how many requests at once, and how many of these are kept warm (up to provisioned_maximum where that is more)."
  type = object({
    memory              = optional(number, 1024)
    concurrency         = optional(number, 20)
    provisioned         = optional(number, 0)
    provisioned_maximum = optional(number, 0)
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains([1024, 2048, 3072, 4096, 5120, 6144], var.serverless.memory)
    error_message = "serverless.memory must be 1024, 2048, 3072, 4096, 5120 or 6144."
  }
  validation {
    condition     = var.serverless.concurrency >= 1 && var.serverless.concurrency <= 200
    error_message = "serverless.concurrency must be from 1 to 200."
  }
  validation {
    condition = (
      var.serverless.provisioned >= 0 && max(var.serverless.provisioned, var.serverless.provisioned_maximum) <= var.serverless.concurrency
      && (var.serverless.provisioned_maximum == 0 || var.serverless.provisioned >= 1)
    )
    error_message = "serverless: provisioned and provisioned_maximum may not exceed concurrency, and provisioned_maximum needs a provisioned of 1 or more."
  }
}

variable "async" {
  description = "Async only: where questions lie and answers go (folders in S3; failures go to the latter's name with -failed), whom to tell (SNS topics), and how many requests an instance gets at once."
  type = object({
    input         = optional(string)
    output        = optional(string)
    success_topic = optional(string)
    error_topic   = optional(string)
    concurrency   = optional(number, 4)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.mode != "async" || alltrue([for folder in [var.async.input, var.async.output] : can(regex("^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/.+[^/]$", folder))])
    error_message = "async.input and async.output must be folders in S3 without a slash at their end, such as s3://bucket/questions and s3://bucket/answers."
  }
  validation {
    condition     = alltrue([for topic in [var.async.success_topic, var.async.error_topic] : can(regex("^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:.+$", topic)) if topic != null])
    error_message = "async.success_topic and async.error_topic must be ARNs of SNS topics."
  }
  validation {
    condition     = var.async.concurrency >= 1 && var.async.concurrency <= 1000
    error_message = "async.concurrency must be from 1 to 1000."
  }
}

variable "capture" {
  description = "Realtime only: keeps this percentage of questions and answers in a folder in S3. Null keeps none."
  type = object({
    destination = string
    percentage  = optional(number, 10)
  })
  default = null

  validation {
    condition     = var.capture == null || can(regex("^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/.+[^/]$", var.capture.destination))
    error_message = "capture.destination must be a folder in S3 without a slash at its end, such as s3://bucket/captured."
  }
  validation {
    condition     = var.capture == null || try(var.capture.percentage > 0 && var.capture.percentage <= 100, false)
    error_message = "capture.percentage must be above 0 and at most 100."
  }
  validation {
    condition     = var.capture == null || var.mode == "realtime"
    error_message = "SageMaker captures data of realtime endpoints only."
  }
}

variable "rollout" {
  description = "How an update moves traffic: canary (a tenth first), linear (a fifth at a time) or all, which a single instance always is; wait is the seconds between steps, in which an alarm takes everything back."
  type = object({
    kind = optional(string, "canary")
    wait = optional(number, 300)
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["canary", "linear", "all"], var.rollout.kind)
    error_message = "rollout.kind must be canary, linear or all."
  }
  validation {
    condition     = var.rollout.wait >= 60 && var.rollout.wait <= 3600
    error_message = "rollout.wait must be from 60 to 3600 seconds: alarms need a minute to notice anything."
  }
}

variable "environment" {
  description = "Environment variables for forestd, such as FORESTD_LOG_LEVEL."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(var.environment) <= 100 && alltrue([for key, value in var.environment : length(key) <= 1024 && length(value) <= 1024])
    error_message = "SageMaker takes at most 100 variables of at most 1024 characters each."
  }
}

variable "kms_key_arn" {
  description = "A KMS key of your own for disks, log lines, answers and captured data; its policy must let logs.REGION.amazonaws.com use it. Null is AWS's own keys. The role may decrypt the model with it."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn must be a key's ARN, such as arn:aws:kms:eu-west-1:123456789012:key/…; an alias is not enough."
  }
}

variable "network" {
  description = "Subnets and security groups of a VPC for the model's network interfaces; null is SageMaker's own network. Serverless has none."
  type = object({
    subnets         = list(string)
    security_groups = list(string)
  })
  default = null

  validation {
    condition     = var.network == null || try(length(var.network.subnets) > 0 && length(var.network.security_groups) > 0, false)
    error_message = "network needs at least one subnet and one security group."
  }
  validation {
    condition     = var.network == null || var.mode != "serverless"
    error_message = "A serverless endpoint cannot be put into a VPC."
  }
}

variable "log_retention_days" {
  description = "Days that log lines are kept."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be one of CloudWatch's periods: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, …"
  }
}

variable "alarms" {
  description = "When to raise an alarm: failed requests in a minute, milliseconds that 99 of 100 answers take, percent of processor (serverless: memory), minutes that the oldest async request waits; and the SNS topics that hear of it."
  type = object({
    errors       = optional(number, 5)
    latency      = optional(number, 100)
    saturation   = optional(number, 80)
    wait_minutes = optional(number, 15)
    topics       = optional(list(string), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.alarms.errors >= 1 && var.alarms.latency > 0 && var.alarms.wait_minutes > 0
    error_message = "alarms: errors must be 1 or more, latency and wait_minutes above 0."
  }
  validation {
    condition     = var.alarms.saturation > 0 && var.alarms.saturation <= 100
    error_message = "alarms.saturation is a percentage: above 0 and at most 100."
  }
  validation {
    condition     = alltrue([for topic in var.alarms.topics : can(regex("^arn:[a-z-]+:sns:", topic))])
    error_message = "alarms.topics must be ARNs of SNS topics."
  }
}

variable "tags" {
  description = "Tags for everything made here."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key, value in var.tags : length(key) <= 128 && length(value) <= 256 && !startswith(key, "aws:")])
    error_message = "AWS takes tags of up to 128 characters with values of up to 256, whose names do not begin with aws:."
  }
}
