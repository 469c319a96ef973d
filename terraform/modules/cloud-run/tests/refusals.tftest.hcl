provider "google" {
  access_token = "test"
}

variables {
  project  = "trees-123456"
  location = "europe-west1"
  name     = "forest-dev"
  image    = "europe-west1-docker.pkg.dev/trees-123456/forest-dev/forestd:1a2b3c"
}

run "project_number" {
  command = plan

  variables {
    project = "123456789012"
  }

  expect_failures = [var.project]
}

run "zone" {
  command = plan

  variables {
    location = "europe-west1-b"
  }

  expect_failures = [var.location]
}

run "long_name" {
  command = plan

  variables {
    name = "forest-of-many-trees-staging"
  }

  expect_failures = [var.name]
}

run "image_elsewhere" {
  command = plan

  variables {
    image = "docker.io/library/forest:1"
  }

  expect_failures = [var.image]
}

run "image_without_tag" {
  command = plan

  variables {
    image = "europe-west1-docker.pkg.dev/trees-123456/forest-dev/forestd"
  }

  expect_failures = [var.image]
}

run "model_elsewhere" {
  command = plan

  variables {
    model = "s3://models/model.joblib"
  }

  expect_failures = [var.model]
}

run "model_folder" {
  command = plan

  variables {
    model = "gs://models/1a2b3c/"
  }

  expect_failures = [var.model]
}

run "port_zero" {
  command = plan

  variables {
    port = 0
  }

  expect_failures = [var.port]
}

run "googles_path" {
  command = plan

  variables {
    health_path = "/healthz"
  }

  expect_failures = [var.health_path]
}

run "long_start" {
  command = plan

  variables {
    startup_seconds = 300
  }

  expect_failures = [var.startup_seconds]
}

run "maximum_below_minimum" {
  command = plan

  variables {
    instances = { minimum = 3, maximum = 2 }
  }

  expect_failures = [var.instances]
}

run "no_instance" {
  command = plan

  variables {
    instances = { minimum = 0, maximum = 0 }
  }

  expect_failures = [var.instances]
}

run "concurrency" {
  command = plan

  variables {
    concurrency = 2000
  }

  expect_failures = [var.concurrency]
}

run "half_a_processor" {
  command = plan

  variables {
    cpu = "0.5"
  }

  expect_failures = [var.cpu]
}

run "memory_in_bytes" {
  command = plan

  variables {
    memory = "536870912"
  }

  expect_failures = [var.memory]
}

run "little_memory" {
  command = plan

  variables {
    memory = "256Mi"
  }

  expect_failures = [var.memory]
}

run "little_memory_for_four" {
  command = plan

  variables {
    cpu    = "4"
    memory = "1Gi"
  }

  expect_failures = [var.memory]
}

run "much_memory_for_one" {
  command = plan

  variables {
    memory = "8Gi"
  }

  expect_failures = [var.memory]
}

run "two_hours" {
  command = plan

  variables {
    timeout_seconds = 7200
  }

  expect_failures = [var.timeout_seconds]
}

run "port_by_variable" {
  command = plan

  variables {
    environment = { PORT = "1" }
  }

  expect_failures = [var.environment]
}

run "model_by_variable" {
  command = plan

  variables {
    environment = { FORESTD_MODEL = "gs://a/b" }
  }

  expect_failures = [var.environment]
}

run "ingress" {
  command = plan

  variables {
    ingress = "everyone"
  }

  expect_failures = [var.ingress]
}

run "everyone_by_name" {
  command = plan

  variables {
    invokers = ["allUsers"]
  }

  expect_failures = [var.invokers]
}

run "more_than_all" {
  command = plan

  variables {
    rollout = { percent = 110 }
  }

  expect_failures = [var.rollout]
}

run "rest_to_nobody" {
  command = plan

  variables {
    rollout = { percent = 10 }
  }

  expect_failures = [var.rollout]
}

run "eleven_years" {
  command = plan

  variables {
    log_retention_days = 4000
  }

  expect_failures = [var.log_retention_days]
}

run "no_errors" {
  command = plan

  variables {
    alerts = { errors = 0 }
  }

  expect_failures = [var.alerts]
}

run "saturation" {
  command = plan

  variables {
    alerts = { saturation = 120 }
  }

  expect_failures = [var.alerts]
}

run "channel" {
  command = plan

  variables {
    alerts = { channels = ["me@example.com"] }
  }

  expect_failures = [var.alerts]
}

run "labels" {
  command = plan

  variables {
    labels = { Team = "trees" }
  }

  expect_failures = [var.labels]
}

run "image_for_another_processor" {
  command = plan

  variables {
    image = "europe-west1-docker.pkg.dev/trees-123456/forest-dev/forestd:1a2b3c-arm64"
  }

  expect_failures = [var.image]
}
