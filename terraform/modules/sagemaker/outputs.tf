output "target" {
  description = "The endpoint, as forestd invoke takes it: scripts/smoke-test."
  value       = "sagemaker://${aws_sagemaker_endpoint.forest.name}"
}
