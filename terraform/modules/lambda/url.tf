# The function's own URL. Whoever may call it needs two permissions: for the URL, and for the function behind it.

resource "aws_lambda_function_url" "live" {
  count = var.url == null ? 0 : 1

  function_name      = aws_lambda_function.forest.function_name
  qualifier          = aws_lambda_alias.live.name
  authorization_type = var.url.public ? "NONE" : "AWS_IAM"
  invoke_mode        = var.url.stream ? "RESPONSE_STREAM" : "BUFFERED"
  # Without `cors`: forestd answers browsers itself, and a second Access-Control-Allow-Origin would be refused by them.
}

# Both for everybody. The provider adds the first by itself when it makes a URL, but not to one that becomes public later.
resource "aws_lambda_permission" "public_url" {
  count = try(var.url.public, false) ? 1 : 0

  statement_id           = "PublicUrl"
  action                 = "lambda:InvokeFunctionUrl"
  principal              = "*"
  function_url_auth_type = "NONE"
  function_name          = aws_lambda_function.forest.function_name
  qualifier              = aws_lambda_function_url.live[0].qualifier
}

resource "aws_lambda_permission" "public_by_url" {
  count = try(var.url.public, false) ? 1 : 0

  statement_id             = "PublicByUrlOnly"
  action                   = "lambda:InvokeFunction"
  principal                = "*"
  invoked_via_function_url = true
  function_name            = aws_lambda_function.forest.function_name
  qualifier                = aws_lambda_alias.live.name
}

resource "aws_lambda_permission" "invokers_by_url" {
  for_each = var.url == null || try(var.url.public, false) ? [] : var.invokers

  action                 = "lambda:InvokeFunctionUrl"
  principal              = each.value
  function_url_auth_type = "AWS_IAM"
  function_name          = aws_lambda_function.forest.function_name
  qualifier              = aws_lambda_function_url.live[0].qualifier
}
