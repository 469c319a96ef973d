output "bucket" {
  description = "The bucket for models: scripts/upload s3."
  value       = aws_s3_bucket.models.bucket
}

output "registry" {
  description = "The image repository's address: scripts/image --push."
  value       = aws_ecr_repository.images.repository_url
}

output "repository_arn" {
  description = "The image repository's ARN, for the roles that pull from it."
  value       = aws_ecr_repository.images.arn
}
