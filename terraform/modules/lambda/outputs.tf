output "target" {
  description = "The function, as forestd invoke takes it: scripts/smoke-test."
  value       = "lambda://${aws_lambda_function.forest.function_name}:${aws_lambda_alias.live.name}"
}

output "version" {
  description = "The version that answers now, to go back to: aws lambda update-alias --function-name NAME --name live --function-version N."
  value       = aws_lambda_alias.live.function_version
}

output "alias_arn" {
  description = "What other services call, such as Step Functions."
  value       = aws_lambda_alias.live.arn
}

output "urls" {
  description = "Where predictions are asked for by HTTP: url, http_api and rest_api, those that there are."
  value = { for key, value in {
    url      = one([for url in aws_lambda_function_url.live : "${trimsuffix(url.function_url, "/")}/predict"])
    http_api = one([for api in aws_apigatewayv2_api.http : "${api.api_endpoint}/predict"])
    rest_api = one([for stage in aws_api_gateway_stage.rest : "${stage.invoke_url}/predict"])
  } : key => value if value != null }
}
