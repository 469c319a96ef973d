provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

override_data {
  target = data.aws_caller_identity.current
  values = { account_id = "123456789012" }
}

variables {
  name = "forest-dev"
}

run "defaults" {
  command = plan

  assert {
    condition     = aws_s3_bucket.models.bucket == "forest-dev-123456789012-eu-west-1" && !aws_s3_bucket.models.force_destroy
    error_message = "the bucket's name or its protection is not the usual one"
  }
  assert {
    condition     = aws_s3_bucket_versioning.models.versioning_configuration[0].status == "Enabled"
    error_message = "the bucket keeps no versions"
  }
  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.models.block_public_acls,
      aws_s3_bucket_public_access_block.models.block_public_policy,
      aws_s3_bucket_public_access_block.models.ignore_public_acls,
      aws_s3_bucket_public_access_block.models.restrict_public_buckets,
    ])
    error_message = "the bucket may become public"
  }
  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.models.rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256"
    error_message = "the bucket is not encrypted"
  }
  assert {
    condition     = aws_ecr_repository.images.image_tag_mutability == "IMMUTABLE" && one(aws_ecr_repository.images.image_scanning_configuration).scan_on_push
    error_message = "tags can be moved, or images are not scanned"
  }
  assert {
    condition     = jsondecode(aws_ecr_lifecycle_policy.images.policy).rules[0].selection.countNumber == 20
    error_message = "the repository keeps another number of images"
  }
}

run "own_key" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/0b4f"
  }

  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.models.rule).apply_server_side_encryption_by_default).kms_master_key_id == var.kms_key_arn
    error_message = "the bucket does not use the key"
  }
  assert {
    condition     = one(aws_ecr_repository.images.encryption_configuration).kms_key == var.kms_key_arn
    error_message = "the repository does not use the key"
  }
}

run "retention_and_deletion" {
  command = plan

  variables {
    keep_images            = 5
    keep_old_versions_days = 7
    deletable              = true
    tags                   = { team = "trees" }
  }

  assert {
    condition     = jsondecode(aws_ecr_lifecycle_policy.images.policy).rules[0].selection.countNumber == 5
    error_message = "keep_images is not heeded"
  }
  assert {
    condition     = one(one(aws_s3_bucket_lifecycle_configuration.models.rule).noncurrent_version_expiration).noncurrent_days == 7
    error_message = "keep_old_versions_days is not heeded"
  }
  assert {
    condition     = aws_s3_bucket.models.force_destroy && aws_ecr_repository.images.force_delete && aws_s3_bucket.models.tags.team == "trees"
    error_message = "deletable or tags are not heeded"
  }
}

run "refuses_a_long_name" {
  command = plan
  variables {
    name = "forest-with-a-name-of-more-than-32"
  }
  expect_failures = [var.name]
}

run "refuses_an_alias" {
  command = plan
  variables {
    kms_key_arn = "alias/forest"
  }
  expect_failures = [var.kms_key_arn]
}

run "refuses_one_image" {
  command = plan
  variables {
    keep_images = 1
  }
  expect_failures = [var.keep_images]
}

run "refuses_no_days" {
  command = plan
  variables {
    keep_old_versions_days = 0
  }
  expect_failures = [var.keep_old_versions_days]
}

run "refuses_reserved_tags" {
  command = plan
  variables {
    tags = { "aws:team" = "trees" }
  }
  expect_failures = [var.tags]
}

run "folders_that_empty_themselves" {
  command = plan

  variables {
    short_lived = { answers = 30 }
  }

  assert {
    condition     = { for rule in aws_s3_bucket_lifecycle_configuration.models.rule : rule.filter[0].prefix => rule.expiration[0].days if rule.id == "answers" } == { "answers/" = 30 }
    error_message = "answers stay for ever"
  }
}

run "refuses_a_folder_with_a_slash" {
  command = plan
  variables {
    short_lived = { "answers/" = 30 }
  }
  expect_failures = [var.short_lived]
}
