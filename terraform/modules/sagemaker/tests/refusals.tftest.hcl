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

variables {
  name           = "forest-dev"
  image          = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/forest:1a2b3c"
  repository_arn = "arn:aws:ecr:eu-west-1:123456789012:repository/forest"
  model          = "s3://models/1a2b3c/model.tar.gz"
}

run "long_name" {
  command = plan

  variables {
    name = "a-name-of-far-more-than-32-letters"
  }

  expect_failures = [var.name]
}

run "public_image" {
  command = plan

  variables {
    image = "docker.io/library/forest:1"
  }

  expect_failures = [var.image]
}

run "repository_name" {
  command = plan

  variables {
    repository_arn = "forest"
  }

  expect_failures = [var.repository_arn]
}

run "other_processor" {
  command = plan

  variables {
    architecture  = "riscv64"
    instance_type = "ml.c7i.large"
  }

  expect_failures = [var.architecture]
}

run "model_elsewhere" {
  command = plan

  variables {
    model = "gs://models/model.tar.gz"
  }

  expect_failures = [var.model]
}

run "model_not_packed" {
  command = plan

  variables {
    model = "s3://models/model.joblib"
  }

  expect_failures = [var.model]
}

run "folder_of_one_archive" {
  command = plan

  variables {
    mode = "multi-model"
  }

  expect_failures = [var.model]
}

run "unknown_mode" {
  command = plan

  variables {
    mode = "batch"
  }

  expect_failures = [var.mode]
}

run "ec2_instance" {
  command = plan

  variables {
    instance_type = "c7i.large"
  }

  expect_failures = [var.instance_type]
}

run "wrong_processor" {
  command = plan

  variables {
    instance_type = "ml.c7g.large"
  }

  expect_failures = [var.instance_type]
}

run "no_instance" {
  command = plan

  variables {
    instances = { minimum = 0 }
  }

  expect_failures = [var.instances]
}

run "maximum_below_minimum" {
  command = plan

  variables {
    instances = { minimum = 3, maximum = 2 }
  }

  expect_failures = [var.instances]
}

run "scaling_by_nothing" {
  command = plan

  variables {
    instances = { minimum = 1, maximum = 2 }
  }

  expect_failures = [var.instances]
}

run "no_requests" {
  command = plan

  variables {
    instances = { requests_per_minute = 0 }
  }

  expect_failures = [var.instances]
}

run "odd_memory" {
  command = plan

  variables {
    serverless = { memory = 1000 }
  }

  expect_failures = [var.serverless]
}

run "much_concurrency" {
  command = plan

  variables {
    serverless = { concurrency = 201 }
  }

  expect_failures = [var.serverless]
}

run "more_warm_than_all" {
  command = plan

  variables {
    serverless = { concurrency = 5, provisioned = 6 }
  }

  expect_failures = [var.serverless]
}

run "async_without_folders" {
  command = plan

  variables {
    mode = "async"
  }

  expect_failures = [var.async]
}

run "topic_without_arn" {
  command = plan

  variables {
    async = { error_topic = "failures" }
  }

  expect_failures = [var.async]
}

run "async_concurrency" {
  command = plan

  variables {
    async = { concurrency = 0 }
  }

  expect_failures = [var.async]
}

run "capture_elsewhere" {
  command = plan

  variables {
    capture = { destination = "captured" }
  }

  expect_failures = [var.capture]
}

run "capture_nothing" {
  command = plan

  variables {
    capture = { destination = "s3://models/captured", percentage = 0 }
  }

  expect_failures = [var.capture]
}

run "capture_serverless" {
  command = plan

  variables {
    mode    = "serverless"
    capture = { destination = "s3://models/captured" }
  }

  expect_failures = [var.capture]
}

run "unknown_rollout" {
  command = plan

  variables {
    rollout = { kind = "blue" }
  }

  expect_failures = [var.rollout]
}

run "hasty_rollout" {
  command = plan

  variables {
    rollout = { wait = 10 }
  }

  expect_failures = [var.rollout]
}

run "long_variable" {
  command = plan

  variables {
    environment = { FORESTD_MODEL = format("%01025d", 0) }
  }

  expect_failures = [var.environment]
}

run "key_alias" {
  command = plan

  variables {
    kms_key_arn = "alias/forest"
  }

  expect_failures = [var.kms_key_arn]
}

run "no_subnet" {
  command = plan

  variables {
    network = { subnets = [], security_groups = ["sg-1"] }
  }

  expect_failures = [var.network]
}

run "serverless_network" {
  command = plan

  variables {
    mode    = "serverless"
    network = { subnets = ["subnet-1"], security_groups = ["sg-1"] }
  }

  expect_failures = [var.network]
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

run "full_saturation" {
  command = plan

  variables {
    alarms = { saturation = 101 }
  }

  expect_failures = [var.alarms]
}

run "alarm_by_mail" {
  command = plan

  variables {
    alarms = { topics = ["me@example.com"] }
  }

  expect_failures = [var.alarms]
}

run "reserved_tags" {
  command = plan

  variables {
    tags = { "aws:team" = "trees" }
  }

  expect_failures = [var.tags]
}

run "image_for_another_processor" {
  command = plan

  variables {
    image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/forest:1a2b3c-arm64"
  }

  expect_failures = [var.image]
}
