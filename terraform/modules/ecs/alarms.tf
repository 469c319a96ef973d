# Errors and latency also take an update back: the service names them.

locals {
  balancer = { LoadBalancer = aws_lb.forest.arn_suffix }
  group    = merge(local.balancer, { TargetGroup = aws_lb_target_group.tasks.arn_suffix })
  alarms = {
    errors = {
      text       = "Requests to ${var.name} that were answered with 5xx."
      namespace  = "AWS/ApplicationELB", metric = "HTTPCode_Target_5XX_Count", statistic = "Sum"
      dimensions = local.group, above = var.alarms.errors - 1, minutes = 1
    }
    unanswered = {
      text       = "Requests that found no task of ${var.name}."
      namespace  = "AWS/ApplicationELB", metric = "HTTPCode_ELB_5XX_Count", statistic = "Sum"
      dimensions = local.balancer, above = var.alarms.errors - 1, minutes = 1
    }
    latency = {
      text       = "99 of 100 answers of ${var.name} take longer than ${var.alarms.latency} ms."
      namespace  = "AWS/ApplicationELB", metric = "TargetResponseTime", statistic = "p99"
      dimensions = local.group, above = var.alarms.latency / 1000, minutes = 3
    }
    unhealthy = {
      text       = "A task of ${var.name} does not answer /ping."
      namespace  = "AWS/ApplicationELB", metric = "UnHealthyHostCount", statistic = "Maximum"
      dimensions = local.group, above = 0, minutes = 3
    }
    saturation = {
      text       = "The tasks of ${var.name} use more than ${var.alarms.saturation} % of their processors."
      namespace  = "AWS/ECS", metric = "CPUUtilization", statistic = "Average"
      dimensions = { ClusterName = var.name, ServiceName = var.name }, above = var.alarms.saturation, minutes = 5
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "service" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.text
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = startswith(each.value.statistic, "p") ? null : each.value.statistic
  extended_statistic  = startswith(each.value.statistic, "p") ? each.value.statistic : null
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.above
  period              = 60
  evaluation_periods  = each.value.minutes
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarms.topics
  ok_actions          = var.alarms.topics
  tags                = var.tags
}
