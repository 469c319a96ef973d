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

run "name_too_long" {
  command = plan

  variables {
    name = "aaaaaaaaaaaaaaaaaaaaaaaaa"
  }

  expect_failures = [var.name]
}

run "name_of_aws" {
  command = plan

  variables {
    name = "internal-forest"
  }

  expect_failures = [var.name]
}

run "image_elsewhere" {
  command = plan

  variables {
    image = "docker.io/forestd:1"
  }

  expect_failures = [var.image]
}

run "repository" {
  command = plan

  variables {
    repository_arn = "forest-dev"
  }

  expect_failures = [var.repository_arn]
}

run "architecture" {
  command = plan

  variables {
    architecture = "riscv"
  }

  expect_failures = [var.architecture]
}

run "model_folder" {
  command = plan

  variables {
    model = "s3://forest-models/models/"
  }

  expect_failures = [var.model]
}

run "cpu" {
  command = plan

  variables {
    cpu = 1000
  }

  expect_failures = [var.cpu]
}

run "memory" {
  command = plan

  variables {
    memory = 1024
  }

  expect_failures = [var.memory]
}

run "vpc" {
  command = plan

  variables {
    network = { vpc = "forest", task_subnets = ["subnet-1"], load_balancer_subnets = ["subnet-2", "subnet-3"] }
  }

  expect_failures = [var.network]
}

run "one_zone" {
  command = plan

  variables {
    network = { vpc = "vpc-1", task_subnets = ["subnet-1"], load_balancer_subnets = ["subnet-2"] }
  }

  expect_failures = [var.network]
}

run "nobody" {
  command = plan

  variables {
    callers = []
  }

  expect_failures = [var.callers]
}

run "caller" {
  command = plan

  variables {
    callers = ["10.0.0.1"]
  }

  expect_failures = [var.callers]
}

run "certificate" {
  command = plan

  variables {
    certificate = { arn = "forest", domain = "forest.example.com" }
  }

  expect_failures = [var.certificate]
}

run "domain" {
  command = plan

  variables {
    certificate = { arn = "arn:aws:acm:eu-west-1:123456789012:certificate/1234", domain = "https://forest.example.com" }
  }

  expect_failures = [var.certificate]
}

run "no_task" {
  command = plan

  variables {
    instances = { minimum = 0 }
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

run "share" {
  command = plan

  variables {
    instances = { cpu_percent = 0.7 }
  }

  expect_failures = [var.instances]
}

run "startup" {
  command = plan

  variables {
    startup_seconds = 301
  }

  expect_failures = [var.startup_seconds]
}

run "environment" {
  command = plan

  variables {
    environment = { "A-B" = "x" }
  }

  expect_failures = [var.environment]
}

run "environment_twice_said" {
  command = plan

  variables {
    environment = { FORESTD_PORT = "80" }
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

run "retention" {
  command = plan

  variables {
    log_retention_days = 31
  }

  expect_failures = [var.log_retention_days]
}

run "alarm_errors" {
  command = plan

  variables {
    alarms = { errors = 0 }
  }

  expect_failures = [var.alarms]
}

run "alarm_saturation" {
  command = plan

  variables {
    alarms = { saturation = 101 }
  }

  expect_failures = [var.alarms]
}

run "alarm_topics" {
  command = plan

  variables {
    alarms = { topics = ["trees@example.com"] }
  }

  expect_failures = [var.alarms]
}

run "tags" {
  command = plan

  variables {
    tags = { "aws:owner" = "trees" }
  }

  expect_failures = [var.tags]
}

run "image_for_another_processor" {
  command = plan

  variables {
    image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/forest-dev:1a2b3c-arm64"
  }

  expect_failures = [var.image]
}
