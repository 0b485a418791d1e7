# Every check here stands for a way in which events would be lost, or die as poison without being it.

variable "flush_seconds" {
  description = "Seconds that a worker's window gathers before it is written (TOUCHLAKE_WORKER_FLUSH_SECONDS)."
  type        = number

  validation {
    condition     = var.flush_seconds >= 1 && var.flush_seconds <= 3600 && floor(var.flush_seconds) == var.flush_seconds
    error_message = "flush_seconds must be a whole number from 1 to 3600: past an hour a crash alone delays events by three."
  }
}

variable "poll_seconds" {
  description = "Seconds of a worker's long poll (TOUCHLAKE_WORKER_POLL_SECONDS)."
  type        = number
  default     = 20

  validation {
    condition     = var.poll_seconds >= 0 && var.poll_seconds <= 20 && floor(var.poll_seconds) == var.poll_seconds
    error_message = "poll_seconds must be a whole number from 0 to 20: SQS waits no longer."
  }
}

variable "stop_timeout" {
  description = "Seconds from SIGTERM to SIGKILL (ECS stopTimeout)."
  type        = number
  default     = 120

  validation {
    condition     = var.stop_timeout <= 120
    error_message = "stop_timeout must be at most 120: Fargate kills a task then."
  }

  validation {
    condition     = var.stop_timeout >= 2 * (var.poll_seconds + 5) + 20 + 30
    error_message = "stop_timeout is too short: a stopping worker ends its long poll, needs 30 s to write, and then to give back the rest."
  }
}

variable "api_send_seconds" {
  description = "Seconds for which the API tries to send a request's events to SQS (TOUCHLAKE_API_SEND_SECONDS)."
  type        = number
  default     = 10

  validation {
    condition     = var.api_send_seconds > 0
    error_message = "api_send_seconds must be more than 0."
  }

  validation {
    condition     = 2 * ceil(var.api_send_seconds) + 25 <= var.stop_timeout
    error_message = "api_send_seconds is too long: a stopping API would be killed with requests unanswered (2 x send + 25 s must fit into stop_timeout)."
  }
}

variable "max_receives" {
  description = "Receives after which SQS moves a message to the dead-letter queue."
  type        = number
  default     = 5

  validation {
    condition     = var.max_receives >= 3 && var.max_receives <= 1000 && floor(var.max_receives) == var.max_receives
    error_message = "max_receives must be a whole number from 3 to 1000: a deploy and a killed worker are receives too, and no reason to give a message up."
  }
}

variable "retention_seconds" {
  description = "Seconds that the queue keeps a message."
  type        = number
  default     = 345600 # 4 days

  validation {
    condition     = var.retention_seconds <= 1209600
    error_message = "retention_seconds must be at most 1209600: SQS keeps nothing longer than 14 days."
  }

  validation {
    condition     = var.retention_seconds >= 10 * var.max_receives * max(120, 2 * var.flush_seconds)
    error_message = "retention_seconds is too short: a message must reach the dead-letter queue (max_receives x visibility timeout) long before SQS drops it."
  }

  validation {
    condition     = var.retention_seconds >= 86400
    error_message = "retention_seconds must be at least 86400: who is called at night needs a day to mend it before SQS drops events."
  }
}

variable "dead_letter_retention_seconds" {
  description = "Seconds that the dead-letter queue keeps a message, counted from when it was first sent."
  type        = number
  default     = 1209600 # 14 days

  validation {
    condition     = var.dead_letter_retention_seconds <= 1209600
    error_message = "dead_letter_retention_seconds must be at most 1209600: SQS keeps nothing longer than 14 days."
  }

  validation {
    condition     = var.dead_letter_retention_seconds >= 2 * var.retention_seconds
    error_message = "dead_letter_retention_seconds must be at least twice retention_seconds: it counts from the first send, so a message that dies late would be dropped soon after."
  }
}
