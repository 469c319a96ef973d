provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

override_data {
  target = module.artifacts.data.aws_caller_identity.current
  values = { account_id = "123456789012" }
}

override_data {
  target = module.sagemaker.data.aws_caller_identity.current
  values = { account_id = "123456789012" }
}

override_data {
  target = module.lambda.data.aws_caller_identity.current
  values = { account_id = "123456789012" }
}

override_data {
  target = module.ecs.data.aws_caller_identity.current
  values = { account_id = "123456789012" }
}

# What a cloud would say, said while planning: nothing is applied.
override_resource {
  target          = module.artifacts.aws_ecr_repository.images
  override_during = plan
  values          = { repository_url = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/forest-dev", arn = "arn:aws:ecr:eu-west-1:123456789012:repository/forest-dev" }
}

override_resource {
  target          = aws_sns_topic.alarms
  override_during = plan
  values          = { arn = "arn:aws:sns:eu-west-1:123456789012:alarms" }
}

variables {
  environment = "dev"
  instances   = { minimum = 1, maximum = 1 }
  sagemaker   = {}
}

run "first_apply" {
  command = plan

  assert {
    condition     = output.bucket == "forest-dev-123456789012-eu-west-1" && output.region == "eu-west-1"
    error_message = "there is no place for a model"
  }
  assert {
    condition     = output.endpoint_target == null && length(module.sagemaker) == 0
    error_message = "something serves without an image"
  }
  assert {
    condition     = length(aws_sns_topic.alarms) == 0 && length(aws_budgets_budget.month) == 0
    error_message = "a topic or a budget is made for nobody"
  }
}

run "nothing_serves" {
  command = plan

  variables {
    sagemaker = null
    image     = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/forest-dev:1a2b3c"
  }

  assert {
    condition     = length(module.sagemaker) == 0
    error_message = "SageMaker serves unasked"
  }
}

run "sagemaker" {
  command = plan

  variables {
    environment         = "prod"
    instances           = { minimum = 3, maximum = 12 }
    requests_per_minute = 60000
    image               = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/forest-prod:1a2b3c"
    model               = "s3://forest-prod-123456789012-eu-west-1/models/1a2b3c/model.tar.gz"
    sagemaker           = { capture_percentage = 5 }
    emails              = ["trees@example.com"]
    budget              = 500
    account             = "123456789012"
  }

  assert {
    condition     = output.endpoint_target == "sagemaker://forest-prod"
    error_message = "the target is not the endpoint"
  }
  assert {
    condition     = output.registry == "123456789012.dkr.ecr.eu-west-1.amazonaws.com/forest-dev"
    error_message = "there is no place for an image"
  }
  assert {
    condition     = aws_sns_topic_subscription.email["trees@example.com"].topic_arn == aws_sns_topic.alarms[0].arn
    error_message = "nobody hears of alarms"
  }
  assert {
    condition     = aws_budgets_budget.month[0].limit_amount == "500" && length(aws_budgets_budget.month[0].notification) == 3
    error_message = "the budget is another one, or warns less often"
  }
}

run "async" {
  command = plan

  variables {
    instances = { minimum = 0, maximum = 2 }
    image     = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/forest-dev@sha256:0000000000000000000000000000000000000000000000000000000000000000"
    model     = "s3://forest-dev-123456789012-eu-west-1/models/1a2b3c/model.tar.gz"
    sagemaker = { mode = "async" }
  }

  assert {
    condition     = output.endpoint_target == "sagemaker://forest-dev"
    error_message = "the target is not the endpoint"
  }
}

run "lambda" {
  command = plan

  variables {
    sagemaker = null
    lambda    = { http_api = {}, concurrency = { provisioned = 1 } }
    image     = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/forest-dev:1a2b3c"
  }

  override_data {
    target = module.lambda.data.aws_region.current
    values = { region = "eu-west-1" }
  }

  assert {
    condition     = output.endpoint_target == "lambda://forest-dev:live" && length(module.sagemaker) == 0
    error_message = "the function is not what is asked"
  }
  assert {
    condition     = keys(output.urls) == ["http_api"]
    error_message = "the API has no address, or others have"
  }
  assert {
    condition     = output.deployed.image == "123456789012.dkr.ecr.eu-west-1.amazonaws.com/forest-dev:1a2b3c" && output.deployed.model == null
    error_message = "there is no way back"
  }
}

run "lambda_first_apply" {
  command = plan

  variables {
    sagemaker = null
    lambda    = {}
  }

  assert {
    condition     = length(module.lambda) == 0 && output.endpoint_target == null
    error_message = "a function is made without an image"
  }
}

run "ecs" {
  command = plan

  variables {
    environment         = "prod"
    sagemaker           = null
    instances           = { minimum = 3, maximum = 12 }
    requests_per_minute = 60000
    image               = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/forest-prod:1a2b3c"
    ecs = {
      network     = { vpc = "vpc-1", task_subnets = ["subnet-1"], load_balancer_subnets = ["subnet-2", "subnet-3"] }
      callers     = ["10.0.0.0/8"]
      certificate = { arn = "arn:aws:acm:eu-west-1:123456789012:certificate/1234", domain = "forest.example.com" }
    }
  }

  assert {
    condition     = output.endpoint_target == "https://forest.example.com" && output.service == "forest-prod" && length(module.sagemaker) + length(module.lambda) == 0
    error_message = "the service is not what is asked"
  }
}

run "every_option_of_sagemaker" {
  command = plan

  variables {
    name                = "trees"
    region              = "eu-central-1"
    architecture        = "arm64"
    instances           = { minimum = 2, maximum = 4 }
    requests_per_minute = 60000
    keep_answers_days   = 7
    image               = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/trees-dev:1a2b3c"
    model               = "s3://trees-dev-123456789012-eu-central-1/models/1a2b3c/model.tar.gz"
    sagemaker = {
      mode               = "realtime"
      instance_type      = "ml.c7g.large"
      capture_percentage = 5
      serverless         = { memory = 2048, concurrency = 10, provisioned = 1, provisioned_maximum = 2 }
      async              = { success_topic = "arn:aws:sns:eu-central-1:123456789012:done", error_topic = "arn:aws:sns:eu-central-1:123456789012:failed", concurrency = 8, backlog = 2 }
      network            = { subnets = ["subnet-1"], security_groups = ["sg-1"] }
      rollout            = { kind = "linear", wait = 60 }
    }
    variables          = { FORESTD_LOG_LEVEL = "warn" }
    kms_key_arn        = "arn:aws:kms:eu-central-1:123456789012:key/1234"
    log_retention_days = 7
    alarms             = { errors = 1, latency = 20, saturation = 50, wait_minutes = 5 }
    protected          = true
    tags               = { team = "trees" }
  }

  assert {
    condition     = output.endpoint_target == "sagemaker://trees-dev" && output.region == "eu-central-1"
    error_message = "the endpoint is not what is asked"
  }
}

run "every_option_of_lambda" {
  command = plan

  variables {
    sagemaker = null
    lambda = {
      memory          = 3008
      timeout_seconds = 5
      concurrency     = { account = 200, reserved = 50, provisioned = 0, provisioned_maximum = 0, utilization = 0.5 }
      warm_up         = { minutes = 10, instances = 2 }
      url             = { public = true, stream = false }
      http_api        = { public = true, rate = 10, burst = 20 }
      rest_api        = { public = true, rate = 10, burst = 20, stage = "v1", access_log = true }
      cors_origin     = "*"
      invokers        = ["arn:aws:iam::123456789012:role/website"]
      queue           = { arn = "arn:aws:sqs:eu-west-1:123456789012:rows", batch_size = 100, window_seconds = 5, concurrency = 4 }
      tracing         = true
    }
    image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/forest-dev:1a2b3c"
  }

  override_data {
    target = module.lambda.data.aws_region.current
    values = { region = "eu-west-1" }
  }

  assert {
    condition     = length(module.lambda) == 1 && output.endpoint_target == "lambda://forest-dev:live"
    error_message = "the function is not what is asked"
  }
}

run "every_option_of_ecs" {
  command = plan

  variables {
    sagemaker = null
    image     = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/forest-dev:1a2b3c"
    ecs = {
      network         = { vpc = "vpc-1", task_subnets = ["subnet-1"], load_balancer_subnets = ["subnet-2", "subnet-3"], public_ip = true }
      callers         = ["0.0.0.0/0"]
      internal        = false
      certificate     = { arn = "arn:aws:acm:eu-west-1:123456789012:certificate/1234", domain = "forest.example.com" }
      cpu             = 2048
      memory          = 4096
      cpu_percent     = 60
      startup_seconds = 120
    }
  }

  assert {
    condition     = output.endpoint_target == "https://forest.example.com"
    error_message = "the service is not what is asked"
  }
}
