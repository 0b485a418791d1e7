output "api_url" {
  description = "Where apps POST."
  value       = "https://${var.domain_name}"
}

output "queue_url" {
  description = "TOUCHLAKE_QUEUE_URL."
  value       = module.queue.url
}

output "dead_letter_queue_url" {
  description = "The dead-letter queue's URL."
  value       = module.queue.dead_letter_url
}

output "lake_bucket" {
  description = "TOUCHLAKE_LAKE_BUCKET."
  value       = module.lake.bucket
}

output "repositories" {
  description = "Where images are pushed."
  value       = { for name, repository in aws_ecr_repository.this : name => repository.repository_url }
}

output "cluster" {
  description = "The ECS cluster."
  value       = aws_ecs_cluster.this.name
}

output "services" {
  description = "The ECS services."
  value       = { api = module.api.name, worker = module.worker.name }
}

output "task_definitions" {
  description = "What the services and the schedule run."
  value       = { for name, task in { api = module.api_task, worker = module.worker_task, ledger = module.ledger_task } : name => task.arn }
}

output "dashboard" {
  description = "The CloudWatch dashboard."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}

output "workgroup" {
  description = "The Athena workgroup with the named queries."
  value       = aws_athena_workgroup.this.name
}
