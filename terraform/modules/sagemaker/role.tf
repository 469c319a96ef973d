# What the container may do: read its model, be pulled, write its log lines and metrics. Nothing else.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  model_path   = trimprefix(var.model, "s3://")
  model_bucket = split("/", local.model_path)[0]
  arn          = "arn:${data.aws_partition.current.partition}"
  ec2          = "${local.arn}:ec2:${data.aws_region.current.region}:${data.aws_caller_identity.current.account_id}"
  topics       = compact([var.async.success_topic, var.async.error_topic])
  written = compact([
    var.mode == "async" ? var.async.output : null,
    var.mode == "async" ? "${var.async.output}-failed" : null,
    var.capture == null ? null : var.capture.destination,
  ])
}

data "aws_iam_policy_document" "assumed_by_sagemaker" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["sagemaker.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_iam_role" "endpoint" {
  name_prefix        = "${var.name}-"
  description        = "The SageMaker endpoint ${var.name}"
  assume_role_policy = data.aws_iam_policy_document.assumed_by_sagemaker.json
  tags               = var.tags
}

data "aws_iam_policy_document" "endpoint" {
  statement {
    sid       = "ReadTheModel"
    actions   = ["s3:GetObject"]
    resources = ["${local.arn}:s3:::${local.model_path}${local.multiple ? "*" : ""}"]
  }

  statement {
    sid       = "FindTheModel"
    actions   = ["s3:ListBucket"]
    resources = ["${local.arn}:s3:::${local.model_bucket}"]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["${trimprefix(local.model_path, "${local.model_bucket}/")}${local.multiple ? "*" : ""}"]
    }
  }

  statement {
    sid       = "PullTheImage"
    actions   = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"]
    resources = [var.repository_arn]
  }

  statement {
    sid       = "LogInToTheRegistry"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"] # it has no resources to name
  }

  statement {
    sid       = "WriteLogs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]
    resources = ["${aws_cloudwatch_log_group.endpoint.arn}:*"]
  }

  statement {
    sid       = "WriteMetrics"
    actions   = ["cloudwatch:PutMetricData"]
    resources = ["*"] # it has none either; its namespaces bound it

    condition {
      test     = "StringEquals"
      variable = "cloudwatch:namespace"
      values   = ["/aws/sagemaker/Endpoints", "AWS/SageMaker", "forestd"]
    }
  }

  dynamic "statement" {
    for_each = length(local.written) == 0 ? [] : [local.written]

    content {
      sid       = "WriteAnswers"
      actions   = ["s3:PutObject", "s3:AbortMultipartUpload"]
      resources = [for folder in statement.value : "${local.arn}:s3:::${trimprefix(folder, "s3://")}/*"]
    }
  }

  dynamic "statement" {
    for_each = var.mode == "async" ? [1] : []

    content {
      sid       = "ReadQuestions"
      actions   = ["s3:GetObject"]
      resources = ["${local.arn}:s3:::${trimprefix(var.async.input, "s3://")}/*"]
    }
  }

  dynamic "statement" {
    for_each = var.mode == "async" && length(local.topics) > 0 ? [local.topics] : []

    content {
      sid       = "TellOfAnswers"
      actions   = ["sns:Publish"]
      resources = statement.value
    }
  }

  dynamic "statement" {
    for_each = var.kms_key_arn[*]

    content {
      sid       = "UseTheKey"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [statement.value]
    }
  }

  dynamic "statement" {
    for_each = var.kms_key_arn == null || !local.instances ? [] : [var.kms_key_arn]

    content {
      sid       = "EncryptTheDisks"
      actions   = ["kms:CreateGrant"]
      resources = [statement.value]

      condition {
        test     = "Bool"
        variable = "kms:GrantIsForAWSResource"
        values   = ["true"]
      }
    }
  }

  # Interfaces in these subnets, with these security groups.
  dynamic "statement" {
    for_each = var.network[*]

    content {
      sid     = "EnterTheNetwork"
      actions = ["ec2:CreateNetworkInterface", "ec2:CreateNetworkInterfacePermission", "ec2:DeleteNetworkInterface"]
      resources = concat(
        ["${local.ec2}:network-interface/*"],
        [for subnet in statement.value.subnets : "${local.ec2}:subnet/${subnet}"],
        [for group in statement.value.security_groups : "${local.ec2}:security-group/${group}"],
      )
    }
  }

  dynamic "statement" {
    for_each = var.network[*]

    content {
      sid = "SeeTheNetwork"
      actions = [
        "ec2:DeleteNetworkInterfacePermission", "ec2:DescribeDhcpOptions", "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs",
      ]
      resources = ["*"] # they have no resources to name
    }
  }
}

resource "aws_iam_role_policy" "endpoint" {
  name   = "endpoint"
  role   = aws_iam_role.endpoint.id
  policy = data.aws_iam_policy_document.endpoint.json
}
