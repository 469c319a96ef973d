terraform {
  required_version = ">= 1.9"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 7.0"
    }
  }

  # One state for each environment: terraform init -reconfigure -backend-config=environments/dev.tfbackend
  backend "gcs" {}
}

provider "google" {
  project               = var.project
  region                = var.location
  billing_project       = var.project
  user_project_override = true
}
