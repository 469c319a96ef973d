# forestd on AWS: models and images, and what serves them.
#
# Without an image and a model there is only the place to put them: that is the first apply.

locals {
  name   = "${var.name}-${var.environment}"
  tags   = merge({ application = "forestd", environment = var.environment }, var.tags)
  alarms = merge(var.alarms, { topics = aws_sns_topic.alarms[*].arn })
}

module "artifacts" {
  source = "../modules/artifacts/aws"

  name        = local.name
  kms_key_arn = var.kms_key_arn
  deletable   = !coalesce(var.protected, var.environment == "prod")
  short_lived = { for folder in ["questions", "answers", "answers-failed", "captured"] : folder => var.keep_answers_days }
  tags        = local.tags
}

module "sagemaker" {
  source = "../modules/sagemaker"
  count  = var.sagemaker == null || var.image == null || var.model == null ? 0 : 1

  name           = local.name
  image          = var.image
  repository_arn = module.artifacts.repository_arn
  architecture   = var.architecture
  model          = var.model
  mode           = var.sagemaker.mode
  instance_type  = var.sagemaker.instance_type
  instances = {
    minimum             = var.instances.minimum
    maximum             = var.instances.maximum
    requests_per_minute = var.requests_per_minute
    backlog             = var.sagemaker.async.backlog
  }
  serverless = var.sagemaker.serverless
  async = {
    input         = "s3://${module.artifacts.bucket}/questions"
    output        = "s3://${module.artifacts.bucket}/answers"
    success_topic = var.sagemaker.async.success_topic
    error_topic   = var.sagemaker.async.error_topic
    concurrency   = var.sagemaker.async.concurrency
  }
  capture = var.sagemaker.capture_percentage == null ? null : {
    destination = "s3://${module.artifacts.bucket}/captured"
    percentage  = var.sagemaker.capture_percentage
  }
  network            = var.sagemaker.network
  rollout            = var.sagemaker.rollout
  environment        = var.variables
  kms_key_arn        = var.kms_key_arn
  log_retention_days = var.log_retention_days
  alarms             = local.alarms
  tags               = local.tags
}

module "lambda" {
  source = "../modules/lambda"
  count  = var.lambda == null || var.image == null ? 0 : 1

  name               = local.name
  image              = var.image
  architecture       = var.architecture
  model              = var.model
  memory             = var.lambda.memory
  timeout_seconds    = var.lambda.timeout_seconds
  concurrency        = var.lambda.concurrency
  warm_up            = var.lambda.warm_up
  url                = var.lambda.url
  http_api           = var.lambda.http_api
  rest_api           = var.lambda.rest_api
  cors_origin        = var.lambda.cors_origin
  invokers           = var.lambda.invokers
  queue              = var.lambda.queue
  tracing            = var.lambda.tracing
  environment        = var.variables
  kms_key_arn        = var.kms_key_arn
  log_retention_days = var.log_retention_days
  alarms             = local.alarms
  tags               = local.tags
}

module "ecs" {
  source = "../modules/ecs"
  count  = var.ecs == null || var.image == null ? 0 : 1

  name           = local.name
  image          = var.image
  repository_arn = module.artifacts.repository_arn
  architecture   = var.architecture
  model          = var.model
  cpu            = var.ecs.cpu
  memory         = var.ecs.memory
  network        = var.ecs.network
  callers        = var.ecs.callers
  internal       = var.ecs.internal
  certificate    = var.ecs.certificate
  instances = {
    minimum             = var.instances.minimum
    maximum             = var.instances.maximum
    requests_per_minute = var.requests_per_minute
    cpu_percent         = var.ecs.cpu_percent
  }
  startup_seconds    = var.ecs.startup_seconds
  protected          = coalesce(var.protected, var.environment == "prod")
  environment        = var.variables
  kms_key_arn        = var.kms_key_arn
  log_retention_days = var.log_retention_days
  alarms             = local.alarms
  tags               = local.tags
}

resource "aws_sns_topic" "alarms" {
  count = length(var.emails) == 0 ? 0 : 1

  name              = "${local.name}-alarms"
  kms_master_key_id = var.kms_key_arn
  tags              = local.tags
}

resource "aws_sns_topic_subscription" "email" {
  for_each = toset(var.emails)

  topic_arn = aws_sns_topic.alarms[0].arn
  protocol  = "email"
  endpoint  = each.value
}

resource "aws_budgets_budget" "month" {
  count = var.budget == null ? 0 : 1

  name         = local.name
  budget_type  = "COST"
  time_unit    = "MONTHLY"
  limit_amount = tostring(var.budget)
  limit_unit   = "USD"
  tags         = local.tags

  dynamic "notification" {
    for_each = [
      { type = "ACTUAL", percent = 50 },
      { type = "ACTUAL", percent = 90 },
      { type = "FORECASTED", percent = 100 },
    ]

    content {
      notification_type          = notification.value.type
      comparison_operator        = "GREATER_THAN"
      threshold                  = notification.value.percent
      threshold_type             = "PERCENTAGE"
      subscriber_email_addresses = var.emails
    }
  }
}
