variable "name" {
  description = "Names the function and everything that belongs to it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z][a-zA-Z0-9-]{0,30}[a-zA-Z0-9]$", var.name))
    error_message = "name must be 2 to 32 letters, digits and hyphens, such as forest-dev: a role takes 64 characters, of which Terraform adds up to 27."
  }
}

variable "image" {
  description = "The image of forestd in this region's ECR, by tag or digest; with the model in it (scripts/image --model) unless `model` names one."
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

variable "architecture" {
  description = "The processor that the image is made for: amd64 or arm64 (Graviton, which costs a fifth less)."
  type        = string
  default     = "amd64"
  nullable    = false

  validation {
    condition     = contains(["amd64", "arm64"], var.architecture)
    error_message = "architecture must be amd64 or arm64, as scripts/image --arch has it."
  }
}

variable "model" {
  description = "The model's file in S3: s3://bucket/…/model.joblib. Null is the model in the image, which starts sooner."
  type        = string
  default     = null

  validation {
    condition     = var.model == null || can(regex("^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/[^*?]*[^*?/]$", var.model))
    error_message = "model must be one file's address, such as s3://bucket/models/1a2b3c/model.joblib; scripts/upload prints it. Null is the model in the image."
  }
}

variable "memory" {
  description = "MiB of memory. Processors come with it: 1769 MiB is one, and below that there is a part of one."
  type        = number
  default     = 1769
  nullable    = false

  validation {
    condition     = var.memory >= 128 && var.memory <= 10240 && floor(var.memory) == var.memory
    error_message = "memory must be a whole number of MiB from 128 to 10240."
  }
}

variable "timeout_seconds" {
  description = "How long one event may take. An HTTP API waits for 30 seconds at most, a REST API for 29, whatever is said here."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.timeout_seconds >= 1 && var.timeout_seconds <= 900 && floor(var.timeout_seconds) == var.timeout_seconds
    error_message = "timeout_seconds must be a whole number from 1 to 900."
  }
}

variable "concurrency" {
  description = "Requests at once: reserved is the most there may be (null: what the account's limit, `account`, leaves); provisioned are kept started and are billed by the hour, up to provisioned_maximum where that is more and utilization (a share) of them is passed."
  type = object({
    account             = optional(number, 1000)
    reserved            = optional(number)
    provisioned         = optional(number, 0)
    provisioned_maximum = optional(number, 0)
    utilization         = optional(number, 0.7)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for count in values(var.concurrency) : count == null ? true : count >= 0]) && var.concurrency.account >= 1 && (var.concurrency.reserved == null ? 1 : var.concurrency.reserved) >= 1
    error_message = "concurrency: account and reserved must be 1 or more, the others 0 or more; reserved = null reserves nothing."
  }
  validation {
    condition     = alltrue([for key in ["account", "reserved", "provisioned", "provisioned_maximum"] : var.concurrency[key] == null ? true : floor(var.concurrency[key]) == var.concurrency[key]])
    error_message = "concurrency: account, reserved, provisioned and provisioned_maximum must be whole numbers."
  }
  validation {
    condition     = max(var.concurrency.provisioned, var.concurrency.provisioned_maximum) <= (var.concurrency.reserved == null ? var.concurrency.account : var.concurrency.reserved)
    error_message = "concurrency: provisioned and provisioned_maximum may not exceed reserved, or without that account, the account's own limit in this region."
  }
  validation {
    condition     = var.concurrency.provisioned_maximum == 0 || (var.concurrency.provisioned >= 1 && var.concurrency.provisioned_maximum >= var.concurrency.provisioned)
    error_message = "concurrency: provisioned_maximum needs a provisioned of 1 or more, and may not be below it: with none started there is no utilization to follow."
  }
  validation {
    condition     = var.concurrency.utilization >= 0.1 && var.concurrency.utilization <= 0.9
    error_message = "concurrency.utilization is a share, from 0.1 to 0.9, such as 0.7."
  }
}

variable "warm_up" {
  description = "Sends {\"warmup\": true} every so many minutes, to so many instances at once, so that they stay. Null sends nothing. Costs next to nothing, but promises nothing either: that is concurrency.provisioned."
  type = object({
    minutes   = optional(number, 5)
    instances = optional(number, 1)
  })
  default = null

  validation {
    condition     = var.warm_up == null || try(var.warm_up.minutes >= 1 && var.warm_up.minutes <= 60 && floor(var.warm_up.minutes) == var.warm_up.minutes, false)
    error_message = "warm_up.minutes must be a whole number from 1 to 60; Lambda takes instances away that had nothing to do for several minutes."
  }
  validation {
    condition     = var.warm_up == null || try(contains([1, 2, 3, 4, 5], var.warm_up.instances), false)
    error_message = "warm_up.instances must be from 1 to 5: an EventBridge rule has five targets at most. For more, use concurrency.provisioned."
  }
  validation {
    condition     = var.warm_up == null || var.concurrency.provisioned == 0
    error_message = "With concurrency.provisioned there is nothing to warm up: set warm_up to null."
  }
}

variable "url" {
  description = "A URL of the function's own, without limits of API Gateway. Callers sign their requests unless it is public; stream answers without the limit of 6 MB, and is not possible beside an API. Null is none."
  type = object({
    public = optional(bool, false)
    stream = optional(bool, false)
  })
  default = null

  validation {
    condition     = !try(var.url.stream, false) || (var.http_api == null && var.rest_api == null)
    error_message = "url.stream makes every HTTP answer a streamed one, which API Gateway cannot read: set http_api and rest_api to null, or make a second function."
  }
}

variable "http_api" {
  description = "An HTTP API (API Gateway v2) with POST /predict, POST /invocations and GET /ping, and how many requests a second it lets through (and at once). Callers sign their requests unless it is public. Null is none."
  type = object({
    public = optional(bool, false)
    rate   = optional(number, 100)
    burst  = optional(number, 200)
  })
  default = null

  validation {
    condition     = var.http_api == null || try(var.http_api.rate >= 1 && var.http_api.burst >= 1 && floor(var.http_api.burst) == var.http_api.burst, false)
    error_message = "http_api: rate and burst must be 1 or more, and burst a whole number; 0 would refuse every request."
  }
}

variable "rest_api" {
  description = "A REST API (API Gateway v1) with the same three, behind the stage's name. access_log needs the CloudWatch role that an account gives API Gateway once in a region. Null is none."
  type = object({
    public     = optional(bool, false)
    rate       = optional(number, 100)
    burst      = optional(number, 200)
    stage      = optional(string, "live")
    access_log = optional(bool, false)
  })
  default = null

  validation {
    condition     = var.rest_api == null || try(var.rest_api.rate >= 1 && var.rest_api.burst >= 1 && floor(var.rest_api.burst) == var.rest_api.burst, false)
    error_message = "rest_api: rate and burst must be 1 or more, and burst a whole number; 0 would refuse every request."
  }
  validation {
    condition     = var.rest_api == null || can(regex("^[a-zA-Z0-9_]{1,128}$", var.rest_api.stage))
    error_message = "rest_api.stage must be letters, digits and underscores, such as live."
  }
}

variable "cors_origin" {
  description = "The origin whose pages may ask from a browser: https://…, or * for any. Null is none. Pages that sign their requests want the HTTP API."
  type        = string
  default     = null

  validation {
    condition     = var.cors_origin == null || can(regex("^(\\*|https?://[A-Za-z0-9.:-]+)$", var.cors_origin))
    error_message = "cors_origin must be * or an origin without a path or a slash at its end, such as https://www.example.com."
  }
}

variable "invokers" {
  description = "ARNs of roles and users that may call the function and its URL. Those of this account may also be let by policies of their own."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for principal in var.invokers : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:(root|(role|user)/.+)$", principal))])
    error_message = "invokers must be ARNs of roles, users or accounts, such as arn:aws:iam::123456789012:role/website."
  }
}

variable "queue" {
  description = "An SQS queue whose messages hold rows: answered in batches, where only those that failed are given again. window_seconds is how long a batch may fill up, concurrency how many batches are answered at once (null: no bound). Null is none."
  type = object({
    arn            = string
    batch_size     = optional(number, 10)
    window_seconds = optional(number, 0)
    concurrency    = optional(number)
  })
  default = null

  validation {
    condition     = var.queue == null || can(regex("^arn:[a-z-]+:sqs:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]+$", var.queue.arn))
    error_message = "queue.arn must be a queue's ARN, such as arn:aws:sqs:eu-west-1:123456789012:rows; its URL is not enough."
  }
  validation {
    condition     = var.queue == null || try(var.queue.batch_size >= 1 && var.queue.batch_size <= 10000 && (var.queue.batch_size <= 10 || var.queue.window_seconds >= 1), false)
    error_message = "queue.batch_size must be from 1 to 10000, and above 10 it needs a window_seconds of 1 or more."
  }
  validation {
    condition     = var.queue == null || try(var.queue.window_seconds >= 0 && var.queue.window_seconds <= 300, false)
    error_message = "queue.window_seconds must be from 0 to 300."
  }
  validation {
    condition     = try(var.queue.concurrency, null) == null || try(var.queue.concurrency >= 2 && var.queue.concurrency <= 1000, false)
    error_message = "queue.concurrency must be from 2 to 1000, or null."
  }
}

variable "environment" {
  description = "Environment variables for forestd, such as FORESTD_LOG_LEVEL. What other settings say (the model, the origin, streaming) is set by them."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.environment) : can(regex("^[a-zA-Z][a-zA-Z0-9_]+$", key)) && !startswith(key, "AWS_")])
    error_message = "environment: a variable begins with a letter and has letters, digits and underscores; those that begin with AWS_ are Lambda's own."
  }
  validation {
    condition     = length(join("", concat(keys(var.environment), values(var.environment)))) <= 3072
    error_message = "Lambda takes 4 KB of environment variables, names and values together; a quarter is kept for those that this module sets."
  }
  validation {
    condition     = length(setintersection(keys(var.environment), ["FORESTD_CORS_ORIGIN", "FORESTD_STREAM"])) == 0 && (var.model == null || !contains(keys(var.environment), "FORESTD_MODEL"))
    error_message = "environment: cors_origin, url.stream and model say what FORESTD_CORS_ORIGIN, FORESTD_STREAM and FORESTD_MODEL would."
  }
}

variable "tracing" {
  description = "Traces requests by X-Ray."
  type        = bool
  default     = false
  nullable    = false
}

variable "kms_key_arn" {
  description = "A KMS key of your own for environment variables and log lines; its policy must let logs.REGION.amazonaws.com use it. Null is AWS's own keys. The function may decrypt the model and the queue with it."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn must be a key's ARN, such as arn:aws:kms:eu-west-1:123456789012:key/…; an alias is not enough."
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
  description = "When to raise an alarm: failed events in a minute (and requests that an API answered with 5xx), milliseconds that 99 of 100 events take, throttled events in a minute, percent of the concurrency; and the SNS topics that hear of it."
  type = object({
    errors     = optional(number, 5)
    latency    = optional(number, 100)
    throttles  = optional(number, 1)
    saturation = optional(number, 80)
    topics     = optional(list(string), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.alarms.errors >= 1 && var.alarms.latency > 0 && var.alarms.throttles >= 1
    error_message = "alarms: errors and throttles must be 1 or more, latency above 0."
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
