variable "region" {
  description = "The region for everything."
  type        = string
  default     = "eu-west-1"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must be a region, such as eu-west-1; an availability zone (eu-west-1a) is not one."
  }
}

variable "account" {
  description = "The only account that may be touched: with credentials of another one, nothing is done. Null is any."
  type        = string
  default     = null

  validation {
    condition     = var.account == null || can(regex("^[0-9]{12}$", var.account))
    error_message = "account must be the account's 12 digits, without hyphens: aws sts get-caller-identity shows it."
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
    condition     = can(regex("^[a-z]([a-z0-9-]{0,22}[a-z0-9])?$", var.name))
    error_message = "name must be 1 to 24 small letters, digits and hyphens: with -staging behind it, a role may have 32."
  }
}

variable "image" {
  description = "The image of forestd, as scripts/image --push prints it. Null makes only the bucket and the repository."
  type        = string
  default     = null

  validation {
    condition     = var.image == null || can(regex("^[0-9]{12}\\.dkr\\.ecr(-fips)?\\.${var.region}\\.amazonaws\\.com(\\.cn)?/${var.name}-${var.environment}(:[A-Za-z0-9._-]+|@sha256:[0-9a-f]{64})$", var.image))
    error_message = "image must lie in the repository of this environment and region, with its tag or digest: push it to what output registry says, with :1a2b3c behind it."
  }
  validation {
    condition     = var.image == null || !can(regex("[:._-](amd64|x86_64|arm64|aarch64)$", var.image)) || can(regex(var.architecture == "arm64" ? "(arm64|aarch64)$" : "(amd64|x86_64)$", var.image))
    error_message = "image is made for another processor, as its tag says: push one made by scripts/image --arch ${var.architecture}, or set architecture to what this one is for."
  }
}

variable "architecture" {
  description = "The processor that the image is made for: amd64 or arm64 (Graviton)."
  type        = string
  default     = "amd64"
  nullable    = false

  validation {
    condition     = contains(["amd64", "arm64"], var.architecture)
    error_message = "architecture must be amd64 or arm64, as scripts/image --arch has it."
  }
}

variable "model" {
  description = "The model: s3://bucket/…/model.tar.gz, or for SageMaker's multi-model the folder s3://bucket/…/ of such archives."
  type        = string
  default     = null

  validation {
    condition     = var.model == null || can(regex("^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/.+(\\.tar\\.gz|/)$", var.model))
    error_message = "model must be an archive in S3, such as s3://bucket/models/1a2b3c/model.tar.gz, or a folder of them, whose address ends in /."
  }
  validation {
    condition     = var.sagemaker == null || (var.image == null) == (var.model == null)
    error_message = "SageMaker needs both: give an image and a model, or neither for a first apply that makes the places to put them."
  }
}

variable "instances" {
  description = "How many instances of SageMaker: minimum always, up to maximum as requests come, where requests_per_minute says when."
  type = object({
    minimum = number
    maximum = number
  })
  nullable = false

  validation {
    condition     = var.instances.minimum >= 0 && var.instances.maximum >= max(1, var.instances.minimum) && alltrue([for number in values(var.instances) : floor(number) == number])
    error_message = "instances must be whole numbers, minimum <= maximum, maximum at least 1."
  }
}

variable "requests_per_minute" {
  description = "What one instance answers in a minute, the scaling target: forestd bench, run on such an instance, prints it."
  type        = number
  default     = null

  validation {
    condition     = var.requests_per_minute == null ? true : var.requests_per_minute > 0
    error_message = "requests_per_minute must be above 0; where forestd bench prints 0, send fewer rows a request."
  }
}

variable "sagemaker" {
  description = "Serves from SageMaker, in the way that mode names; null does not. See modules/sagemaker. Asynchronous questions, answers and captured data are in the folders questions, answers and captured of the bucket."
  type = object({
    mode          = optional(string, "realtime")
    instance_type = optional(string, "ml.c7i.large")
    serverless = optional(object({
      memory              = optional(number, 1024)
      concurrency         = optional(number, 20)
      provisioned         = optional(number, 0)
      provisioned_maximum = optional(number, 0)
    }), {})
    async = optional(object({
      success_topic = optional(string)
      error_topic   = optional(string)
      concurrency   = optional(number, 4)
      backlog       = optional(number, 5)
    }), {})
    capture_percentage = optional(number)
    network = optional(object({
      subnets         = list(string)
      security_groups = list(string)
    }))
    rollout = optional(object({
      kind = optional(string, "canary")
      wait = optional(number, 300)
    }), {})
  })
  default = null

  validation {
    condition     = var.sagemaker == null || contains(["realtime", "serverless", "async", "multi-model"], try(var.sagemaker.mode, ""))
    error_message = "sagemaker.mode must be realtime, serverless, async or multi-model."
  }
  validation {
    condition     = var.sagemaker == null || var.instances.minimum >= 1 || try(var.sagemaker.mode, "") == "async"
    error_message = "instances.minimum must be 1 or more: on SageMaker only async goes down to none."
  }
}

variable "keep_answers_days" {
  description = "Days that SageMaker's asynchronous questions, their answers and captured data are kept in the bucket."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.keep_answers_days >= 1 && floor(var.keep_answers_days) == var.keep_answers_days
    error_message = "keep_answers_days must be a whole number of days, 1 or more."
  }
}

variable "lambda" {
  description = "Serves from Lambda; null does not. See modules/lambda. Without a model, the image holds it (scripts/image --model)."
  type = object({
    memory          = optional(number, 1769)
    timeout_seconds = optional(number, 30)
    concurrency = optional(object({
      account             = optional(number, 1000)
      reserved            = optional(number)
      provisioned         = optional(number, 0)
      provisioned_maximum = optional(number, 0)
      utilization         = optional(number, 0.7)
    }), {})
    warm_up = optional(object({
      minutes   = optional(number, 5)
      instances = optional(number, 1)
    }))
    url = optional(object({
      public = optional(bool, false)
      stream = optional(bool, false)
    }))
    http_api = optional(object({
      public = optional(bool, false)
      rate   = optional(number, 100)
      burst  = optional(number, 200)
    }))
    rest_api = optional(object({
      public     = optional(bool, false)
      rate       = optional(number, 100)
      burst      = optional(number, 200)
      stage      = optional(string, "live")
      access_log = optional(bool, false)
    }))
    cors_origin = optional(string)
    invokers    = optional(set(string), [])
    queue = optional(object({
      arn            = string
      batch_size     = optional(number, 10)
      window_seconds = optional(number, 0)
      concurrency    = optional(number)
    }))
    tracing = optional(bool, false)
  })
  default = null

  validation {
    condition     = length([for way in [var.sagemaker, var.lambda, var.ecs] : true if way != null]) <= 1
    error_message = "One environment serves in one way: set all but one of sagemaker, lambda and ecs to null, or give the other an environment with a name of its own."
  }
  validation {
    condition     = var.lambda == null || !endswith(coalesce(var.model, "-"), "/")
    error_message = "A function has one model: give the address of one archive, or null for the model that is in the image."
  }
}

variable "ecs" {
  description = "Serves from Fargate behind a load balancer; null does not. See modules/ecs. Without a model, the image holds it (scripts/image --model)."
  type = object({
    network = object({
      vpc                   = string
      task_subnets          = list(string)
      load_balancer_subnets = list(string)
      public_ip             = optional(bool, false)
    })
    callers         = set(string)
    internal        = optional(bool, true)
    certificate     = optional(object({ arn = string, domain = string }))
    cpu             = optional(number, 1024)
    memory          = optional(number, 2048)
    cpu_percent     = optional(number, 70)
    startup_seconds = optional(number, 60)
  })
  default = null

  validation {
    condition     = var.ecs == null || var.instances.minimum >= 1
    error_message = "instances.minimum must be 1 or more: a load balancer without a task answers nobody."
  }
  validation {
    condition     = var.ecs == null || !endswith(coalesce(var.model, "-"), "/")
    error_message = "A task has one model: give the address of one archive, or null for the model that is in the image."
  }
  validation {
    condition     = var.ecs == null || length("${var.name}-${var.environment}") <= 24
    error_message = "With -${var.environment} behind it, name must leave room for a target group's 32 characters: 24 in all."
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

variable "kms_key_arn" {
  description = "A KMS key of your own for bucket, repository, disks, answers and alarms; null is AWS's own keys, and none for alarms. Its policy must let cloudwatch.amazonaws.com use it, or alarms stay silent."
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
  description = "When to raise an alarm: failed requests in a minute, milliseconds that 99 of 100 answers take, percent of processor (serverless: memory), minutes that the oldest async request waits."
  type = object({
    errors       = optional(number, 5)
    latency      = optional(number, 100)
    saturation   = optional(number, 80)
    wait_minutes = optional(number, 15)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.alarms.errors >= 1 && var.alarms.latency > 0 && var.alarms.wait_minutes > 0 && var.alarms.saturation > 0 && var.alarms.saturation <= 100
    error_message = "alarms: errors must be 1 or more, latency and wait_minutes above 0, saturation above 0 and at most 100."
  }
}

variable "emails" {
  description = "Who hears of alarms and of the budget; each address must confirm the mail that AWS sends first."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.emails) <= 10 && alltrue([for email in var.emails : can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", email))])
    error_message = "emails must be at most 10 addresses, such as trees@example.com."
  }
}

variable "budget" {
  description = "What the account may cost a month, in US dollars; null sets none. It warns emails at 50 and 90 percent and when all of it is foreseen to go; it does not stop anything."
  type        = number
  default     = null

  validation {
    condition     = var.budget == null ? true : var.budget >= 1
    error_message = "budget must be 1 dollar or more."
  }
  validation {
    condition     = var.budget == null || length(var.emails) > 0
    error_message = "A budget warns somebody: name at least one address in emails."
  }
}

variable "protected" {
  description = "Refuses to delete a bucket with models and a repository with images in it. Null: in prod."
  type        = bool
  default     = null
}

variable "tags" {
  description = "Further tags for everything, beside application and environment."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(var.tags) <= 48 && alltrue([for key, value in var.tags : length(key) <= 128 && length(value) <= 256 && !startswith(key, "aws:")])
    error_message = "AWS takes tags of up to 128 characters with values of up to 256, whose names do not begin with aws:; here up to 48."
  }
}
