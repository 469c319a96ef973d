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
  description = "The region of bucket and repository. Vertex AI wants its image in the region it serves from."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]{1,2}$", var.location))
    error_message = "location must be a region, such as europe-west1; a zone (europe-west1-b) or a multi-region (EU) is not one."
  }
}

variable "name" {
  description = "Names the bucket (with the project behind it) and the image repository."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,30}[a-z0-9]$", var.name))
    error_message = "name must be 2 to 32 small letters, digits and hyphens, such as forest-dev: a bucket takes 63 characters, of which the project uses up to 31."
  }
  validation {
    condition     = !strcontains(var.name, "google") && !startswith(var.name, "goog")
    error_message = "name may not begin with goog nor hold google: Google refuses such buckets."
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

variable "immutable_tags" {
  description = "Refuses to move or delete a tag. What has a tag is then never cleaned up either, so that only deploying by digest and pruning by hand goes with it."
  type        = bool
  default     = false
  nullable    = false
}

variable "keep_images" {
  description = "How many images the repository keeps in any case."
  type        = number
  default     = 20
  nullable    = false

  validation {
    condition     = var.keep_images >= 2 && var.keep_images <= 1000 && floor(var.keep_images) == var.keep_images
    error_message = "keep_images must be a whole number from 2 (the one that serves and the one to go back to) to 1000."
  }
}

variable "keep_images_days" {
  description = "Days until an image that is not among these is deleted."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = var.keep_images_days >= 1 && floor(var.keep_images_days) == var.keep_images_days
    error_message = "keep_images_days must be a whole number of days, 1 or more."
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

variable "deletable" {
  description = "Lets terraform destroy delete the bucket with its models."
  type        = bool
  default     = false
  nullable    = false
}

variable "labels" {
  description = "Labels for everything made here."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(var.labels) <= 64 && alltrue([for key, value in var.labels : can(regex("^[a-z][a-z0-9_-]{0,62}$", key)) && can(regex("^[a-z0-9_-]{0,63}$", value))])
    error_message = "Google takes up to 64 labels of small letters, digits, _ and -, up to 63 characters each, whose names begin with a letter."
  }
}
