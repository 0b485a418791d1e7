output "flush_seconds" {
  description = "As given."
  value       = var.flush_seconds
}

output "poll_seconds" {
  description = "As given."
  value       = var.poll_seconds
}

output "stop_timeout" {
  description = "As given."
  value       = var.stop_timeout
}

output "api_send_seconds" {
  description = "As given."
  value       = var.api_send_seconds
}

output "max_receives" {
  description = "As given."
  value       = var.max_receives
}

output "retention_seconds" {
  description = "As given."
  value       = var.retention_seconds
}

output "dead_letter_retention_seconds" {
  description = "As given."
  value       = var.dead_letter_retention_seconds
}

output "visibility_timeout" {
  description = "Seconds that a received message is invisible to others."
  value       = local.visibility_timeout
}

output "worker_drain" {
  description = "Seconds that a stopping worker may write what it holds (TOUCHLAKE_WORKER_DRAIN_SECONDS)."
  value       = var.stop_timeout - local.worker_after_drain
}

output "deregistration_delay" {
  description = "Seconds that the load balancer lets open requests of a leaving API task end."
  value       = local.deregistration_delay
}

output "api_drain" {
  description = "Seconds that a stopping API still takes requests (TOUCHLAKE_API_DRAIN_SECONDS)."
  value       = local.api_drain
}

output "api_stop" {
  description = "Seconds within which a stopping API has ended."
  value       = local.api_drain + local.api_graceful
}

output "worker_scale_in_cooldown" {
  description = "Seconds between two scale-ins of workers: the last one has drained and what it gave back is written."
  value       = max(300, var.stop_timeout + local.visibility_timeout)
}

output "age_alarm" {
  description = "Age in seconds of the oldest message past which the freshness promise is broken."
  value       = local.freshness_after_crash + 60
}

output "dead_letter_age_alarm" {
  description = "Age in seconds past which a dead letter is half-way to being dropped."
  value       = floor(var.dead_letter_retention_seconds / 2)
}
