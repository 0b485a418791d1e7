output "arn" {
  description = "The current task definition."
  value       = aws_ecs_task_definition.this.arn
}

output "log_group" {
  description = "Where it logs."
  value       = aws_cloudwatch_log_group.this.name
}
