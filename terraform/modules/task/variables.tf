variable "name" {
  description = "The family's name, and what the log's ends in."
  type        = string
}

variable "container" {
  description = "The container's name."
  type        = string
}

variable "region" {
  description = "The region of the logs."
  type        = string
}

variable "image" {
  description = "The image, by digest."
  type        = string
}

variable "cpu" {
  description = "CPU units, 1024 a core."
  type        = number
}

variable "memory" {
  description = "MiB of memory."
  type        = number
}

variable "cpu_architecture" {
  description = "ARM64 or X86_64, as the image was built."
  type        = string
}

variable "command" {
  description = "Arguments of the image's entry point; null for a process whose settings say all."
  type        = list(string)
  default     = null
}

variable "environment" {
  description = "Settings of the process."
  type        = map(string)
}

variable "secrets" {
  description = "Settings of the process that are secrets: name to ARN."
  type        = map(string)
  default     = {}
}

variable "ports" {
  description = "Ports on which the container listens."
  type        = list(number)
  default     = []
}

variable "health_url" {
  description = "What answers 200, seen from inside the container, while the process is up; null for one that runs to its end."
  type        = string
  default     = null
}

variable "stop_timeout" {
  description = "Seconds from SIGTERM to SIGKILL."
  type        = number
}

variable "task_role_arn" {
  description = "What the process may do."
  type        = string
}

variable "execution_role_arn" {
  description = "What ECS may do to start it."
  type        = string
}

variable "log_retention_days" {
  description = "Days that logs are kept."
  type        = number
}
