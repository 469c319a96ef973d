# More tasks when one has more requests than it answers, or more to do than it should; fewer when that has passed.

locals {
  policies = { for name, policy in {
    requests = var.instances.requests_per_minute == null ? null : {
      metric = "ALBRequestCountPerTarget", target = var.instances.requests_per_minute
      label  = "${aws_lb.forest.arn_suffix}/${aws_lb_target_group.tasks.arn_suffix}"
    }
    cpu = { metric = "ECSServiceAverageCPUUtilization", target = var.instances.cpu_percent, label = null }
  } : name => policy if policy != null && local.scales }
}

resource "aws_appautoscaling_target" "tasks" {
  count = local.scales ? 1 : 0

  service_namespace  = "ecs"
  resource_id        = "service/${aws_ecs_cluster.forest.name}/${aws_ecs_service.forest.name}"
  scalable_dimension = "ecs:service:DesiredCount"
  min_capacity       = var.instances.minimum
  max_capacity       = var.instances.maximum
  tags               = var.tags
}

resource "aws_appautoscaling_policy" "tasks" {
  for_each = local.policies

  name               = "${var.name}-${each.key}"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.tasks[0].service_namespace
  resource_id        = aws_appautoscaling_target.tasks[0].resource_id
  scalable_dimension = aws_appautoscaling_target.tasks[0].scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value       = each.value.target
    scale_in_cooldown  = 300
    scale_out_cooldown = 60

    predefined_metric_specification {
      predefined_metric_type = each.value.metric
      resource_label         = each.value.label
    }
  }
}
