output "name" {
  description = "The service's name."
  value       = aws_ecs_service.this.name
}

output "task_definition_arn" {
  description = "The current task definition."
  value       = aws_ecs_task_definition.this.arn
}

output "log_group" {
  description = "Where it logs."
  value       = aws_cloudwatch_log_group.this.name
}
