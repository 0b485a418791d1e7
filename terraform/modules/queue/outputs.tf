output "url" {
  description = "TOUCHLAKE_QUEUE_URL."
  value       = aws_sqs_queue.this.url
}

output "arn" {
  description = "The queue's ARN."
  value       = aws_sqs_queue.this.arn
}

output "name" {
  description = "The queue's name, as metrics know it."
  value       = aws_sqs_queue.this.name
}

output "dead_letter_url" {
  description = "The dead-letter queue's URL."
  value       = aws_sqs_queue.dlq.url
}

output "dead_letter_name" {
  description = "The dead-letter queue's name, as metrics know it."
  value       = aws_sqs_queue.dlq.name
}
