# A SageMaker endpoint of one variant: model, configuration, endpoint.
#
# Models and configurations cannot be changed, only replaced. Both are named anew and made before the old ones go, so that an
# endpoint moves from one configuration to the next without ever being without.

locals {
  variant    = "main"
  instances  = var.mode != "serverless"
  multiple   = var.mode == "multi-model"
  identity   = substr(sha1(jsonencode([var.image, var.model, var.mode, var.environment, var.network])), 0, 8)
  provisions = var.mode == "serverless" && var.serverless.provisioned > 0
  # One instance cannot be divided: its successor takes over at once, and an alarm still takes that back.
  rollout    = max(1, var.instances.minimum) == 1 ? "all" : var.rollout.kind
  dimensions = { EndpointName = var.name, VariantName = local.variant }
}

resource "aws_cloudwatch_log_group" "endpoint" {
  name              = "/aws/sagemaker/Endpoints/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

resource "aws_sagemaker_model" "forest" {
  name               = "${var.name}-${local.identity}"
  execution_role_arn = aws_iam_role.endpoint.arn
  # SageMaker brings the model and the questions; forestd needs neither network nor credentials. Serverless has no such thing.
  enable_network_isolation = local.instances
  tags                     = var.tags

  primary_container {
    image          = var.image
    mode           = local.multiple ? "MultiModel" : "SingleModel"
    model_data_url = var.model
    environment    = var.environment
  }

  dynamic "vpc_config" {
    for_each = var.network[*]

    content {
      subnets            = vpc_config.value.subnets
      security_group_ids = vpc_config.value.security_groups
    }
  }

  lifecycle {
    create_before_destroy = true
  }

  # SageMaker reads the image and the model with the role while it makes the model.
  depends_on = [aws_iam_role_policy.endpoint]
}

resource "aws_sagemaker_endpoint_configuration" "forest" {
  name_prefix = "${var.name}-"
  kms_key_arn = local.instances ? var.kms_key_arn : null
  tags        = var.tags

  production_variants {
    variant_name           = local.variant
    model_name             = aws_sagemaker_model.forest.name
    initial_variant_weight = 1
    instance_type          = local.instances ? var.instance_type : null
    # An asynchronous endpoint cannot be made with none: scaling takes it to zero.
    initial_instance_count = local.instances ? max(1, var.instances.minimum) : null

    container_startup_health_check_timeout_in_seconds = local.instances ? 300 : null
    model_data_download_timeout_in_seconds            = local.instances && !local.multiple ? 600 : null

    dynamic "serverless_config" {
      for_each = local.instances ? [] : [var.serverless]

      content {
        memory_size_in_mb       = serverless_config.value.memory
        max_concurrency         = serverless_config.value.concurrency
        provisioned_concurrency = local.provisions ? serverless_config.value.provisioned : null
      }
    }

    dynamic "routing_config" {
      for_each = var.mode == "realtime" ? [1] : []

      content {
        routing_strategy = "LEAST_OUTSTANDING_REQUESTS"
      }
    }
  }

  dynamic "async_inference_config" {
    for_each = var.mode == "async" ? [var.async] : []

    content {
      client_config {
        max_concurrent_invocations_per_instance = async_inference_config.value.concurrency
      }

      output_config {
        s3_output_path  = async_inference_config.value.output
        s3_failure_path = "${async_inference_config.value.output}-failed"
        kms_key_id      = var.kms_key_arn

        dynamic "notification_config" {
          for_each = length(local.topics) == 0 ? [] : [1]

          content {
            success_topic = async_inference_config.value.success_topic
            error_topic   = async_inference_config.value.error_topic
          }
        }
      }
    }
  }

  dynamic "data_capture_config" {
    for_each = var.capture[*]

    content {
      enable_capture              = true
      destination_s3_uri          = data_capture_config.value.destination
      initial_sampling_percentage = data_capture_config.value.percentage
      kms_key_id                  = var.kms_key_arn

      capture_options {
        capture_mode = "Input"
      }
      capture_options {
        capture_mode = "Output"
      }

      # Kept as text; every other type is kept in base64.
      capture_content_type_header {
        csv_content_types  = ["text/csv"]
        json_content_types = ["application/json", "application/jsonlines"]
      }
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_sagemaker_endpoint" "forest" {
  name                 = var.name
  endpoint_config_name = aws_sagemaker_endpoint_configuration.forest.name
  tags                 = var.tags

  # A new fleet takes over step by step, and the old one comes back by itself when an alarm rings meanwhile.
  dynamic "deployment_config" {
    for_each = local.instances ? [1] : []

    content {
      blue_green_update_policy {
        termination_wait_in_seconds          = var.rollout.wait
        maximum_execution_timeout_in_seconds = 14400

        traffic_routing_configuration {
          type                     = { canary = "CANARY", linear = "LINEAR", all = "ALL_AT_ONCE" }[local.rollout]
          wait_interval_in_seconds = var.rollout.wait

          dynamic "canary_size" {
            for_each = local.rollout == "canary" ? [10] : []

            content {
              type  = "CAPACITY_PERCENT"
              value = canary_size.value
            }
          }

          dynamic "linear_step_size" {
            for_each = local.rollout == "linear" ? [20] : []

            content {
              type  = "CAPACITY_PERCENT"
              value = linear_step_size.value
            }
          }
        }
      }

      auto_rollback_configuration {
        dynamic "alarms" {
          # What is asynchronous may take its time.
          for_each = concat([aws_cloudwatch_metric_alarm.errors], var.mode == "async" ? [] : [aws_cloudwatch_metric_alarm.latency])

          content {
            alarm_name = alarms.value.alarm_name
          }
        }
      }
    }
  }

  depends_on = [aws_cloudwatch_log_group.endpoint]
}
