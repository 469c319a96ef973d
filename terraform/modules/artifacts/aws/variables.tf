variable "name" {
  description = "Names the bucket (with account and region behind it) and the image repository."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 32 small letters, digits and hyphens, such as forest-dev: S3 takes 63 characters, of which account and region use up to 31."
  }
}

variable "kms_key_arn" {
  description = "A KMS key of your own for bucket and repository; null is S3's and ECR's own keys (AES-256)."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn must be a key's ARN, such as arn:aws:kms:eu-west-1:123456789012:key/…; an alias is not enough."
  }
}

variable "keep_images" {
  description = "How many images the repository keeps; older ones are deleted."
  type        = number
  default     = 20
  nullable    = false

  validation {
    condition     = var.keep_images >= 2 && var.keep_images <= 1000 && floor(var.keep_images) == var.keep_images
    error_message = "keep_images must be a whole number from 2 (the one that serves and the one to go back to) to 1000."
  }
}

variable "keep_old_versions_days" {
  description = "Days until an overwritten or deleted object is gone for good."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = var.keep_old_versions_days >= 1 && floor(var.keep_old_versions_days) == var.keep_old_versions_days
    error_message = "keep_old_versions_days must be a whole number of days, 1 or more."
  }
}

variable "short_lived" {
  description = "Folders whose objects are deleted after so many days, such as { answers = 30 }."
  type        = map(number)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for folder, days in var.short_lived : can(regex("^[^/]([^*]*[^/*])?$", folder)) && try(days >= 1 && floor(days) == days, false)])
    error_message = "short_lived must be folders without a slash at either end, and whole numbers of days, 1 or more, such as { answers = 30 }."
  }
}

variable "deletable" {
  description = "Lets terraform destroy delete the bucket with its models and the repository with its images."
  type        = bool
  default     = false
  nullable    = false
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
