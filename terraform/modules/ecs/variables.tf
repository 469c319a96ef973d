variable "name" {
  description = "Names the cluster, the service, its load balancer and everything that belongs to them."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z][a-zA-Z0-9-]{0,22}[a-zA-Z0-9]$", var.name))
    error_message = "name must be 2 to 24 letters, digits and hyphens, such as forest-dev: a target group takes 32 characters, of which 7 are added."
  }
  validation {
    condition     = !startswith(lower(var.name), "internal-")
    error_message = "A load balancer's name may not begin with internal-."
  }
}

variable "image" {
  description = "The image of forestd in ECR, by tag or digest; with the model in it (scripts/image --model) unless `model` names one."
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
  description = "The ARN of the repository that holds the image; it may be pulled from there and from no other."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[a-z-]+:ecr:[a-z0-9-]+:[0-9]{12}:repository/.+$", var.repository_arn))
    error_message = "repository_arn must be a repository's ARN: output repository_arn of modules/artifacts/aws."
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

variable "cpu" {
  description = "Processor units of a task: 1024 is one processor."
  type        = number
  default     = 1024
  nullable    = false

  validation {
    condition     = contains([256, 512, 1024, 2048, 4096, 8192, 16384], var.cpu)
    error_message = "cpu must be 256, 512, 1024, 2048, 4096, 8192 or 16384."
  }
}

variable "memory" {
  description = "MiB of memory of a task: Fargate takes 2 to 8 times as many as processor units, in steps of 1024."
  type        = number
  default     = 2048
  nullable    = false

  validation {
    condition = contains({
      256   = [512, 1024, 2048]
      512   = range(1024, 4097, 1024)
      1024  = range(2048, 8193, 1024)
      2048  = range(4096, 16385, 1024)
      4096  = range(8192, 30721, 1024)
      8192  = range(16384, 61441, 4096)
      16384 = range(32768, 122881, 8192)
    }[contains([256, 512, 1024, 2048, 4096, 8192, 16384], var.cpu) ? var.cpu : 1024], var.memory)
    error_message = "Fargate has no such memory with this cpu: 256 takes 512, 1024 or 2048; 512 takes 1024 to 4096, 1024 takes 2048 to 8192, 2048 takes 4096 to 16384, 4096 takes 8192 to 30720 (in steps of 1024); 8192 takes 16384 to 61440 (of 4096), 16384 takes 32768 to 122880 (of 8192)."
  }
}

variable "network" {
  description = "The VPC, the subnets of the tasks (private ones with a way to ECR, S3 and CloudWatch; with public_ip, public ones) and those of the load balancer (public ones, unless it is internal), in two zones or more."
  type = object({
    vpc                   = string
    task_subnets          = list(string)
    load_balancer_subnets = list(string)
    public_ip             = optional(bool, false)
  })
  nullable = false

  validation {
    condition     = startswith(var.network.vpc, "vpc-") && alltrue([for subnet in concat(var.network.task_subnets, var.network.load_balancer_subnets) : startswith(subnet, "subnet-")])
    error_message = "network: vpc must be a VPC's id (vpc-…), task_subnets and load_balancer_subnets ids of its subnets (subnet-…)."
  }
  validation {
    condition     = length(var.network.task_subnets) >= 1 && length(distinct(var.network.load_balancer_subnets)) >= 2
    error_message = "network needs one subnet or more for the tasks and two or more, in different zones, for the load balancer."
  }
}

variable "callers" {
  description = "Addresses that may reach the load balancer, as CIDR blocks: [\"0.0.0.0/0\"] is everybody."
  type        = set(string)
  nullable    = false

  validation {
    condition     = length(var.callers) > 0 && alltrue([for block in var.callers : can(cidrnetmask(block))])
    error_message = "callers must be one or more blocks of IPv4 addresses, such as 10.0.0.0/8."
  }
}

variable "internal" {
  description = "Whether only the VPC, and what is connected to it, reaches the load balancer."
  type        = bool
  default     = true
  nullable    = false
}

variable "certificate" {
  description = "The certificate in ACM and the domain that it is for: HTTPS, to which HTTP is sent on. Warning: with null it is plain HTTP, and everybody on the way reads and changes rows and answers; only for a network of your own."
  type = object({
    arn    = string
    domain = string
  })
  default = null

  validation {
    condition     = var.certificate == null || can(regex("^arn:[a-z-]+:acm:[a-z0-9-]+:[0-9]{12}:certificate/.+$", var.certificate.arn))
    error_message = "certificate.arn must be the ARN of a certificate in ACM in this region."
  }
  validation {
    condition     = var.certificate == null || can(regex("^([a-z0-9-]+\\.)+[a-z]{2,}$", var.certificate.domain))
    error_message = "certificate.domain must be a name that the certificate is for, such as forest.example.com; it is to lead to output load_balancer."
  }
}

variable "instances" {
  description = "How many tasks: between minimum and maximum, where requests_per_minute (what one task answers: forestd bench prints it, run where cpu is the same) or cpu_percent says when to add one."
  type = object({
    minimum             = optional(number, 1)
    maximum             = optional(number, 1)
    requests_per_minute = optional(number)
    cpu_percent         = optional(number, 70)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.instances.minimum >= 1 && var.instances.maximum >= var.instances.minimum && floor(var.instances.minimum) == var.instances.minimum && floor(var.instances.maximum) == var.instances.maximum
    error_message = "instances: 1 <= minimum <= maximum, whole numbers."
  }
  validation {
    condition     = (var.instances.requests_per_minute == null ? 1 : var.instances.requests_per_minute) > 0
    error_message = "instances.requests_per_minute must be above 0: what one task answers; forestd bench prints it."
  }
  validation {
    condition     = var.instances.cpu_percent >= 10 && var.instances.cpu_percent <= 95
    error_message = "instances.cpu_percent must be from 10 to 95; 70 leaves room until another task has started."
  }
}

variable "startup_seconds" {
  description = "How long a task may take to fetch and read its model before it counts as ill."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.startup_seconds >= 1 && var.startup_seconds <= 300 && floor(var.startup_seconds) == var.startup_seconds
    error_message = "startup_seconds must be a whole number from 1 to 300. A model that takes longer belongs into the image (scripts/image --model)."
  }
}

variable "environment" {
  description = "Environment variables for forestd, such as FORESTD_LOG_LEVEL."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.environment) : can(regex("^[a-zA-Z_][a-zA-Z0-9_]*$", key))])
    error_message = "environment: a variable begins with a letter and has letters, digits and underscores."
  }
  validation {
    condition     = length(setintersection(keys(var.environment), ["FORESTD_MODE", "FORESTD_HOST", "FORESTD_PORT"])) == 0 && (var.model == null || !contains(keys(var.environment), "FORESTD_MODEL"))
    error_message = "environment: FORESTD_MODE, FORESTD_HOST and FORESTD_PORT are set here as the load balancer needs them, and model says what FORESTD_MODEL would."
  }
}

variable "protected" {
  description = "Keeps the load balancer from being deleted: set it to false and apply before terraform destroy."
  type        = bool
  default     = false
  nullable    = false
}

variable "kms_key_arn" {
  description = "A KMS key of your own for log lines; its policy must let logs.REGION.amazonaws.com use it. Null is AWS's own keys. The task may decrypt the model with it."
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
  description = "When to raise an alarm: requests in a minute that were answered with 5xx, milliseconds that 99 of 100 answers take, percent of processor; and the SNS topics that hear of it. Errors and latency also take an update back."
  type = object({
    errors     = optional(number, 5)
    latency    = optional(number, 100)
    saturation = optional(number, 85)
    topics     = optional(list(string), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.alarms.errors >= 1 && var.alarms.latency > 0
    error_message = "alarms: errors must be 1 or more, latency above 0."
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
