output "region" {
  description = "The endpoint's region: scripts/smoke-test."
  value       = var.region
}

output "bucket" {
  description = "Where models go: scripts/upload."
  value       = module.artifacts.bucket
}

output "registry" {
  description = "Where images go, :tag follows: scripts/image --push."
  value       = module.artifacts.registry
}

output "endpoint_target" {
  description = "The endpoint, as forestd invoke takes it: scripts/smoke-test. Null before there is an image and a model."
  value       = one(concat(module.sagemaker[*].target, module.lambda[*].target, module.ecs[*].target))
}

output "urls" {
  description = "Where a function's predictions are asked for by HTTP: url, http_api and rest_api, those that there are."
  value       = one(module.lambda[*].urls)
}

output "version" {
  description = "A function's version that answers now: scripts/deploy --rollback, or aws lambda update-alias."
  value       = one(module.lambda[*].version)
}

output "function" {
  description = "What other services call of a function, such as Step Functions: its alias's ARN."
  value       = one(module.lambda[*].alias_arn)
}

output "load_balancer" {
  description = "The load balancer's name in DNS: what the certificate's domain is to lead to (CNAME)."
  value       = one(module.ecs[*].load_balancer)
}

output "service" {
  description = "Cluster and service have this name: aws ecs describe-services --cluster NAME --services NAME."
  value       = one(module.ecs[*].service)
}

output "deployed" {
  description = "What is deployed, for the way back: scripts/deploy --rollback."
  value       = { image = var.image, model = var.model }
}
