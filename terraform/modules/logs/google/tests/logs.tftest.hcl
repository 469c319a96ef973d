provider "google" {
  access_token = "test"
}

variables {
  project  = "trees-123456"
  location = "europe-west1"
  name     = "forest-dev"
  filter   = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"forest-dev\""
}

run "defaults" {
  command = plan

  assert {
    condition     = google_logging_project_bucket_config.lines.retention_days == 30 && google_logging_project_bucket_config.lines.bucket_id == "forest-dev"
    error_message = "the lines are kept elsewhere or for another time"
  }
  assert {
    condition     = google_logging_project_sink.lines.filter == var.filter && google_logging_project_exclusion.lines.filter == var.filter
    error_message = "what is put aside is not what is left out elsewhere"
  }
}

run "a_year" {
  command = plan

  variables {
    retention_days = 365
  }

  assert {
    condition     = google_logging_project_bucket_config.lines.retention_days == 365
    error_message = "retention_days is not heeded"
  }
}

run "refuses_a_project_number" {
  command = plan
  variables {
    project = "123456789012"
  }
  expect_failures = [var.project]
}

run "refuses_everywhere" {
  command = plan
  variables {
    location = "Global"
  }
  expect_failures = [var.location]
}

run "refuses_capitals" {
  command = plan
  variables {
    name = "Forest"
  }
  expect_failures = [var.name]
}

run "refuses_every_line" {
  command = plan
  variables {
    filter = "severity>=DEFAULT"
  }
  expect_failures = [var.filter]
}

run "refuses_eleven_years" {
  command = plan
  variables {
    retention_days = 4000
  }
  expect_failures = [var.retention_days]
}
