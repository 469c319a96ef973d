resource "azurerm_monitor_autoscale_setting" "instances" {
  for_each = var.deployments

  name                = "${local.endpoint}-${each.key}"
  resource_group_name = var.resource_group.name
  location            = var.location
  target_resource_id  = azapi_resource.deployment[each.key].id
  tags                = var.tags

  profile {
    name = "instances"

    capacity {
      minimum = each.value.minimum
      maximum = each.value.maximum
      default = each.value.minimum
    }

    # One more as soon as one of these is too much; one less when all of them are below half of that.
    dynamic "rule" {
      for_each = each.value.maximum == each.value.minimum ? [] : [for rule in [
        { metric = "CpuUtilizationPercentage", direction = "Increase", threshold = each.value.cpu_percent, shared = false },
        { metric = "CpuUtilizationPercentage", direction = "Decrease", threshold = each.value.cpu_percent / 2, shared = false },
        { metric = "RequestsPerMinute", direction = "Increase", threshold = each.value.requests_per_minute, shared = true },
        { metric = "RequestsPerMinute", direction = "Decrease", threshold = each.value.requests_per_minute == null ? null : each.value.requests_per_minute / 2, shared = true },
      ] : rule if rule.threshold != null]

      content {
        metric_trigger {
          metric_name              = rule.value.metric
          metric_resource_id       = azapi_resource.deployment[each.key].id
          operator                 = rule.value.direction == "Increase" ? "GreaterThan" : "LessThan"
          statistic                = "Average"
          threshold                = rule.value.threshold
          time_aggregation         = "Average"
          time_grain               = "PT1M"
          time_window              = rule.value.direction == "Increase" ? "PT5M" : "PT15M"
          divide_by_instance_count = rule.value.shared
        }
        scale_action {
          direction = rule.value.direction
          type      = "ChangeCount"
          value     = 1
          cooldown  = rule.value.direction == "Increase" ? "PT3M" : "PT10M"
        }
      }
    }
  }
}
