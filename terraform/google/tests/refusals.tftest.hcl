provider "google" {
  access_token = "test"
}

override_data {
  target = data.google_project.billed
  values = { number = "123456789012" }
}

variables {
  project     = "trees-123456"
  environment = "dev"
  instances   = { minimum = 1, maximum = 1 }
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

run "environment" {
  command = plan

  variables {
    environment = "production"
  }

  expect_failures = [var.environment]
}

run "long_name" {
  command = plan

  variables {
    name = "forest-of-many-trees"
  }

  expect_failures = [var.name]
}

run "reserved_name" {
  command = plan

  variables {
    name = "goog-forest"
  }

  expect_failures = [var.name]
}

run "platform" {
  command = plan

  variables {
    platform = "app-engine"
  }

  expect_failures = [var.platform]
}

run "image_elsewhere" {
  command = plan

  variables {
    image = "forestd:1"
  }

  expect_failures = [var.image]
}

run "model_elsewhere" {
  command = plan

  variables {
    model = "/models/model.joblib"
  }

  expect_failures = [var.model]
}

run "former_on_cloud_run" {
  command = plan

  variables {
    former = { image = "europe-west1-docker.pkg.dev/trees-123456/forest-dev/forestd:1a2b3c", traffic = 10 }
  }

  expect_failures = [var.former]
}

run "former_share" {
  command = plan

  variables {
    platform = "vertex-ai"
    former   = { image = "europe-west1-docker.pkg.dev/trees-123456/forest-dev/forestd:1a2b3c", traffic = 110 }
  }

  expect_failures = [var.former]
}

run "nothing_on_vertex_ai" {
  command = plan

  variables {
    platform  = "vertex-ai"
    instances = { minimum = 0, maximum = 1 }
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

run "rollout_on_vertex_ai" {
  command = plan

  variables {
    platform = "vertex-ai"
    rollout  = { percent = 10, revision = "a" }
  }

  expect_failures = [var.rollout]
}

run "processor_percent" {
  command = plan

  variables {
    vertex_ai = { cpu_percent = 0.7 }
  }

  expect_failures = [var.vertex_ai]
}

run "everyone" {
  command = plan

  variables {
    invokers = ["allUsers"]
  }

  expect_failures = [var.invokers]
}

run "variable" {
  command = plan

  variables {
    variables = { "A-B" = "1" }
  }

  expect_failures = [var.variables]
}

run "eleven_years" {
  command = plan

  variables {
    log_retention_days = 4000
  }

  expect_failures = [var.log_retention_days]
}

run "alerts" {
  command = plan

  variables {
    alerts = { saturation = 120 }
  }

  expect_failures = [var.alerts]
}

run "email" {
  command = plan

  variables {
    emails = ["trees"]
  }

  expect_failures = [var.emails]
}

run "account" {
  command = plan

  variables {
    budget = { billing_account = "mine", amount = 1 }
  }

  expect_failures = [var.budget]
}

run "no_amount" {
  command = plan

  variables {
    budget = { billing_account = "01ABCD-234567-89EFAB", amount = 0 }
  }

  expect_failures = [var.budget]
}

run "currency" {
  command = plan

  variables {
    budget = { billing_account = "01ABCD-234567-89EFAB", amount = 1, currency = "euro" }
  }

  expect_failures = [var.budget]
}

run "labels" {
  command = plan

  variables {
    labels = { Team = "trees" }
  }

  expect_failures = [var.labels]
}

run "rest_to_nobody" {
  command = plan

  variables {
    rollout = { percent = 10 }
  }

  expect_failures = [var.rollout]
}

run "no_requests_at_once" {
  command = plan

  variables {
    cloud_run = { concurrency = 0 }
  }

  expect_failures = [var.cloud_run]
}

run "image_for_another_processor" {
  command = plan

  variables {
    image = "europe-west1-docker.pkg.dev/trees-123456/forest-dev/forestd:1a2b3c-arm64"
  }

  expect_failures = [var.image]
}

run "version_of_a_key" {
  command = plan

  variables {
    kms_key_name = "projects/trees-123456/locations/europe-west1/keyRings/trees/cryptoKeys/models/cryptoKeyVersions/1"
  }

  expect_failures = [var.kms_key_name]
}
