locals {
  # A metric of the endpoint each, but for saturation, which every deployment has for itself.
  alerts = merge(
    {
      errors  = { text = "The platform could not answer.", severity = 1, metric = "RequestsPerMinute", threshold = var.alerts.errors - 1, window = "PT1M", dimension = "statusCodeClass" }
      model   = { text = "forestd could not answer; callers see 424.", severity = 1, metric = "RequestsPerMinute", threshold = var.alerts.errors - 1, window = "PT1M", dimension = "modelStatusCode" }
      latency = { text = "One answer in a hundred takes longer than ${var.alerts.latency} ms.", severity = 2, metric = "RequestLatency_P99", threshold = var.alerts.latency, window = "PT5M", dimension = null }
    },
    { for colour in keys(var.deployments) : "saturation-${colour}" => { text = "${colour} has little room left.", severity = 2, metric = "CpuUtilizationPercentage", threshold = var.alerts.saturation, window = "PT5M", dimension = null } },
  )
}

resource "azurerm_monitor_metric_alert" "alert" {
  for_each = local.alerts

  name                = "${local.endpoint}-${each.key}"
  description         = each.value.text
  resource_group_name = var.resource_group.name
  scopes              = [startswith(each.key, "saturation-") ? azapi_resource.deployment[trimprefix(each.key, "saturation-")].id : azapi_resource.endpoint.id]
  severity            = each.value.severity
  frequency           = "PT1M"
  window_size         = each.value.window
  tags                = var.tags

  criteria {
    metric_namespace = startswith(each.key, "saturation-") ? "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments" : "Microsoft.MachineLearningServices/workspaces/onlineEndpoints"
    metric_name      = each.value.metric
    aggregation      = "Average"
    operator         = "GreaterThan"
    threshold        = each.value.threshold

    dynamic "dimension" {
      for_each = each.value.dimension[*]

      content {
        name     = dimension.value
        operator = "StartsWith"
        values   = ["5"]
      }
    }
  }

  dynamic "action" {
    for_each = var.alerts.action_groups

    content {
      action_group_id = action.value
    }
  }
}

resource "azurerm_monitor_diagnostic_setting" "logs" {
  name                       = "logs"
  target_resource_id         = azapi_resource.endpoint.id
  log_analytics_workspace_id = azurerm_log_analytics_workspace.logs.id

  dynamic "enabled_log" {
    for_each = ["AmlOnlineEndpointTrafficLog", "AmlOnlineEndpointConsoleLog", "AmlOnlineEndpointEventLog"]

    content {
      category = enabled_log.value
    }
  }
}
