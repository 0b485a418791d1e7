variable "name" {
  description = "What the names begin with."
  type        = string
}

variable "region" {
  description = "The region, for ARNs."
  type        = string
}

variable "account_id" {
  description = "The account, for ARNs."
  type        = string
}

variable "visibility_timeout" {
  description = "Seconds that a received message is invisible to others."
  type        = number
}

variable "max_receives" {
  description = "Receives after which a message goes to the dead-letter queue."
  type        = number
}

variable "retention_seconds" {
  description = "Seconds that the queue keeps a message."
  type        = number
}

variable "dead_letter_retention_seconds" {
  description = "Seconds that the dead-letter queue keeps a message."
  type        = number
}

variable "max_message_size" {
  description = "Bytes of a message. SQS takes 1 MiB, the provider since 6.8 (hashicorp/terraform-provider-aws pull request 43710)."
  type        = number
  default     = 262144
}
