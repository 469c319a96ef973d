# A Fargate service: tasks that nothing reaches but the load balancer before them.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  port   = 8080
  scales = var.instances.maximum > var.instances.minimum
  environment = merge(
    var.environment,
    { FORESTD_MODE = "http", FORESTD_HOST = "0.0.0.0", FORESTD_PORT = tostring(local.port) },
    { for key, value in { FORESTD_MODEL = var.model } : key => value if value != null },
  )
}

resource "aws_cloudwatch_log_group" "tasks" {
  name              = "/ecs/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

resource "aws_ecs_cluster" "forest" {
  name = var.name
  tags = var.tags
}

# Any user, nothing to write, no capability: forestd needs none of them.
resource "aws_ecs_task_definition" "forest" {
  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn
  tags                     = var.tags

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = { amd64 = "X86_64", arm64 = "ARM64" }[var.architecture]
  }

  container_definitions = jsonencode([{
    name                   = "forestd"
    image                  = var.image
    essential              = true
    command                = ["serve"]
    user                   = "65534:65534"
    readonlyRootFilesystem = true
    linuxParameters        = { capabilities = { drop = ["ALL"] } }
    stopTimeout            = 30
    environment            = [for key in sort(keys(local.environment)) : { name = key, value = local.environment[key] }]
    portMappings           = [{ containerPort = local.port, protocol = "tcp" }]
    healthCheck = {
      command     = ["CMD", "/usr/local/bin/forestd", "healthcheck"]
      interval    = 10
      timeout     = 5
      retries     = 3
      startPeriod = var.startup_seconds
    }
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.tasks.name
        awslogs-region        = data.aws_region.current.region
        awslogs-stream-prefix = "forestd"
      }
    }
  }])
}

# Tasks of the new kind first; they take over when they are well, and go again when they are not or an alarm rings.
resource "aws_ecs_service" "forest" {
  name                               = var.name
  cluster                            = aws_ecs_cluster.forest.arn
  task_definition                    = aws_ecs_task_definition.forest.arn
  launch_type                        = "FARGATE"
  desired_count                      = var.instances.minimum
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  health_check_grace_period_seconds  = var.startup_seconds
  propagate_tags                     = "SERVICE"
  wait_for_steady_state              = true
  tags                               = var.tags

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  alarms {
    alarm_names = [for name in ["errors", "latency"] : aws_cloudwatch_metric_alarm.service[name].alarm_name]
    enable      = true
    rollback    = true
  }

  network_configuration {
    subnets          = var.network.task_subnets
    security_groups  = [aws_security_group.tasks.id]
    assign_public_ip = var.network.public_ip
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.tasks.arn
    container_name   = "forestd"
    container_port   = local.port
  }

  # The number is scaling's, once it is there.
  lifecycle {
    ignore_changes = [desired_count]
  }

  depends_on = [aws_lb_listener.http, aws_lb_listener.https, aws_iam_role_policy.execution, aws_iam_role_policy.task]
}
