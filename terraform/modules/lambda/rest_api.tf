# The REST API: the same three paths. Browsers' OPTIONS go to forestd, which answers them.

locals {
  binary = ["application/octet-stream", "application/x-npy", "application/x-recordio-protobuf"]
  methods = var.rest_api == null ? {} : merge(
    { for path, method in local.routes : "${method} /${path}" => { path = path, method = method, public = var.rest_api.public } },
    { for path, method in local.routes : "OPTIONS /${path}" => { path = path, method = "OPTIONS", public = true } if var.cors_origin != null },
  )
  access_log = jsonencode({
    time      = "$context.requestTime"
    requestId = "$context.requestId"
    address   = "$context.identity.sourceIp"
    method    = "$context.httpMethod"
    path      = "$context.path"
    status    = "$context.status"
    bytes     = "$context.responseLength"
    latency   = "$context.responseLatency"
    function  = "$context.integrationLatency"
  })
}

resource "aws_api_gateway_rest_api" "rest" {
  count = var.rest_api == null ? 0 : 1

  name               = var.name
  description        = "Asks the function ${var.name}"
  binary_media_types = local.binary
  tags               = var.tags

  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

resource "aws_api_gateway_resource" "path" {
  for_each = var.rest_api == null ? {} : local.routes

  rest_api_id = aws_api_gateway_rest_api.rest[0].id
  parent_id   = aws_api_gateway_rest_api.rest[0].root_resource_id
  path_part   = each.key
}

resource "aws_api_gateway_method" "function" {
  for_each = local.methods

  rest_api_id   = aws_api_gateway_rest_api.rest[0].id
  resource_id   = aws_api_gateway_resource.path[each.value.path].id
  http_method   = each.value.method
  authorization = each.value.public ? "NONE" : "AWS_IAM"
}

resource "aws_api_gateway_integration" "function" {
  for_each = local.methods

  rest_api_id             = aws_api_gateway_rest_api.rest[0].id
  resource_id             = aws_api_gateway_resource.path[each.value.path].id
  http_method             = aws_api_gateway_method.function[each.key].http_method
  type                    = "AWS_PROXY"
  integration_http_method = "POST"
  uri                     = aws_lambda_alias.live.invoke_arn
  timeout_milliseconds    = min(var.timeout_seconds, 29) * 1000
}

# A deployment is a copy of what is above: another one whenever something of it changes.
resource "aws_api_gateway_deployment" "rest" {
  count = var.rest_api == null ? 0 : 1

  rest_api_id = aws_api_gateway_rest_api.rest[0].id
  triggers = {
    content = sha1(jsonencode([local.methods, local.binary, var.timeout_seconds, aws_lambda_alias.live.invoke_arn]))
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [aws_api_gateway_integration.function]
}

resource "aws_api_gateway_stage" "rest" {
  count = var.rest_api == null ? 0 : 1

  rest_api_id          = aws_api_gateway_rest_api.rest[0].id
  deployment_id        = aws_api_gateway_deployment.rest[0].id
  stage_name           = var.rest_api.stage
  xray_tracing_enabled = var.tracing
  tags                 = var.tags

  dynamic "access_log_settings" {
    for_each = aws_cloudwatch_log_group.rest[*]

    content {
      destination_arn = access_log_settings.value.arn
      format          = local.access_log
    }
  }
}

resource "aws_api_gateway_method_settings" "rest" {
  count = var.rest_api == null ? 0 : 1

  rest_api_id = aws_api_gateway_rest_api.rest[0].id
  stage_name  = aws_api_gateway_stage.rest[0].stage_name
  method_path = "*/*"

  settings {
    metrics_enabled        = true
    throttling_rate_limit  = var.rest_api.rate
    throttling_burst_limit = var.rest_api.burst
  }
}

resource "aws_lambda_permission" "rest_api" {
  count = var.rest_api == null ? 0 : 1

  action        = "lambda:InvokeFunction"
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.rest[0].execution_arn}/${var.rest_api.stage}/*"
  function_name = aws_lambda_function.forest.function_name
  qualifier     = aws_lambda_alias.live.name
}

resource "aws_cloudwatch_log_group" "rest" {
  count = try(var.rest_api.access_log, false) ? 1 : 0

  name              = "/aws/vendedlogs/apigateway/${var.name}-rest"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}
