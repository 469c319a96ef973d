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
  target          = aws_cloudwatch_log_group.function
  override_during = plan
  values          = { arn = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/forest-dev" }
}

variables {
  name  = "forest-dev"
  image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/forest-dev:1a2b3c"
}

run "defaults" {
  command = plan

  assert {
    condition     = aws_lambda_function.forest.package_type == "Image" && aws_lambda_function.forest.publish && tolist(aws_lambda_function.forest.architectures)[0] == "x86_64"
    error_message = "not a published function from an image for amd64"
  }
  assert {
    condition     = output.target == "lambda://forest-dev:live"
    error_message = "the target is ${output.target}"
  }
  assert {
    condition     = length(aws_lambda_function_url.live) + length(aws_apigatewayv2_api.http) + length(aws_api_gateway_rest_api.rest) == 0 && length(output.urls) == 0
    error_message = "it can be asked from outside without having been told"
  }
  assert {
    condition     = length(aws_lambda_provisioned_concurrency_config.live) + length(aws_cloudwatch_event_rule.warm_up) + length(aws_lambda_event_source_mapping.queue) == 0
    error_message = "something that costs is there unasked"
  }
  assert {
    condition     = aws_lambda_function.forest.environment[0].variables == tomap({ FORESTD_CORS_ORIGIN = "none" })
    error_message = "the environment says more than it should"
  }
  assert {
    condition     = aws_cloudwatch_log_group.function.retention_in_days == 30
    error_message = "log lines are kept for ever"
  }
  assert {
    condition     = toset(keys(aws_cloudwatch_metric_alarm.function)) == toset(["errors", "latency", "throttles", "saturation"])
    error_message = "alarms are missing"
  }
}

run "least_privilege" {
  command = plan

  assert {
    condition     = length(data.aws_iam_policy_document.function.statement) == 1 && data.aws_iam_policy_document.function.statement[0].sid == "WriteLogs"
    error_message = "the function may do more than write its log lines"
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
    condition     = aws_lambda_function.forest.environment[0].variables["FORESTD_MODEL"] == "s3://forest-models/models/1a2b3c/model.joblib" && aws_lambda_function.forest.environment[0].variables["FORESTD_LOG_LEVEL"] == "warn"
    error_message = "the function is not told where its model is"
  }
  assert {
    condition     = contains(flatten(data.aws_iam_policy_document.function.statement[*].resources), "arn:aws:s3:::forest-models/models/1a2b3c/model.joblib")
    error_message = "the function may not read its model"
  }
  assert {
    condition     = tolist(aws_lambda_function.forest.architectures)[0] == "arm64"
    error_message = "it is not for Graviton"
  }
  assert {
    condition     = aws_cloudwatch_log_group.function.kms_key_id == "arn:aws:kms:eu-west-1:123456789012:key/1234"
    error_message = "log lines are not encrypted with the key"
  }
}

run "provisioned" {
  command = plan

  variables {
    concurrency = { reserved = 50, provisioned = 2, provisioned_maximum = 10, utilization = 0.5 }
  }

  assert {
    condition     = aws_lambda_provisioned_concurrency_config.live[0].provisioned_concurrent_executions == 2 && aws_lambda_function.forest.reserved_concurrent_executions == 50
    error_message = "instances are not kept"
  }
  assert {
    condition     = aws_appautoscaling_target.provisioned[0].min_capacity == 2 && aws_appautoscaling_target.provisioned[0].max_capacity == 10
    error_message = "they do not follow use"
  }
  assert {
    condition     = aws_appautoscaling_policy.provisioned[0].target_tracking_scaling_policy_configuration[0].target_value == 0.5
    error_message = "they follow something else"
  }
  assert {
    condition     = contains(keys(aws_cloudwatch_metric_alarm.function), "provisioned")
    error_message = "nobody hears that they are all busy"
  }
}

run "provisioned_and_fixed" {
  command = plan

  variables {
    concurrency = { provisioned = 2 }
  }

  assert {
    condition     = length(aws_lambda_provisioned_concurrency_config.live) == 1 && length(aws_appautoscaling_target.provisioned) == 0
    error_message = "a fixed number is scaled"
  }
}

run "warm_up" {
  command = plan

  variables {
    warm_up = { minutes = 1, instances = 3 }
  }

  assert {
    condition     = aws_cloudwatch_event_rule.warm_up[0].schedule_expression == "rate(1 minute)" && length(aws_cloudwatch_event_target.warm_up) == 3
    error_message = "three are not warmed every minute"
  }
  assert {
    condition     = jsondecode(aws_cloudwatch_event_target.warm_up[0].input).warmup
    error_message = "the event is none of warming"
  }
}

run "url" {
  command = plan

  variables {
    url      = {}
    invokers = ["arn:aws:iam::123456789012:role/website"]
  }

  assert {
    condition     = aws_lambda_function_url.live[0].authorization_type == "AWS_IAM" && aws_lambda_function_url.live[0].invoke_mode == "BUFFERED"
    error_message = "a URL is public or streams unasked"
  }
  assert {
    condition     = length(aws_lambda_permission.invokers) == 1 && length(aws_lambda_permission.invokers_by_url) == 1 && length(aws_lambda_permission.public_url) == 0
    error_message = "the invoker lacks one of the two permissions"
  }
}

run "public_url_that_streams" {
  command = plan

  variables {
    url = { public = true, stream = true }
  }

  assert {
    condition     = aws_lambda_function_url.live[0].authorization_type == "NONE" && aws_lambda_function_url.live[0].invoke_mode == "RESPONSE_STREAM" && aws_lambda_function.forest.environment[0].variables["FORESTD_STREAM"] == "true"
    error_message = "the URL does not stream"
  }
  assert {
    condition     = aws_lambda_permission.public_url[0].action == "lambda:InvokeFunctionUrl" && aws_lambda_permission.public_url[0].function_url_auth_type == "NONE" && aws_lambda_permission.public_by_url[0].action == "lambda:InvokeFunction" && aws_lambda_permission.public_by_url[0].invoked_via_function_url
    error_message = "everybody lacks one of the two permissions, or may call the function past its URL"
  }
}

run "http_api" {
  command = plan

  variables {
    http_api    = { rate = 50, burst = 75 }
    cors_origin = "https://www.example.com"
  }

  assert {
    condition     = toset([for route in aws_apigatewayv2_route.function : "${route.route_key} ${route.authorization_type}"]) == toset(["POST /predict AWS_IAM", "POST /invocations AWS_IAM", "GET /ping AWS_IAM"])
    error_message = "other routes, or not signed ones"
  }
  assert {
    condition     = aws_apigatewayv2_stage.http[0].default_route_settings[0].throttling_rate_limit == 50 && aws_apigatewayv2_stage.http[0].default_route_settings[0].throttling_burst_limit == 75
    error_message = "it lets through more than it should"
  }
  assert {
    condition     = tolist(aws_apigatewayv2_api.http[0].cors_configuration[0].allow_origins)[0] == "https://www.example.com"
    error_message = "pages may not ask"
  }
}

run "rest_api" {
  command = plan

  variables {
    rest_api    = { public = true, rate = 5, burst = 10, access_log = true, stage = "v1" }
    tracing     = true
    cors_origin = "*"
  }

  assert {
    condition     = toset(keys(aws_api_gateway_method.function)) == toset(["POST /predict", "POST /invocations", "GET /ping", "OPTIONS /predict", "OPTIONS /invocations", "OPTIONS /ping"])
    error_message = "other methods"
  }
  assert {
    condition     = alltrue([for method in aws_api_gateway_method.function : method.authorization == "NONE"])
    error_message = "a public API asks for signatures"
  }
  assert {
    condition     = aws_api_gateway_method_settings.rest[0].settings[0].throttling_rate_limit == 5 && length(aws_cloudwatch_log_group.rest) == 1
    error_message = "it does not throttle, or keeps no log"
  }
  assert {
    condition     = aws_api_gateway_stage.rest[0].stage_name == "v1" && aws_api_gateway_stage.rest[0].xray_tracing_enabled && aws_lambda_function.forest.tracing_config[0].mode == "Active"
    error_message = "the stage has another name, or traces nothing"
  }
}

run "size_alarms_and_tags" {
  command = plan

  variables {
    memory             = 3008
    timeout_seconds    = 5
    concurrency        = { account = 200 }
    log_retention_days = 7
    alarms             = { errors = 1, latency = 20, throttles = 3, saturation = 50, topics = ["arn:aws:sns:eu-west-1:123456789012:alarms"] }
    tags               = { team = "trees" }
  }

  assert {
    condition     = aws_lambda_function.forest.memory_size == 3008 && aws_lambda_function.forest.timeout == 5 && aws_lambda_function.forest.tags.team == "trees"
    error_message = "memory, time or tags are not heeded"
  }
  assert {
    condition     = { for name, alarm in aws_cloudwatch_metric_alarm.function : name => alarm.threshold } == { errors = 0, latency = 20, throttles = 2, saturation = 100 }
    error_message = "alarms ring at other numbers"
  }
  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.function : one(alarm.alarm_actions) == "arn:aws:sns:eu-west-1:123456789012:alarms"]) && aws_cloudwatch_log_group.function.retention_in_days == 7
    error_message = "nobody hears of alarms, or log lines stay longer"
  }
}

run "queue" {
  command = plan

  variables {
    queue = { arn = "arn:aws:sqs:eu-west-1:123456789012:rows", batch_size = 100, window_seconds = 5, concurrency = 4 }
  }

  assert {
    condition     = tolist(aws_lambda_event_source_mapping.queue[0].function_response_types)[0] == "ReportBatchItemFailures"
    error_message = "one bad message brings the whole batch back"
  }
  assert {
    condition     = aws_lambda_event_source_mapping.queue[0].scaling_config[0].maximum_concurrency == 4
    error_message = "batches are not bounded"
  }
}

run "image_of_another_region" {
  command = plan

  variables {
    image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/forest-dev:1a2b3c"
  }

  expect_failures = [aws_lambda_function.forest]
}

run "queue_of_another_region" {
  command = plan

  variables {
    queue = { arn = "arn:aws:sqs:us-east-1:123456789012:rows" }
  }

  expect_failures = [aws_lambda_event_source_mapping.queue]
}
