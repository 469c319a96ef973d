provider "google" {
  access_token = "test"
}

variables {
  project  = "trees-123456"
  location = "europe-west1"
  name     = "forest-dev"
  deployments = {
    blue = {
      image = "europe-west1-docker.pkg.dev/trees-123456/forest-dev/forestd:1a2b3c"
      model = "gs://forest-dev-trees-123456/models/1a2b3c/model.joblib"
    }
  }
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
    name = "a-forest-of-so-many-trees-that-its-name-became-too-long"
  }

  expect_failures = [var.name]
}

run "no_deployment" {
  command = plan

  variables {
    deployments = {}
  }

  expect_failures = [var.deployments]
}

run "red" {
  command = plan

  variables {
    deployments = { red = { image = "europe-west1-docker.pkg.dev/trees-123456/forest-dev/forestd:1" } }
  }

  expect_failures = [var.deployments]
}

run "ninety_percent" {
  command = plan

  variables {
    deployments = { blue = { image = "europe-west1-docker.pkg.dev/trees-123456/forest-dev/forestd:1", traffic = 90 } }
  }

  expect_failures = [var.deployments]
}

run "twice_the_same" {
  command = plan

  variables {
    deployments = {
      blue  = { image = "europe-west1-docker.pkg.dev/trees-123456/forest-dev/forestd:1", traffic = 90 }
      green = { image = "europe-west1-docker.pkg.dev/trees-123456/forest-dev/forestd:1", traffic = 10 }
    }
  }

  expect_failures = [var.deployments]
}

run "image_elsewhere" {
  command = plan

  variables {
    deployments = { blue = { image = "docker.io/library/forest:1" } }
  }

  expect_failures = [var.deployments]
}

run "image_in_another_region" {
  command = plan

  variables {
    deployments = { blue = { image = "us-central1-docker.pkg.dev/trees-123456/forest-dev/forestd:1" } }
  }

  expect_failures = [var.deployments]
}

run "model_elsewhere" {
  command = plan

  variables {
    deployments = { blue = { image = "europe-west1-docker.pkg.dev/trees-123456/forest-dev/forestd:1", model = "s3://models/1/model.joblib" } }
  }

  expect_failures = [var.deployments]
}

run "model_without_folder" {
  command = plan

  variables {
    deployments = { blue = { image = "europe-west1-docker.pkg.dev/trees-123456/forest-dev/forestd:1", model = "gs://models/model.joblib" } }
  }

  expect_failures = [var.deployments]
}

run "other_processor" {
  command = plan

  variables {
    deployments = { blue = { image = "europe-west1-docker.pkg.dev/trees-123456/forest-dev/forestd:1", machine_type = "t2a-standard-2" } }
  }

  expect_failures = [var.deployments]
}

run "no_machine" {
  command = plan

  variables {
    deployments = { blue = { image = "europe-west1-docker.pkg.dev/trees-123456/forest-dev/forestd:1", minimum = 0 } }
  }

  expect_failures = [var.deployments]
}

run "maximum_below_minimum" {
  command = plan

  variables {
    deployments = { blue = { image = "europe-west1-docker.pkg.dev/trees-123456/forest-dev/forestd:1", minimum = 3, maximum = 2 } }
  }

  expect_failures = [var.deployments]
}

run "processor_percent" {
  command = plan

  variables {
    deployments = { blue = { image = "europe-west1-docker.pkg.dev/trees-123456/forest-dev/forestd:1", cpu_percent = 0.7 } }
  }

  expect_failures = [var.deployments]
}

run "platforms_variable" {
  command = plan

  variables {
    environment = { AIP_HTTP_PORT = "1" }
  }

  expect_failures = [var.environment]
}

run "quote" {
  command = plan

  variables {
    environment = { A = "it's" }
  }

  expect_failures = [var.environment]
}

run "everyone" {
  command = plan

  variables {
    invokers = ["allUsers"]
  }

  expect_failures = [var.invokers]
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
    deployments = { blue = { image = "europe-west1-docker.pkg.dev/trees-123456/forest-dev/forestd:1a2b3c-arm64" } }
  }

  expect_failures = [var.deployments]
}
