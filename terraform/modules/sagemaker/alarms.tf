# Errors and latency also take an update back; saturation says that more instances are due.

resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = "${var.name}-errors"
  alarm_description   = "Requests that ${var.name} could not answer."
  namespace           = "AWS/SageMaker"
  metric_name         = var.mode == "async" ? "InvocationFailures" : "Invocation5XXErrors"
  dimensions          = var.mode == "async" ? { EndpointName = var.name } : local.dimensions
  statistic           = "Sum"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = var.alarms.errors
  period              = 60
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarms.topics
  ok_actions          = var.alarms.topics
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "latency" {
  alarm_name          = "${var.name}-latency"
  alarm_description   = "99 of 100 answers of ${var.name} take longer than ${var.alarms.latency} ms."
  namespace           = "AWS/SageMaker"
  metric_name         = "ModelLatency"
  dimensions          = local.dimensions
  extended_statistic  = "p99"
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.alarms.latency * 1000 # microseconds
  period              = 60
  evaluation_periods  = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarms.topics
  ok_actions          = var.alarms.topics
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "saturation" {
  alarm_name          = "${var.name}-saturation"
  alarm_description   = "${var.name} has little room left."
  namespace           = "/aws/sagemaker/Endpoints"
  metric_name         = local.instances ? "CPUUtilizationNormalized" : "MemoryUtilization"
  dimensions          = local.dimensions
  statistic           = "Average"
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.alarms.saturation
  period              = 60
  evaluation_periods  = 5
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarms.topics
  ok_actions          = var.alarms.topics
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "wait" {
  count = var.mode == "async" ? 1 : 0

  alarm_name          = "${var.name}-wait"
  alarm_description   = "The oldest request of ${var.name} has waited for more than ${var.alarms.wait_minutes} minutes."
  namespace           = "AWS/SageMaker"
  metric_name         = "ApproximateAgeOfOldestRequest"
  dimensions          = { EndpointName = var.name }
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.alarms.wait_minutes * 60
  period              = 60
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarms.topics
  ok_actions          = var.alarms.topics
  tags                = var.tags
}
