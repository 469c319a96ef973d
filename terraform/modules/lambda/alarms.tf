# A function's Errors are events that it could not answer at all. A request that was answered with 5xx is none of them:
# these are counted where it came in.

locals {
  limit = var.concurrency.reserved == null ? var.concurrency.account : var.concurrency.reserved
  alarms = { for name, alarm in {
    errors = {
      text       = "Events that ${var.name} could not answer."
      namespace  = "AWS/Lambda", metric = "Errors", statistic = "Sum"
      dimensions = local.dimensions, above = var.alarms.errors - 1, minutes = 1
    }
    latency = {
      text       = "99 of 100 events take ${var.name} longer than ${var.alarms.latency} ms."
      namespace  = "AWS/Lambda", metric = "Duration", statistic = "p99"
      dimensions = local.dimensions, above = var.alarms.latency, minutes = 3
    }
    throttles = {
      text       = "Events that ${var.name} was not let answer: there were too many at once."
      namespace  = "AWS/Lambda", metric = "Throttles", statistic = "Sum"
      dimensions = { FunctionName = var.name }, above = var.alarms.throttles - 1, minutes = 1
    }
    # Without a reservation, what is short is what all functions of the account share.
    saturation = {
      text       = "More than ${var.alarms.saturation} % of the ${local.limit} events at once that ${var.concurrency.reserved == null ? "the account" : var.name} may have."
      namespace  = "AWS/Lambda", metric = "ConcurrentExecutions", statistic = "Maximum"
      dimensions = { for key, value in { FunctionName = var.name } : key => value if var.concurrency.reserved != null }
      above      = local.limit * var.alarms.saturation / 100, minutes = 3
    }
    provisioned = var.concurrency.provisioned == 0 ? null : {
      text       = "More than ${var.alarms.saturation} % of the provisioned instances of ${var.name} are busy: what comes on top starts slowly."
      namespace  = "AWS/Lambda", metric = "ProvisionedConcurrencyUtilization", statistic = "Maximum"
      dimensions = local.dimensions, above = var.alarms.saturation / 100, minutes = 5
    }
    url = var.url == null ? null : {
      text       = "Requests to the URL of ${var.name} that were answered with 5xx."
      namespace  = "AWS/Lambda", metric = "Url5xxCount", statistic = "Sum"
      dimensions = local.dimensions, above = var.alarms.errors - 1, minutes = 1
    }
    http-api = var.http_api == null ? null : {
      text       = "Requests to the HTTP API of ${var.name} that were answered with 5xx."
      namespace  = "AWS/ApiGateway", metric = "5xx", statistic = "Sum"
      dimensions = { ApiId = aws_apigatewayv2_api.http[0].id }, above = var.alarms.errors - 1, minutes = 1
    }
    rest-api = var.rest_api == null ? null : {
      text       = "Requests to the REST API of ${var.name} that were answered with 5xx."
      namespace  = "AWS/ApiGateway", metric = "5XXError", statistic = "Sum"
      dimensions = { ApiName = var.name, Stage = var.rest_api.stage }, above = var.alarms.errors - 1, minutes = 1
    }
  } : name => alarm if alarm != null }
}

resource "aws_cloudwatch_metric_alarm" "function" {
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
