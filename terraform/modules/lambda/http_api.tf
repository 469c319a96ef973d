# The HTTP API: three routes to the function, and nothing else of it.

locals {
  routes = { predict = "POST", invocations = "POST", ping = "GET" }
}

resource "aws_apigatewayv2_api" "http" {
  count = var.http_api == null ? 0 : 1

  name          = var.name
  description   = "Asks the function ${var.name}"
  protocol_type = "HTTP"
  tags          = var.tags

  dynamic "cors_configuration" {
    for_each = var.cors_origin[*]

    content {
      allow_origins = [cors_configuration.value]
      allow_methods = distinct(values(local.routes))
      # A browser does not count Authorization under *.
      allow_headers = ["accept", "authorization", "content-type", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token"]
      max_age       = 86400
    }
  }
}

resource "aws_apigatewayv2_integration" "function" {
  count = var.http_api == null ? 0 : 1

  api_id                 = aws_apigatewayv2_api.http[0].id
  integration_type       = "AWS_PROXY"
  integration_method     = "POST"
  integration_uri        = aws_lambda_alias.live.invoke_arn
  payload_format_version = "2.0"
  timeout_milliseconds   = min(var.timeout_seconds, 30) * 1000
}

resource "aws_apigatewayv2_route" "function" {
  for_each = var.http_api == null ? {} : local.routes

  api_id             = aws_apigatewayv2_api.http[0].id
  route_key          = "${each.value} /${each.key}"
  target             = "integrations/${aws_apigatewayv2_integration.function[0].id}"
  authorization_type = var.http_api.public ? "NONE" : "AWS_IAM"
}

resource "aws_apigatewayv2_stage" "http" {
  count = var.http_api == null ? 0 : 1

  api_id      = aws_apigatewayv2_api.http[0].id
  name        = "$default"
  auto_deploy = true
  tags        = var.tags

  default_route_settings {
    throttling_rate_limit    = var.http_api.rate
    throttling_burst_limit   = var.http_api.burst
    detailed_metrics_enabled = true
  }

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.http[0].arn
    format          = local.access_log
  }
}

resource "aws_lambda_permission" "http_api" {
  count = var.http_api == null ? 0 : 1

  action        = "lambda:InvokeFunction"
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.http[0].execution_arn}/$default/*"
  function_name = aws_lambda_function.forest.function_name
  qualifier     = aws_lambda_alias.live.name
}

resource "aws_cloudwatch_log_group" "http" {
  count = var.http_api == null ? 0 : 1

  name              = "/aws/vendedlogs/apigateway/${var.name}-http"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}
