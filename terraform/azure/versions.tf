terraform {
  required_version = ">= 1.9"

  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 5.0"
    }
    azapi = {
      source  = "azure/azapi"
      version = "~> 2.0"
    }
  }

  # One state for each environment: terraform init -reconfigure -backend-config=environments/dev.tfbackend
  backend "azurerm" {}
}

provider "azurerm" {
  subscription_id     = var.subscription_id
  storage_use_azuread = true

  features {
    # Azure keeps a deleted workspace and its name for two weeks, and puts things into the group that Terraform did not
    # make; only where all is to last is either a reason to stop.
    machine_learning {
      purge_soft_deleted_workspace_on_destroy = !local.lasts
    }
    resource_group {
      prevent_deletion_if_contains_resources = local.lasts
    }
  }
}

provider "azapi" {
  subscription_id = var.subscription_id
}
