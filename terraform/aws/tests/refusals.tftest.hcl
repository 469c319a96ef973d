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

variables {
  environment = "dev"
  instances   = { minimum = 1, maximum = 1 }
  sagemaker   = {}
}

run "zone" {
  command = plan

  variables {
    region = "eu-west-1a"
  }

  expect_failures = [var.region]
}

run "account_with_hyphens" {
  command = plan

  variables {
    account = "1234-5678-9012"
  }

  expect_failures = [var.account]
}

run "unknown_environment" {
  command = plan

  variables {
    environment = "test"
  }

  expect_failures = [var.environment]
}

run "long_name" {
  command = plan

  variables {
    name = "a-name-of-more-than-24-letters"
  }

  expect_failures = [var.name]
}

run "image_of_another_environment" {
  command = plan

  variables {
    image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/forest-prod:1"
    model = "s3://models/model.tar.gz"
  }

  expect_failures = [var.image]
}

run "image_of_another_region" {
  command = plan

  variables {
    image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/forest-dev:1"
    model = "s3://models/model.tar.gz"
  }

  expect_failures = [var.image]
}

run "other_processor" {
  command = plan

  variables {
    architecture = "x86"
  }

  expect_failures = [var.architecture]
}

run "model_not_packed" {
  command = plan

  variables {
    image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/forest-dev:1"
    model = "s3://models/model.joblib"
  }

  expect_failures = [var.model]
}

run "image_without_model" {
  command = plan

  variables {
    image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/forest-dev:1"
  }

  expect_failures = [var.model]
}

run "maximum_below_minimum" {
  command = plan

  variables {
    instances = { minimum = 2, maximum = 1 }
  }

  expect_failures = [var.instances]
}

run "no_requests" {
  command = plan

  variables {
    requests_per_minute = 0
  }

  expect_failures = [var.requests_per_minute]
}

run "unknown_mode" {
  command = plan

  variables {
    sagemaker = { mode = "batch" }
  }

  expect_failures = [var.sagemaker]
}

run "no_instance" {
  command = plan

  variables {
    instances = { minimum = 0, maximum = 1 }
  }

  expect_failures = [var.sagemaker]
}

run "odd_variable" {
  command = plan

  variables {
    variables = { "FORESTD-LOG" = "info" }
  }

  expect_failures = [var.variables]
}

run "key_alias" {
  command = plan

  variables {
    kms_key_arn = "alias/forest"
  }

  expect_failures = [var.kms_key_arn]
}

run "odd_retention" {
  command = plan

  variables {
    log_retention_days = 31
  }

  expect_failures = [var.log_retention_days]
}

run "no_errors" {
  command = plan

  variables {
    alarms = { errors = 0 }
  }

  expect_failures = [var.alarms]
}

run "no_address" {
  command = plan

  variables {
    emails = ["trees"]
  }

  expect_failures = [var.emails]
}

run "no_dollar" {
  command = plan

  variables {
    budget = 0
    emails = ["trees@example.com"]
  }

  expect_failures = [var.budget]
}

run "budget_for_nobody" {
  command = plan

  variables {
    budget = 10
  }

  expect_failures = [var.budget]
}

run "reserved_tags" {
  command = plan

  variables {
    tags = { "aws:team" = "trees" }
  }

  expect_failures = [var.tags]
}

run "two_ways_at_once" {
  command = plan

  variables {
    lambda = {}
  }

  expect_failures = [var.lambda]
}

run "a_folder_of_models_for_a_function" {
  command = plan

  variables {
    sagemaker = null
    lambda    = {}
    image     = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/forest-dev:1a2b3c"
    model     = "s3://forest-dev-123456789012-eu-west-1/models/"
  }

  expect_failures = [var.lambda]
}

run "no_task" {
  command = plan

  variables {
    sagemaker = null
    instances = { minimum = 0, maximum = 1 }
    ecs       = { network = { vpc = "vpc-1", task_subnets = ["subnet-1"], load_balancer_subnets = ["subnet-2", "subnet-3"] }, callers = ["10.0.0.0/8"] }
  }

  expect_failures = [var.ecs]
}

run "a_folder_of_models_for_a_task" {
  command = plan

  variables {
    sagemaker = null
    image     = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/forest-dev:1a2b3c"
    model     = "s3://forest-dev-123456789012-eu-west-1/models/"
    ecs       = { network = { vpc = "vpc-1", task_subnets = ["subnet-1"], load_balancer_subnets = ["subnet-2", "subnet-3"] }, callers = ["10.0.0.0/8"] }
  }

  expect_failures = [var.ecs]
}

run "name_too_long_for_a_target_group" {
  command = plan

  variables {
    name      = "abcdefghijklmnopqrstuvwx"
    sagemaker = null
    ecs       = { network = { vpc = "vpc-1", task_subnets = ["subnet-1"], load_balancer_subnets = ["subnet-2", "subnet-3"] }, callers = ["10.0.0.0/8"] }
  }

  expect_failures = [var.ecs]
}

run "image_for_another_processor" {
  command = plan

  variables {
    image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/forest-dev:1a2b3c-arm64"
    model = "s3://models/model.tar.gz"
  }

  expect_failures = [var.image]
}

run "answers_of_no_days" {
  command = plan

  variables {
    keep_answers_days = 0
  }

  expect_failures = [var.keep_answers_days]
}
