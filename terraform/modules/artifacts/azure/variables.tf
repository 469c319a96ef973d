variable "resource_group" {
  description = "The resource group for everything made here."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_().-]{0,89}[A-Za-z0-9_()-]$", var.resource_group))
    error_message = "resource_group must be a group's name of up to 90 characters, not its id, and may not end with a dot."
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
  description = "Names the storage account and the registry, without its hyphens and with six characters that make it unique in the world."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,16}[a-z0-9])$", var.name)) && !strcontains(var.name, "--")
    error_message = "name must be 2 to 18 small letters, digits and single hyphens, such as forest-dev: a storage account takes 24 characters, of which 6 make it unique."
  }
}

variable "replication" {
  description = "How the storage account keeps copies: LRS (one place), ZRS (three zones), GRS or GZRS (another region too)."
  type        = string
  default     = "ZRS"
  nullable    = false

  validation {
    condition     = contains(["LRS", "ZRS", "GRS", "GZRS"], var.replication)
    error_message = "replication must be LRS, ZRS, GRS or GZRS."
  }
}

variable "registry_sku" {
  description = "Basic, Standard or Premium; they differ in room and in how fast they are, and are billed by the day."
  type        = string
  default     = "Basic"
  nullable    = false

  validation {
    condition     = contains(["Basic", "Standard", "Premium"], var.registry_sku)
    error_message = "registry_sku must be Basic, Standard or Premium."
  }
}

variable "scan" {
  description = "Lets Microsoft Defender look for known weaknesses in every image pushed: in all registries of the subscription, billed there by the image, and still so when this is destroyed."
  type        = bool
  default     = false
  nullable    = false
}

variable "keep_images" {
  description = "How many images of each name the registry keeps in any case."
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
  description = "Days until an overwritten object is gone for good."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = var.keep_old_versions_days >= 1 && floor(var.keep_old_versions_days) == var.keep_old_versions_days
    error_message = "keep_old_versions_days must be a whole number of days, 1 or more."
  }
}

variable "keep_deleted_days" {
  description = "Days until a deleted object or container is gone for good."
  type        = number
  default     = 14
  nullable    = false

  validation {
    condition     = var.keep_deleted_days >= 1 && var.keep_deleted_days <= 365 && floor(var.keep_deleted_days) == var.keep_deleted_days
    error_message = "keep_deleted_days must be a whole number from 1 to 365."
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
