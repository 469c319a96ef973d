variable "project" {
  description = "The project's id."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "project must be a project's id, 6 to 30 small letters, digits and hyphens."
  }
}

variable "location" {
  description = "The region to keep the lines in."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]{1,2}$", var.location))
    error_message = "location must be a region, such as europe-west1."
  }
}

variable "name" {
  description = "Names the bucket, the sink and the exclusion."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,98}[a-z0-9]$", var.name))
    error_message = "name must be 2 to 100 small letters, digits and hyphens."
  }
}

variable "filter" {
  description = "Which lines, in the query language of Cloud Logging."
  type        = string
  nullable    = false

  validation {
    condition     = strcontains(var.filter, "resource.type=") && length(var.filter) <= 20000
    error_message = "filter must name a resource.type, else every line of the project would be moved, and have at most 20000 characters."
  }
}

variable "retention_days" {
  description = "Days that log lines are kept."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.retention_days >= 1 && var.retention_days <= 3650 && floor(var.retention_days) == var.retention_days
    error_message = "retention_days must be a whole number from 1 to 3650."
  }
}
