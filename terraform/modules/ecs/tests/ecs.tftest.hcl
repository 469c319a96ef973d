provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

override_data {
  target = data.aws_caller_identity.current
  values = { account_id = "123456789012" }
}

override_data {
  target = data.aws_region.current
  values = { region = "eu-west-1" }
}

override_data {
  target = data.aws_partition.current
  values = { partition = "aws" }
}

# What a cloud would say, said while planning: nothing is applied.
override_resource {
  target          = aws_cloudwatch_log_group.tasks
  override_during = plan
  values          = { arn = "arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/forest-dev" }
}

override_resource {
  target          = aws_lb.forest
  override_during = plan
  values          = { arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/forest-dev/1", arn_suffix = "app/forest-dev/1", dns_name = "internal-forest-dev-1.eu-west-1.elb.amazonaws.com" }
}

override_resource {
  target          = aws_lb_target_group.tasks
  override_during = plan
  values          = { arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/forest-dev-forest/1", arn_suffix = "targetgroup/forest-dev-forest/1" }
}

variables {
  name           = "forest-dev"
  image          = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/forest-dev:1a2b3c"
  repository_arn = "arn:aws:ecr:eu-west-1:123456789012:repository/forest-dev"
  callers        = ["10.0.0.0/8"]
  network = {
    vpc                   = "vpc-1"
    task_subnets          = ["subnet-1"]
    load_balancer_subnets = ["subnet-2", "subnet-3"]
  }
}

run "defaults" {
  command = plan

  assert {
    condition     = jsondecode(aws_ecs_task_definition.forest.container_definitions)[0].readonlyRootFilesystem && jsondecode(aws_ecs_task_definition.forest.container_definitions)[0].linuxParameters.capabilities.drop == ["ALL"] && jsondecode(aws_ecs_task_definition.forest.container_definitions)[0].user == "65534:65534"
    error_message = "the task may do more than it needs"
  }
  assert {
    condition     = aws_ecs_task_definition.forest.runtime_platform[0].cpu_architecture == "X86_64" && aws_ecs_service.forest.launch_type == "FARGATE" && aws_ecs_service.forest.desired_count == 1
    error_message = "not one task on Fargate for amd64"
  }
  assert {
    condition     = aws_lb.forest.internal && aws_lb.forest.drop_invalid_header_fields && !aws_ecs_service.forest.network_configuration[0].assign_public_ip
    error_message = "it can be reached from outside without having been told"
  }
  assert {
    condition     = length(aws_lb_listener.https) == 0 && aws_lb_listener.http.default_action[0].type == "forward"
    error_message = "HTTPS without a certificate"
  }
  assert {
    condition     = [for rule in aws_vpc_security_group_ingress_rule.callers : "${rule.cidr_ipv4} ${rule.from_port}"] == ["10.0.0.0/8 80"]
    error_message = "others may call"
  }
  assert {
    condition     = aws_ecs_service.forest.deployment_circuit_breaker[0].rollback && aws_ecs_service.forest.alarms[0].rollback && toset(aws_ecs_service.forest.alarms[0].alarm_names) == toset(["forest-dev-errors", "forest-dev-latency"])
    error_message = "an update that fails is not taken back"
  }
  assert {
    condition     = length(aws_appautoscaling_target.tasks) == 0 && length(aws_iam_role_policy.task) == 0
    error_message = "one task is scaled, or has rights"
  }
  assert {
    condition     = toset(keys(aws_cloudwatch_metric_alarm.service)) == toset(["errors", "unanswered", "latency", "unhealthy", "saturation"]) && aws_cloudwatch_metric_alarm.service["latency"].threshold == 0.1
    error_message = "alarms are missing, or in another unit"
  }
  assert {
    condition     = toset(flatten([for statement in data.aws_iam_policy_document.execution.statement : statement.resources if statement.sid == "PullTheImage"])) == toset(["arn:aws:ecr:eu-west-1:123456789012:repository/forest-dev"])
    error_message = "other images may be pulled"
  }
}

run "model_in_s3" {
  command = plan

  variables {
    model        = "s3://forest-models/models/1a2b3c/model.joblib"
    architecture = "arm64"
    environment  = { FORESTD_LOG_LEVEL = "warn" }
    kms_key_arn  = "arn:aws:kms:eu-west-1:123456789012:key/1234"
  }

  assert {
    condition     = contains(jsondecode(aws_ecs_task_definition.forest.container_definitions)[0].environment, { name = "FORESTD_MODEL", value = "s3://forest-models/models/1a2b3c/model.joblib" })
    error_message = "the task is not told where its model is"
  }
  assert {
    condition     = length(aws_iam_role_policy.task) == 1 && contains(flatten(data.aws_iam_policy_document.task.statement[*].resources), "arn:aws:s3:::forest-models/models/1a2b3c/model.joblib") && length(data.aws_iam_policy_document.task.statement) == 2
    error_message = "the task may not read its model, or more than that"
  }
  assert {
    condition     = aws_ecs_task_definition.forest.runtime_platform[0].cpu_architecture == "ARM64" && aws_cloudwatch_log_group.tasks.kms_key_id == "arn:aws:kms:eu-west-1:123456789012:key/1234"
    error_message = "not Graviton, or log lines without the key"
  }
}

run "https_for_everybody" {
  command = plan

  variables {
    internal    = false
    callers     = ["0.0.0.0/0"]
    certificate = { arn = "arn:aws:acm:eu-west-1:123456789012:certificate/1234", domain = "forest.example.com" }
    protected   = true
  }

  assert {
    condition     = aws_lb_listener.http.default_action[0].type == "redirect" && aws_lb_listener.https[0].certificate_arn == "arn:aws:acm:eu-west-1:123456789012:certificate/1234"
    error_message = "plain HTTP is answered"
  }
  assert {
    condition     = output.target == "https://forest.example.com" && length(aws_vpc_security_group_ingress_rule.callers) == 2 && aws_lb.forest.enable_deletion_protection
    error_message = "the target is ${output.target}"
  }
}

run "scaling" {
  command = plan

  variables {
    instances = { minimum = 3, maximum = 12, requests_per_minute = 60000, cpu_percent = 60 }
  }

  assert {
    condition     = aws_appautoscaling_target.tasks[0].min_capacity == 3 && aws_appautoscaling_target.tasks[0].max_capacity == 12
    error_message = "the service does not scale"
  }
  assert {
    condition     = aws_appautoscaling_policy.tasks["requests"].target_tracking_scaling_policy_configuration[0].target_value == 60000 && aws_appautoscaling_policy.tasks["cpu"].target_tracking_scaling_policy_configuration[0].target_value == 60
    error_message = "it follows other numbers"
  }
}

run "scaling_by_processor_alone" {
  command = plan

  variables {
    instances = { minimum = 1, maximum = 2 }
  }

  assert {
    condition     = keys(aws_appautoscaling_policy.tasks) == ["cpu"]
    error_message = "it follows requests of which nothing is known"
  }
}

run "size_network_alarms_and_tags" {
  command = plan

  variables {
    cpu                = 512
    memory             = 1024
    startup_seconds    = 120
    log_retention_days = 7
    alarms             = { errors = 1, latency = 20, saturation = 50, topics = ["arn:aws:sns:eu-west-1:123456789012:alarms"] }
    tags               = { team = "trees" }
    network = {
      vpc                   = "vpc-1"
      task_subnets          = ["subnet-1"]
      load_balancer_subnets = ["subnet-2", "subnet-3"]
      public_ip             = true
    }
  }

  assert {
    condition     = aws_ecs_task_definition.forest.cpu == "512" && aws_ecs_task_definition.forest.memory == "1024" && aws_ecs_service.forest.tags.team == "trees"
    error_message = "size or tags are not heeded"
  }
  assert {
    condition     = aws_ecs_service.forest.health_check_grace_period_seconds == 120 && jsondecode(aws_ecs_task_definition.forest.container_definitions)[0].healthCheck.startPeriod == 120
    error_message = "a task has less time to start"
  }
  assert {
    condition     = aws_ecs_service.forest.network_configuration[0].assign_public_ip
    error_message = "tasks in a public subnet reach nothing"
  }
  assert {
    condition     = { for name, alarm in aws_cloudwatch_metric_alarm.service : name => alarm.threshold } == { errors = 0, unanswered = 0, latency = 0.02, unhealthy = 0, saturation = 50 }
    error_message = "alarms ring at other numbers"
  }
  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.service : one(alarm.alarm_actions) == "arn:aws:sns:eu-west-1:123456789012:alarms"]) && aws_cloudwatch_log_group.tasks.retention_in_days == 7
    error_message = "nobody hears of alarms, or log lines stay longer"
  }
}
