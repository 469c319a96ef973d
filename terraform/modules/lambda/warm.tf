# Instances that are there before they are asked: provisioned ones, or others that a schedule keeps from being taken away.

resource "terraform_data" "provisioned" {
  input = var.concurrency.provisioned
}

resource "aws_lambda_provisioned_concurrency_config" "live" {
  count = var.concurrency.provisioned == 0 ? 0 : 1

  function_name                     = aws_lambda_function.forest.function_name
  qualifier                         = aws_lambda_alias.live.name
  provisioned_concurrent_executions = var.concurrency.provisioned

  # The number is scaling's, once it is there. Another one given here is begun with anew.
  lifecycle {
    ignore_changes       = [provisioned_concurrent_executions]
    replace_triggered_by = [terraform_data.provisioned]
  }
}

resource "aws_appautoscaling_target" "provisioned" {
  count = local.scales ? 1 : 0

  service_namespace  = "lambda"
  resource_id        = "function:${aws_lambda_function.forest.function_name}:${aws_lambda_provisioned_concurrency_config.live[0].qualifier}"
  scalable_dimension = "lambda:function:ProvisionedConcurrency"
  min_capacity       = var.concurrency.provisioned
  max_capacity       = var.concurrency.provisioned_maximum
  tags               = var.tags
}

resource "aws_appautoscaling_policy" "provisioned" {
  count = local.scales ? 1 : 0

  name               = "${var.name}-provisioned"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.provisioned[0].service_namespace
  resource_id        = aws_appautoscaling_target.provisioned[0].resource_id
  scalable_dimension = aws_appautoscaling_target.provisioned[0].scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value = var.concurrency.utilization

    predefined_metric_specification {
      predefined_metric_type = "LambdaProvisionedConcurrencyUtilization"
    }
  }
}

resource "aws_cloudwatch_event_rule" "warm_up" {
  count = local.warms == 0 ? 0 : 1

  name                = "${var.name}-warm-up"
  description         = "Keeps ${local.warms} of ${var.name} started"
  schedule_expression = "rate(${var.warm_up.minutes} ${var.warm_up.minutes == 1 ? "minute" : "minutes"})"
  tags                = var.tags
}

resource "aws_cloudwatch_event_target" "warm_up" {
  count = local.warms

  rule      = aws_cloudwatch_event_rule.warm_up[0].name
  target_id = "warm-up-${count.index + 1}"
  arn       = aws_lambda_alias.live.arn

  # Several at once are several instances only while each is busy; not for so long that the latency's alarm hears of it.
  input = local.warms == 1 ? jsonencode({ warmup = true }) : jsonencode({ warmup = true, sleep = min(0.2, var.alarms.latency / 2000) })

  retry_policy {
    maximum_event_age_in_seconds = 60
    maximum_retry_attempts       = 0
  }
}

resource "aws_lambda_permission" "warm_up" {
  count = local.warms == 0 ? 0 : 1

  action        = "lambda:InvokeFunction"
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.warm_up[0].arn
  function_name = aws_lambda_function.forest.function_name
  qualifier     = aws_lambda_alias.live.name
}
