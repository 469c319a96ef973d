mock_provider "azurerm" {
  mock_data "azurerm_client_config" {
    defaults = { subscription_id = "00000000-1111-2222-3333-444444444444", tenant_id = "00000000-1111-2222-3333-555555555555" }
  }
  mock_resource "azurerm_log_analytics_workspace" {
    defaults = { id = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/forest-dev/providers/Microsoft.OperationalInsights/workspaces/forest-dev" }
  }
  mock_resource "azurerm_application_insights" {
    defaults = { id = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/forest-dev/providers/Microsoft.Insights/components/forest-dev" }
  }
  mock_resource "azurerm_key_vault" {
    defaults = { id = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/forest-dev/providers/Microsoft.KeyVault/vaults/forest-dev-1a2b3" }
  }
  mock_resource "azurerm_machine_learning_workspace" {
    defaults = { id = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/forest-dev/providers/Microsoft.MachineLearningServices/workspaces/forest-dev" }
  }
  mock_resource "azurerm_user_assigned_identity" {
    defaults = { id = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/forest-dev/providers/Microsoft.ManagedIdentity/userAssignedIdentities/forest-dev", principal_id = "01234567-89ab-cdef-0123-456789abcdef" }
  }
  mock_resource "azurerm_role_definition" {
    defaults = { role_definition_resource_id = "/subscriptions/00000000-1111-2222-3333-444444444444/providers/Microsoft.Authorization/roleDefinitions/01234567-89ab-cdef-0123-456789abcdef" }
  }
}

mock_provider "azapi" {
  mock_resource "azapi_resource" {
    defaults = {
      id     = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/forest-dev/providers/Microsoft.MachineLearningServices/workspaces/forest-dev/onlineEndpoints/forest-dev-1a2b3"
      output = { properties = { scoringUri = "https://forest-dev-1a2b3.westeurope.inference.ml.azure.com/score" } }
    }
  }
}

variables {
  resource_group  = { id = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/forest-dev", name = "forest-dev" }
  location        = "westeurope"
  name            = "forest-dev"
  storage_account = { id = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/forest-dev/providers/Microsoft.Storage/storageAccounts/forestdev1a2b3c", name = "forestdev1a2b3c" }
  container = {
    id      = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/forest-dev/providers/Microsoft.Storage/storageAccounts/forestdev1a2b3c/blobServices/default/containers/models"
    name    = "models"
    address = "https://forestdev1a2b3c.blob.core.windows.net/models"
  }
  registry_id = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/forest-dev/providers/Microsoft.ContainerRegistry/registries/forestdev1a2b3c"
  deployments = {
    blue = { image = "forestdev1a2b3c.azurecr.io/forestd:1a2b3c", model = "https://forestdev1a2b3c.blob.core.windows.net/models/1a2b3c/model.joblib" }
  }
}

run "defaults" {
  command = apply

  assert {
    condition     = can(regex("^forest-dev-[0-9a-f]{5}$", azapi_resource.endpoint.name)) && length(azurerm_key_vault.forest.name) <= 24
    error_message = "the names are not the usual ones"
  }
  assert {
    condition     = azurerm_key_vault.forest.rbac_authorization_enabled && azurerm_key_vault.forest.purge_protection_enabled && azurerm_machine_learning_workspace.forest.storage_account_access_type == "Identity"
    error_message = "something is reached by a key"
  }
  assert {
    condition     = azapi_resource.endpoint.body.properties.authMode == "AADToken" && azapi_resource.endpoint.body.properties.publicNetworkAccess == "Enabled"
    error_message = "callers show something else"
  }
  assert {
    condition     = output.target == "azureml://forest-dev-1a2b3.westeurope.inference.ml.azure.com/score" && output.workspace == "forest-dev" && output.endpoint == azapi_resource.endpoint.name
    error_message = "the outputs are not what forestd invoke and az take"
  }
  assert {
    condition     = one(values(azapi_resource.model_version)).body.properties.modelUri == "azureml://subscriptions/00000000-1111-2222-3333-444444444444/resourcegroups/forest-dev/workspaces/forest-dev/datastores/models/paths/1a2b3c/model.joblib"
    error_message = "the model is looked for elsewhere"
  }
  assert {
    condition     = azapi_resource.datastore.body.properties.credentials.credentialsType == "None" && azapi_resource.datastore.body.properties.accountName == "forestdev1a2b3c"
    error_message = "the datastore has a key"
  }
  assert {
    condition     = one(values(azapi_resource.environment_version)).body.properties.image == "forestdev1a2b3c.azurecr.io/forestd:1a2b3c" && one(values(azapi_resource.environment_version)).body.properties.inferenceConfig.readinessRoute.path == "/ping" && one(values(azapi_resource.environment_version)).body.properties.inferenceConfig.scoringRoute.port == 8080
    error_message = "another image is served, or asked elsewhere"
  }
  assert {
    condition     = azapi_resource.deployment["blue"].body.sku.capacity == 1 && azapi_resource.deployment["blue"].body.properties.instanceType == "Standard_F2s_v2" && azapi_resource.deployment["blue"].body.properties.requestSettings.maxConcurrentRequestsPerInstance == 64 && azapi_resource.deployment["blue"].body.properties.requestSettings.requestTimeout == "PT60S"
    error_message = "another size, or other limits"
  }
  assert {
    condition     = azapi_resource.deployment["blue"].body.properties.environmentVariables == { FORESTD_MODE = "azureml", FORESTD_PORT = "8080" }
    error_message = "forestd is told something else"
  }
  assert {
    condition     = azapi_resource_action.drain.when == "destroy" && length(azapi_resource_action.drain.body.properties.traffic) == 0
    error_message = "the endpoint could not be deleted"
  }
  assert {
    condition     = azapi_update_resource.traffic.body.properties.traffic.blue == 100
    error_message = "the deployment does not get all requests"
  }
  assert {
    condition     = toset([for role in values(azurerm_role_assignment.endpoint) : role.role_definition_name]) == toset(["AcrPull", "Storage Blob Data Reader"]) && azurerm_role_assignment.endpoint["model"].scope == var.container.id
    error_message = "the endpoint may do more than read its image and its model"
  }
  assert {
    condition     = length(azurerm_role_definition.invoker) == 0 && length(azurerm_role_assignment.invokers) == 0
    error_message = "others may ask"
  }
  assert {
    condition     = azurerm_monitor_autoscale_setting.instances["blue"].profile[0].capacity[0].maximum == 1 && length(azurerm_monitor_autoscale_setting.instances["blue"].profile[0].rule) == 0
    error_message = "the number of instances is not held"
  }
  assert {
    condition     = azurerm_monitor_metric_alert.alert["errors"].criteria[0].threshold == 4 && azurerm_monitor_metric_alert.alert["latency"].criteria[0].threshold == 100 && azurerm_monitor_metric_alert.alert["saturation-blue"].criteria[0].threshold == 80 && azurerm_monitor_metric_alert.alert["model"].criteria[0].dimension[0].name == "modelStatusCode"
    error_message = "alerts are raised at other numbers"
  }
  assert {
    condition     = azurerm_log_analytics_workspace.logs.retention_in_days == 30 && length(azurerm_monitor_diagnostic_setting.logs.enabled_log) == 3
    error_message = "log lines are kept for another time"
  }
}

run "blue_and_green" {
  command = apply

  variables {
    deployments = {
      blue  = { image = "forestdev1a2b3c.azurecr.io/forestd:1", traffic = 90 }
      green = { image = "forestdev1a2b3c.azurecr.io/forestd:2", model = "https://forestdev1a2b3c.blob.core.windows.net/models/2/model.joblib", instance_type = "Standard_F4s_v2", minimum = 3, maximum = 10, requests_per_minute = 600000, cpu_percent = 60, concurrency = 16, traffic = 10 }
    }
  }

  assert {
    condition     = azapi_update_resource.traffic.body.properties.traffic.blue == 90 && azapi_update_resource.traffic.body.properties.traffic.green == 10
    error_message = "the requests are divided otherwise"
  }
  assert {
    condition     = azapi_resource.deployment["green"].body.sku.capacity == 3 && azapi_resource.deployment["green"].body.properties.instanceType == "Standard_F4s_v2" && azapi_resource.deployment["green"].body.properties.requestSettings.maxConcurrentRequestsPerInstance == 16
    error_message = "green has another size"
  }
  assert {
    condition     = !can(azapi_resource.deployment["blue"].body.properties.model) && length(azapi_resource.model_version) == 1 && length(azapi_resource.environment_version) == 2
    error_message = "a model in the image is looked for in the container"
  }
  assert {
    condition     = azurerm_monitor_autoscale_setting.instances["green"].profile[0].capacity[0].minimum == 3 && azurerm_monitor_autoscale_setting.instances["green"].profile[0].capacity[0].maximum == 10
    error_message = "green has other bounds"
  }
  assert {
    condition     = [for rule in azurerm_monitor_autoscale_setting.instances["green"].profile[0].rule : "${rule.metric_trigger[0].metric_name} ${rule.metric_trigger[0].operator} ${rule.metric_trigger[0].threshold} ${rule.scale_action[0].direction}"] == ["CpuUtilizationPercentage GreaterThan 60 Increase", "CpuUtilizationPercentage LessThan 30 Decrease", "RequestsPerMinute GreaterThan 600000 Increase", "RequestsPerMinute LessThan 300000 Decrease"]
    error_message = "green grows by other numbers"
  }
}

run "by_processors_alone" {
  command = plan

  variables {
    deployments = { blue = { image = "forestdev1a2b3c.azurecr.io/forestd:1", maximum = 2 } }
  }

  assert {
    condition     = length(azurerm_monitor_autoscale_setting.instances["blue"].profile[0].rule) == 2
    error_message = "there are rules without a number"
  }
}

run "asked_with_amltoken" {
  command = plan

  variables {
    auth     = "AMLToken"
    invokers = ["01234567-89ab-cdef-0123-456789abcdef"]
  }

  assert {
    condition     = azapi_resource.endpoint.body.properties.authMode == "AMLToken" && azurerm_role_definition.invoker[0].permissions[0].actions == tolist(["Microsoft.MachineLearningServices/workspaces/onlineEndpoints/token/action"])
    error_message = "callers may do something else"
  }
  assert {
    condition     = keys(azurerm_role_assignment.invokers) == ["01234567-89ab-cdef-0123-456789abcdef"]
    error_message = "others may ask"
  }
}

run "asked_with_key" {
  command = plan

  variables {
    auth     = "Key"
    invokers = ["01234567-89ab-cdef-0123-456789abcdef"]
  }

  assert {
    condition     = azapi_resource.endpoint.body.properties.authMode == "Key" && azurerm_role_definition.invoker[0].permissions[0].actions == tolist(["Microsoft.MachineLearningServices/workspaces/onlineEndpoints/listKeys/action"])
    error_message = "callers may do something else"
  }
  assert {
    condition     = keys(azurerm_role_assignment.invokers) == ["01234567-89ab-cdef-0123-456789abcdef"]
    error_message = "others may ask"
  }
}

run "asked_with_aadtoken" {
  command = plan

  variables {
    auth     = "AADToken"
    invokers = ["01234567-89ab-cdef-0123-456789abcdef"]
  }

  assert {
    condition     = azapi_resource.endpoint.body.properties.authMode == "AADToken" && azurerm_role_definition.invoker[0].permissions[0].actions == tolist(["Microsoft.MachineLearningServices/workspaces/onlineEndpoints/score/action"])
    error_message = "callers may do something else"
  }
  assert {
    condition     = keys(azurerm_role_assignment.invokers) == ["01234567-89ab-cdef-0123-456789abcdef"]
    error_message = "others may ask"
  }
}

run "other_options" {
  command = apply

  variables {
    port               = 9000
    timeout_seconds    = 5
    public_network     = false
    environment        = { FORESTD_LOG_LEVEL = "warn" }
    log_retention_days = 90
    tags               = { team = "trees" }
    alerts             = { errors = 1, latency = 20, saturation = 50, action_groups = ["/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/forest-dev/providers/microsoft.insights/actionGroups/trees"] }
  }

  assert {
    condition     = azapi_resource.deployment["blue"].body.properties.environmentVariables == { FORESTD_LOG_LEVEL = "warn", FORESTD_MODE = "azureml", FORESTD_PORT = "9000" } && azapi_resource.deployment["blue"].body.properties.requestSettings.requestTimeout == "PT5S"
    error_message = "variables, port or timeout are not heeded"
  }
  assert {
    condition     = azapi_resource.endpoint.body.properties.publicNetworkAccess == "Disabled" && azapi_resource.endpoint.tags.team == "trees" && azurerm_key_vault.forest.tags.team == "trees" && azurerm_log_analytics_workspace.logs.retention_in_days == 90
    error_message = "public_network, tags or log_retention_days are not heeded"
  }
  assert {
    condition     = alltrue([for alert in values(azurerm_monitor_metric_alert.alert) : one(alert.action).action_group_id == var.alerts.action_groups[0]]) && azurerm_monitor_metric_alert.alert["errors"].criteria[0].threshold == 0 && azurerm_monitor_metric_alert.alert["saturation-blue"].criteria[0].threshold == 50
    error_message = "alerts are not heeded"
  }
}
