# Instances follow the requests that one of them answers in a minute; asynchronous ones follow what waits, down to none.

locals {
  scales       = local.instances && (var.mode == "async" || var.instances.maximum > var.instances.minimum)
  scales_warm  = local.provisions && var.serverless.provisioned_maximum > var.serverless.provisioned
  from_nothing = var.mode == "async" && var.instances.minimum == 0
}

resource "aws_appautoscaling_target" "instances" {
  count = local.scales ? 1 : 0

  service_namespace  = "sagemaker"
  resource_id        = "endpoint/${aws_sagemaker_endpoint.forest.name}/variant/${local.variant}"
  scalable_dimension = "sagemaker:variant:DesiredInstanceCount"
  min_capacity       = var.instances.minimum
  max_capacity       = var.instances.maximum
  tags               = var.tags
}

resource "aws_appautoscaling_policy" "requests" {
  count = local.scales && var.mode != "async" ? 1 : 0

  name               = "${var.name}-requests"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.instances[0].service_namespace
  resource_id        = aws_appautoscaling_target.instances[0].resource_id
  scalable_dimension = aws_appautoscaling_target.instances[0].scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value       = var.instances.requests_per_minute
    scale_out_cooldown = 60
    scale_in_cooldown  = 300

    predefined_metric_specification {
      predefined_metric_type = "SageMakerVariantInvocationsPerInstance"
    }
  }
}

resource "aws_appautoscaling_policy" "backlog" {
  count = var.mode == "async" ? 1 : 0

  name               = "${var.name}-backlog"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.instances[0].service_namespace
  resource_id        = aws_appautoscaling_target.instances[0].resource_id
  scalable_dimension = aws_appautoscaling_target.instances[0].scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value       = var.instances.backlog
    scale_out_cooldown = 60
    scale_in_cooldown  = 300

    customized_metric_specification {
      metric_name = "ApproximateBacklogSizePerInstance"
      namespace   = "AWS/SageMaker"
      statistic   = "Average"

      dimensions {
        name  = "EndpointName"
        value = var.name
      }
    }
  }
}

# With no instance there is no backlog an instance: the first request starts one.
resource "aws_appautoscaling_policy" "first_instance" {
  count = local.from_nothing ? 1 : 0

  name               = "${var.name}-first-instance"
  policy_type        = "StepScaling"
  service_namespace  = aws_appautoscaling_target.instances[0].service_namespace
  resource_id        = aws_appautoscaling_target.instances[0].resource_id
  scalable_dimension = aws_appautoscaling_target.instances[0].scalable_dimension

  step_scaling_policy_configuration {
    adjustment_type         = "ChangeInCapacity"
    metric_aggregation_type = "Average"
    cooldown                = 300

    step_adjustment {
      metric_interval_lower_bound = 0
      scaling_adjustment          = 1
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "first_instance" {
  count = local.from_nothing ? 1 : 0

  alarm_name          = "${var.name}-first-instance"
  alarm_description   = "Requests wait and there is no instance: one is started."
  namespace           = "AWS/SageMaker"
  metric_name         = "HasBacklogWithoutCapacity"
  dimensions          = { EndpointName = var.name }
  statistic           = "Average"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  period              = 60
  evaluation_periods  = 1
  treat_missing_data  = "missing"
  alarm_actions       = [aws_appautoscaling_policy.first_instance[0].arn]
  tags                = var.tags
}

resource "aws_appautoscaling_target" "warm" {
  count = local.scales_warm ? 1 : 0

  service_namespace  = "sagemaker"
  resource_id        = "endpoint/${aws_sagemaker_endpoint.forest.name}/variant/${local.variant}"
  scalable_dimension = "sagemaker:variant:DesiredProvisionedConcurrency"
  min_capacity       = var.serverless.provisioned
  max_capacity       = var.serverless.provisioned_maximum
  tags               = var.tags
}

resource "aws_appautoscaling_policy" "warm" {
  count = local.scales_warm ? 1 : 0

  name               = "${var.name}-warm"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.warm[0].service_namespace
  resource_id        = aws_appautoscaling_target.warm[0].resource_id
  scalable_dimension = aws_appautoscaling_target.warm[0].scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value = 0.7

    predefined_metric_specification {
      predefined_metric_type = "SageMakerVariantProvisionedConcurrencyUtilization"
    }
  }
}
