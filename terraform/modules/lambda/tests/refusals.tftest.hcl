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
  name  = "forest-dev"
  image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/forest-dev:1a2b3c"
}

run "name_with_an_underscore" {
  command = plan

  variables {
    name = "forest_dev"
  }

  expect_failures = [var.name]
}

run "name_too_long" {
  command = plan

  variables {
    name = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
  }

  expect_failures = [var.name]
}

run "image_of_another_registry" {
  command = plan

  variables {
    image = "docker.io/forestd:1"
  }

  expect_failures = [var.image]
}

run "image_without_a_tag" {
  command = plan

  variables {
    image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/forest-dev"
  }

  expect_failures = [var.image]
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

run "model_elsewhere" {
  command = plan

  variables {
    model = "gs://forest-models/model.joblib"
  }

  expect_failures = [var.model]
}

run "memory" {
  command = plan

  variables {
    memory = 64
  }

  expect_failures = [var.memory]
}

run "timeout" {
  command = plan

  variables {
    timeout_seconds = 901
  }

  expect_failures = [var.timeout_seconds]
}

run "nothing_reserved" {
  command = plan

  variables {
    concurrency = { reserved = 0 }
  }

  expect_failures = [var.concurrency]
}

run "half_an_instance" {
  command = plan

  variables {
    concurrency = { provisioned = 1.5 }
  }

  expect_failures = [var.concurrency]
}

run "more_than_reserved" {
  command = plan

  variables {
    concurrency = { reserved = 2, provisioned = 3 }
  }

  expect_failures = [var.concurrency]
}

run "maximum_without_provisioned" {
  command = plan

  variables {
    concurrency = { provisioned_maximum = 3 }
  }

  expect_failures = [var.concurrency]
}

run "utilization" {
  command = plan

  variables {
    concurrency = { provisioned = 1, utilization = 70 }
  }

  expect_failures = [var.concurrency]
}

run "warm_up_minutes" {
  command = plan

  variables {
    warm_up = { minutes = 0 }
  }

  expect_failures = [var.warm_up]
}

run "warm_up_instances" {
  command = plan

  variables {
    warm_up = { instances = 6 }
  }

  expect_failures = [var.warm_up]
}

run "warm_up_beside_provisioned" {
  command = plan

  variables {
    warm_up     = {}
    concurrency = { provisioned = 1 }
  }

  expect_failures = [var.warm_up]
}

run "stream_beside_an_api" {
  command = plan

  variables {
    url      = { stream = true }
    http_api = {}
  }

  expect_failures = [var.url]
}

run "http_api_rate" {
  command = plan

  variables {
    http_api = { rate = 0 }
  }

  expect_failures = [var.http_api]
}

run "rest_api_burst" {
  command = plan

  variables {
    rest_api = { burst = 1.5 }
  }

  expect_failures = [var.rest_api]
}

run "rest_api_stage" {
  command = plan

  variables {
    rest_api = { stage = "a-b" }
  }

  expect_failures = [var.rest_api]
}

run "cors_origin_with_a_path" {
  command = plan

  variables {
    cors_origin = "https://www.example.com/page"
  }

  expect_failures = [var.cors_origin]
}

run "invoker" {
  command = plan

  variables {
    invokers = ["website"]
  }

  expect_failures = [var.invokers]
}

run "queue_url" {
  command = plan

  variables {
    queue = { arn = "https://sqs.eu-west-1.amazonaws.com/123456789012/rows" }
  }

  expect_failures = [var.queue]
}

run "queue_batch" {
  command = plan

  variables {
    queue = { arn = "arn:aws:sqs:eu-west-1:123456789012:rows", batch_size = 100 }
  }

  expect_failures = [var.queue]
}

run "queue_window" {
  command = plan

  variables {
    queue = { arn = "arn:aws:sqs:eu-west-1:123456789012:rows", window_seconds = 301 }
  }

  expect_failures = [var.queue]
}

run "queue_concurrency" {
  command = plan

  variables {
    queue = { arn = "arn:aws:sqs:eu-west-1:123456789012:rows", concurrency = 1 }
  }

  expect_failures = [var.queue]
}

run "environment_of_aws" {
  command = plan

  variables {
    environment = { AWS_REGION = "x" }
  }

  expect_failures = [var.environment]
}

run "environment_too_large" {
  command = plan

  variables {
    environment = { LONG = join("", [for i in range(700) : "12345"]) }
  }

  expect_failures = [var.environment]
}

run "environment_twice_said" {
  command = plan

  variables {
    environment = { FORESTD_CORS_ORIGIN = "*" }
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
