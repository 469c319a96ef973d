locals {
  series = "resource.type = \"aiplatform.googleapis.com/Endpoint\" AND resource.labels.endpoint_id = \"${local.endpoint}\" AND resource.labels.location = \"${var.location}\""
}

resource "google_monitoring_alert_policy" "errors" {
  project               = var.project
  display_name          = "${var.name}: errors"
  combiner              = "OR"
  severity              = "ERROR"
  notification_channels = var.alerts.channels
  user_labels           = var.labels

  conditions {
    display_name = "${var.alerts.errors} or more requests that failed in a minute"

    condition_threshold {
      filter          = "${local.series} AND metric.type = \"aiplatform.googleapis.com/prediction/online/error_count\""
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
      filter          = "${local.series} AND metric.type = \"aiplatform.googleapis.com/prediction/online/prediction_latencies\" AND metric.labels.latency_type = \"total\""
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
    display_name = "a deployment uses more than ${var.alerts.saturation} % of its processors"

    condition_threshold {
      filter          = "${local.series} AND metric.type = \"aiplatform.googleapis.com/prediction/online/cpu/utilization\""
      comparison      = "COMPARISON_GT"
      threshold_value = var.alerts.saturation / 100
      duration        = "300s"

      aggregations {
        alignment_period     = "60s"
        per_series_aligner   = "ALIGN_MEAN"
        cross_series_reducer = "REDUCE_MEAN"
        group_by_fields      = ["metric.labels.deployed_model_id"]
      }
    }
  }
}
