output "target" {
  description = "The service, as forestd invoke takes it: scripts/smoke-test. Where it is internal, from inside the VPC."
  value       = var.certificate == null ? "http://${aws_lb.forest.dns_name}" : "https://${var.certificate.domain}"
}

output "load_balancer" {
  description = "The load balancer's name in DNS: what certificate.domain is to lead to (CNAME)."
  value       = aws_lb.forest.dns_name
}

output "service" {
  description = "Cluster and service have this name: aws ecs describe-services --cluster NAME --services NAME."
  value       = aws_ecs_service.forest.name
}
