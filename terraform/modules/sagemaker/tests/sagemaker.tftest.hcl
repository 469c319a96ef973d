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
  target = data.aws_partition.current
  values = { partition = "aws" }
}

override_data {
  target = data.aws_region.current
  values = { region = "eu-west-1" }
}

# What a cloud would say, said while planning: nothing is applied.
override_resource {
  target          = aws_cloudwatch_log_group.endpoint
  override_during = plan
  values          = { arn = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/sagemaker/Endpoints/forest-dev" }
}

override_resource {
  target          = aws_appautoscaling_policy.first_instance
  override_during = plan
  values          = { arn = "arn:aws:autoscaling:eu-west-1:123456789012:scalingPolicy:1:resource/sagemaker/endpoint/forest-dev/variant/main:policyName/first" }
}

variables {
  name           = "forest-dev"
  image          = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/forest:1a2b3c"
  repository_arn = "arn:aws:ecr:eu-west-1:123456789012:repository/forest"
  model          = "s3://models/1a2b3c/model.tar.gz"
}

run "realtime" {
  command = plan

  assert {
    condition     = aws_sagemaker_endpoint_configuration.forest.production_variants[0].instance_type == "ml.c7i.large" && aws_sagemaker_endpoint_configuration.forest.production_variants[0].initial_instance_count == 1
    error_message = "not one small instance"
  }
  assert {
    condition     = aws_sagemaker_model.forest.primary_container[0].mode == "SingleModel" && aws_sagemaker_model.forest.primary_container[0].model_data_url == var.model
    error_message = "the model is not the one asked for"
  }
  assert {
    condition     = aws_sagemaker_model.forest.enable_network_isolation
    error_message = "the container reaches a network that it has no need of"
  }
  assert {
    condition     = aws_sagemaker_endpoint.forest.deployment_config[0].blue_green_update_policy[0].traffic_routing_configuration[0].type == "ALL_AT_ONCE"
    error_message = "one instance is to be divided"
  }
  assert {
    condition     = toset(aws_sagemaker_endpoint.forest.deployment_config[0].auto_rollback_configuration[0].alarms[*].alarm_name) == toset(["forest-dev-errors", "forest-dev-latency"])
    error_message = "errors and latency do not take an update back"
  }
  assert {
    condition     = length(aws_appautoscaling_target.instances) == 0 && length(aws_cloudwatch_metric_alarm.wait) == 0
    error_message = "a fixed number of instances is scaled"
  }
  assert {
    condition     = aws_cloudwatch_log_group.endpoint.name == "/aws/sagemaker/Endpoints/forest-dev" && aws_cloudwatch_log_group.endpoint.retention_in_days == 30
    error_message = "log lines are not kept for 30 days"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.latency.threshold == 100000
    error_message = "the latency alarm does not count in microseconds"
  }
}

run "role" {
  command = plan

  assert {
    condition = [for statement in data.aws_iam_policy_document.endpoint.statement : statement.sid if contains(statement.resources, "*")] == [
      "LogInToTheRegistry", "WriteMetrics",
    ]
    error_message = "the role reaches more than what is named"
  }
  assert {
    condition     = one([for statement in data.aws_iam_policy_document.endpoint.statement : one(statement.resources) if statement.sid == "ReadTheModel"]) == "arn:aws:s3:::models/1a2b3c/model.tar.gz"
    error_message = "the role reads another object than the model"
  }
  assert {
    condition     = !contains(flatten([for statement in data.aws_iam_policy_document.endpoint.statement : tolist(statement.actions)]), "s3:PutObject")
    error_message = "the role may write objects that it has no need to write"
  }
  assert {
    condition     = output.target == "sagemaker://forest-dev"
    error_message = "the target is not the endpoint"
  }
}

run "scaling" {
  command = plan

  variables {
    instances = { minimum = 3, maximum = 12, requests_per_minute = 90000 }
  }

  assert {
    condition     = aws_appautoscaling_target.instances[0].min_capacity == 3 && aws_appautoscaling_target.instances[0].max_capacity == 12
    error_message = "the range is not heeded"
  }
  assert {
    condition     = aws_sagemaker_endpoint.forest.deployment_config[0].blue_green_update_policy[0].traffic_routing_configuration[0].type == "CANARY"
    error_message = "updates do not begin with a canary"
  }
  assert {
    condition     = aws_appautoscaling_target.instances[0].resource_id == "endpoint/forest-dev/variant/main"
    error_message = "something else is scaled"
  }
  assert {
    condition     = aws_appautoscaling_policy.requests[0].target_tracking_scaling_policy_configuration[0].target_value == 90000
    error_message = "the target is not the one given"
  }
}

run "serverless" {
  command = plan

  variables {
    mode       = "serverless"
    serverless = { memory = 2048, concurrency = 50, provisioned = 2, provisioned_maximum = 10 }
  }

  assert {
    condition     = aws_sagemaker_endpoint_configuration.forest.production_variants[0].instance_type == null && length(aws_sagemaker_endpoint.forest.deployment_config) == 0
    error_message = "a serverless endpoint has instances or a deployment guard, which it may not"
  }
  assert {
    condition     = aws_sagemaker_endpoint_configuration.forest.production_variants[0].serverless_config[0].memory_size_in_mb == 2048 && aws_sagemaker_endpoint_configuration.forest.production_variants[0].serverless_config[0].provisioned_concurrency == 2
    error_message = "memory or provisioned concurrency are not heeded"
  }
  assert {
    condition     = aws_appautoscaling_target.warm[0].scalable_dimension == "sagemaker:variant:DesiredProvisionedConcurrency" && aws_appautoscaling_target.warm[0].max_capacity == 10
    error_message = "provisioned concurrency is not scaled"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.saturation.metric_name == "MemoryUtilization"
    error_message = "a serverless endpoint has no processor metric"
  }
  assert {
    condition     = !aws_sagemaker_model.forest.enable_network_isolation
    error_message = "a serverless endpoint cannot be isolated"
  }
}

run "async_to_zero" {
  command = plan

  variables {
    mode      = "async"
    instances = { minimum = 0, maximum = 4, backlog = 10 }
    alarms    = { wait_minutes = 5 }
    async = {
      input         = "s3://models/questions"
      output        = "s3://models/answers"
      success_topic = "arn:aws:sns:eu-west-1:123456789012:answers"
      error_topic   = "arn:aws:sns:eu-west-1:123456789012:failures"
      concurrency   = 8
    }
  }

  assert {
    condition     = aws_sagemaker_endpoint_configuration.forest.production_variants[0].initial_instance_count == 1 && aws_appautoscaling_target.instances[0].min_capacity == 0
    error_message = "it does not start with one instance and go down to none"
  }
  assert {
    condition     = aws_sagemaker_endpoint_configuration.forest.async_inference_config[0].output_config[0].s3_output_path == "s3://models/answers" && aws_sagemaker_endpoint_configuration.forest.async_inference_config[0].output_config[0].notification_config[0].error_topic == var.async.error_topic
    error_message = "answers or notifications go elsewhere"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.first_instance[0].metric_name == "HasBacklogWithoutCapacity" && tolist(aws_cloudwatch_metric_alarm.first_instance[0].alarm_actions)[0] == aws_appautoscaling_policy.first_instance[0].arn
    error_message = "nothing starts the first instance"
  }
  assert {
    condition     = one(one(aws_appautoscaling_policy.backlog[0].target_tracking_scaling_policy_configuration).customized_metric_specification).metric_name == "ApproximateBacklogSizePerInstance"
    error_message = "the backlog is not followed"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.wait[0].threshold == 300 && toset(aws_sagemaker_endpoint.forest.deployment_config[0].auto_rollback_configuration[0].alarms[*].alarm_name) == toset(["forest-dev-errors"])
    error_message = "a long wait is not told, or a long answer takes an update back"
  }
  assert {
    condition = one([for statement in data.aws_iam_policy_document.endpoint.statement : toset(statement.resources) if statement.sid == "WriteAnswers"]) == toset([
      "arn:aws:s3:::models/answers/*", "arn:aws:s3:::models/answers-failed/*",
    ])
    error_message = "the role writes elsewhere than to the answers"
  }
}

run "multi_model" {
  command = plan

  variables {
    mode  = "multi-model"
    model = "s3://models/many/"
  }

  assert {
    condition     = aws_sagemaker_model.forest.primary_container[0].mode == "MultiModel"
    error_message = "the container is not told that it holds several models"
  }
  assert {
    condition     = one([for statement in data.aws_iam_policy_document.endpoint.statement : one(statement.resources) if statement.sid == "ReadTheModel"]) == "arn:aws:s3:::models/many/*"
    error_message = "the role does not read the folder"
  }
}

run "capture_key_network" {
  command = plan

  variables {
    capture     = { destination = "s3://models/captured", percentage = 25 }
    kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/0b4f"
    network     = { subnets = ["subnet-1"], security_groups = ["sg-1"] }
  }

  assert {
    condition     = aws_sagemaker_endpoint_configuration.forest.data_capture_config[0].enable_capture && aws_sagemaker_endpoint_configuration.forest.data_capture_config[0].initial_sampling_percentage == 25
    error_message = "nothing is captured"
  }
  assert {
    condition     = aws_sagemaker_endpoint_configuration.forest.kms_key_arn == var.kms_key_arn
    error_message = "the disks are not encrypted with the key"
  }
  assert {
    condition     = one(aws_sagemaker_model.forest.vpc_config[0].subnets) == "subnet-1"
    error_message = "the model is not in the network"
  }
  assert {
    condition     = length(setintersection(data.aws_iam_policy_document.endpoint.statement[*].sid, ["UseTheKey", "EncryptTheDisks", "EnterTheNetwork", "SeeTheNetwork", "WriteAnswers"])) == 5
    error_message = "the role lacks what key, network and capture need"
  }
  assert {
    condition     = one([for statement in data.aws_iam_policy_document.endpoint.statement : toset(statement.resources) if statement.sid == "EnterTheNetwork"]) == toset([for resource in ["network-interface/*", "subnet/subnet-1", "security-group/sg-1"] : "arn:aws:ec2:eu-west-1:123456789012:${resource}"])
    error_message = "the role may enter other subnets"
  }
  assert {
    condition     = aws_cloudwatch_log_group.endpoint.kms_key_id == var.kms_key_arn
    error_message = "log lines are not encrypted with the key"
  }
}

run "rollout_and_alarms" {
  command = plan

  variables {
    instances          = { minimum = 2, maximum = 2 }
    rollout            = { kind = "linear", wait = 120 }
    log_retention_days = 7
    environment        = { FORESTD_LOG_LEVEL = "warn" }
    alarms             = { errors = 1, latency = 20, saturation = 60, topics = ["arn:aws:sns:eu-west-1:123456789012:alarms"] }
    tags               = { team = "trees" }
  }

  assert {
    condition     = aws_sagemaker_endpoint.forest.deployment_config[0].blue_green_update_policy[0].traffic_routing_configuration[0].type == "LINEAR" && aws_sagemaker_endpoint.forest.deployment_config[0].blue_green_update_policy[0].traffic_routing_configuration[0].wait_interval_in_seconds == 120
    error_message = "rollout is not heeded"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.errors.threshold == 1 && aws_cloudwatch_metric_alarm.saturation.threshold == 60 && length(aws_cloudwatch_metric_alarm.errors.alarm_actions) == 1
    error_message = "alarms is not heeded"
  }
  assert {
    condition     = aws_cloudwatch_log_group.endpoint.retention_in_days == 7 && aws_sagemaker_model.forest.primary_container[0].environment.FORESTD_LOG_LEVEL == "warn" && aws_sagemaker_endpoint.forest.tags.team == "trees"
    error_message = "retention, environment or tags are not heeded"
  }
}

run "arm64" {
  command = plan

  variables {
    architecture  = "arm64"
    instance_type = "ml.c7g.large"
    rollout       = { kind = "all" }
  }

  assert {
    condition     = aws_sagemaker_endpoint_configuration.forest.production_variants[0].instance_type == "ml.c7g.large"
    error_message = "the instance is another one"
  }
}
