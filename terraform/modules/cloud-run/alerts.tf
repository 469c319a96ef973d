locals {
  series = "resource.type = \"cloud_run_revision\" AND resource.labels.service_name = \"${var.name}\" AND resource.labels.location = \"${var.location}\""
}

resource "google_monitoring_alert_policy" "errors" {
  project               = var.project
  display_name          = "${var.name}: errors"
  combiner              = "OR"
  severity              = "ERROR"
  notification_channels = var.alerts.channels
  user_labels           = var.labels

  conditions {
    display_name = "${var.alerts.errors} or more answers with 5xx in a minute"

    condition_threshold {
      filter          = "${local.series} AND metric.type = \"run.googleapis.com/request_count\" AND metric.labels.response_code_class = \"5xx\""
      comparison      = "COMPARISON_GT"
      threshold_value = var.alerts.errors - 1
      duration        = "0s"

      aggregations {
        alignment_period     = "60s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }
}

resource "google_monitoring_alert_policy" "latency" {
  project               = var.project
  display_name          = "${var.name}: latency"
  combiner              = "OR"
  severity              = "WARNING"
  notification_channels = var.alerts.channels
  user_labels           = var.labels

  conditions {
    display_name = "one answer in a hundred takes longer than ${var.alerts.latency} ms"

    condition_threshold {
      filter          = "${local.series} AND metric.type = \"run.googleapis.com/request_latencies\""
      comparison      = "COMPARISON_GT"
      threshold_value = var.alerts.latency # milliseconds
      duration        = "180s"

      aggregations {
        alignment_period     = "60s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_PERCENTILE_99"
      }
    }
  }
}

resource "google_monitoring_alert_policy" "saturation" {
  project               = var.project
  display_name          = "${var.name}: saturation"
  combiner              = "OR"
  severity              = "WARNING"
  notification_channels = var.alerts.channels
  user_labels           = var.labels

  conditions {
    display_name = "half of the instances use more than ${var.alerts.saturation} % of their processors"

    condition_threshold {
      filter          = "${local.series} AND metric.type = \"run.googleapis.com/container/cpu/utilizations\""
      comparison      = "COMPARISON_GT"
      threshold_value = var.alerts.saturation / 100
      duration        = "300s"

      aggregations {
        alignment_period     = "60s"
        per_series_aligner   = "ALIGN_PERCENTILE_50"
        cross_series_reducer = "REDUCE_MAX"
      }
    }
  }

  # More are not started, so that requests begin to wait.
  dynamic "conditions" {
    for_each = var.instances.maximum > var.instances.minimum ? [1] : []

    content {
      display_name = "all of the ${var.instances.maximum} instances run"

      condition_threshold {
        filter          = "${local.series} AND metric.type = \"run.googleapis.com/container/instance_count\""
        comparison      = "COMPARISON_GT"
        threshold_value = var.instances.maximum - 1
        duration        = "600s"

        aggregations {
          alignment_period     = "60s"
          per_series_aligner   = "ALIGN_MAX"
          cross_series_reducer = "REDUCE_SUM"
        }
      }
    }
  }
}
