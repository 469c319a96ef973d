# A function from an image, and the alias by which everybody calls it: a new version takes over when it is there as a whole.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  alias      = "live"
  scales     = var.concurrency.provisioned_maximum > var.concurrency.provisioned
  warms      = var.warm_up == null ? 0 : var.warm_up.instances
  dimensions = { FunctionName = var.name, Resource = "${var.name}:${local.alias}" }
  environment = merge(
    var.environment,
    { FORESTD_CORS_ORIGIN = coalesce(var.cors_origin, "none") },
    { for key, value in { FORESTD_MODEL = var.model } : key => value if value != null },
    { for key, value in { FORESTD_STREAM = "true" } : key => value if try(var.url.stream, false) },
  )
}

resource "aws_cloudwatch_log_group" "function" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

resource "aws_lambda_function" "forest" {
  function_name                  = var.name
  description                    = "Answers with the predictions of a model"
  role                           = aws_iam_role.function.arn
  package_type                   = "Image"
  image_uri                      = var.image
  architectures                  = [{ amd64 = "x86_64", arm64 = "arm64" }[var.architecture]]
  memory_size                    = var.memory
  timeout                        = var.timeout_seconds
  reserved_concurrent_executions = var.concurrency.reserved == null ? -1 : var.concurrency.reserved
  publish                        = true
  kms_key_arn                    = var.kms_key_arn
  tags                           = var.tags

  environment {
    variables = local.environment
  }

  logging_config {
    log_format = "JSON"
    log_group  = aws_cloudwatch_log_group.function.name
  }

  tracing_config {
    mode = var.tracing ? "Active" : "PassThrough"
  }

  lifecycle {
    precondition {
      condition     = split(".", var.image)[3] == data.aws_region.current.region
      error_message = "Lambda takes images of its own region only, ${data.aws_region.current.region}: push this one there too, to the repository that modules/artifacts/aws makes."
    }
  }

  depends_on = [aws_iam_role_policy.function]
}

resource "aws_lambda_alias" "live" {
  name             = local.alias
  description      = "The version that answers"
  function_name    = aws_lambda_function.forest.function_name
  function_version = aws_lambda_function.forest.version
}

resource "aws_lambda_permission" "invokers" {
  for_each = var.invokers

  action        = "lambda:InvokeFunction"
  principal     = each.value
  function_name = aws_lambda_function.forest.function_name
  qualifier     = aws_lambda_alias.live.name
}

# Messages that failed alone come back: forestd says which they are.
resource "aws_lambda_event_source_mapping" "queue" {
  count = var.queue == null ? 0 : 1

  event_source_arn                   = var.queue.arn
  function_name                      = aws_lambda_alias.live.arn
  function_response_types            = ["ReportBatchItemFailures"]
  batch_size                         = var.queue.batch_size
  maximum_batching_window_in_seconds = var.queue.window_seconds
  tags                               = var.tags

  dynamic "scaling_config" {
    for_each = var.queue.concurrency[*]

    content {
      maximum_concurrency = scaling_config.value
    }
  }

  lifecycle {
    precondition {
      condition     = split(":", var.queue.arn)[3] == data.aws_region.current.region
      error_message = "Lambda reads queues of its own region only, ${data.aws_region.current.region}."
    }
  }

  depends_on = [aws_iam_role_policy.function]
}
