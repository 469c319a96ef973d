# Two identities: the workspace manages what it stands on, the endpoint reads its image and its model and nothing else.

resource "azurerm_user_assigned_identity" "workspace" {
  name                = "${var.name}-workspace"
  resource_group_name = var.resource_group.name
  location            = var.location
  tags                = var.tags
}

resource "azurerm_user_assigned_identity" "endpoint" {
  name                = "${var.name}-endpoint"
  resource_group_name = var.resource_group.name
  location            = var.location
  tags                = var.tags
}

# What Azure ML asks for on each of these, and nowhere else:
# https://learn.microsoft.com/azure/machine-learning/how-to-identity-based-service-authentication
resource "azurerm_role_assignment" "workspace" {
  for_each = {
    storage         = { scope = var.storage_account.id, role = "Contributor" }
    blobs           = { scope = var.storage_account.id, role = "Storage Blob Data Contributor" }
    files           = { scope = var.storage_account.id, role = "Storage File Data Privileged Contributor" }
    registry        = { scope = var.registry_id, role = "Contributor" }
    key_vault       = { scope = azurerm_key_vault.forest.id, role = "Contributor" }
    key_vault_data  = { scope = azurerm_key_vault.forest.id, role = "Key Vault Administrator" }
    insights        = { scope = azurerm_application_insights.forest.id, role = "Contributor" }
    endpoint_itself = { scope = azurerm_user_assigned_identity.endpoint.id, role = "Managed Identity Operator" }
  }

  scope                = each.value.scope
  role_definition_name = each.value.role
  principal_id         = azurerm_user_assigned_identity.workspace.principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_role_assignment" "endpoint" {
  for_each = {
    image = { scope = var.registry_id, role = "AcrPull" }
    model = { scope = var.container.id, role = "Storage Blob Data Reader" }
  }

  scope                = each.value.scope
  role_definition_name = each.value.role
  principal_id         = azurerm_user_assigned_identity.endpoint.principal_id
  principal_type       = "ServicePrincipal"
}

# Who may ask: this endpoint, and nothing else of the workspace.
resource "azurerm_role_definition" "invoker" {
  count = length(var.invokers) == 0 ? 0 : 1

  name        = "${local.endpoint} invoker"
  description = "Asks the endpoint ${local.endpoint} for predictions."
  scope       = var.resource_group.id

  permissions {
    actions = [{
      AADToken = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/score/action"
      AMLToken = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/token/action"
      Key      = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/listKeys/action"
    }[var.auth]]
  }
}

resource "azurerm_role_assignment" "invokers" {
  for_each = toset(var.invokers)

  scope              = azapi_resource.endpoint.id
  role_definition_id = azurerm_role_definition.invoker[0].role_definition_resource_id
  principal_id       = each.value
}
