variable "name" {
  description = "The service's name, and its task definition's."
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

variable "cluster_arn" {
  description = "The cluster."
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

variable "environment" {
  description = "Settings of the process."
  type        = map(string)
}

variable "secrets" {
  description = "Settings of the process that are secrets: name to ARN."
  type        = map(string)
}

variable "ports" {
  description = "Ports on which the container listens."
  type        = list(number)
}

variable "health_url" {
  description = "What answers 200, seen from inside the container, while the process is up."
  type        = string
}

variable "stop_timeout" {
  description = "Seconds from SIGTERM to SIGKILL."
  type        = number
}

variable "desired_count" {
  description = "Tasks at the start; later scaling decides."
  type        = number
}

variable "capacity" {
  description = "Capacity provider to the tasks it gets first, and its weight for the rest."
  type        = map(object({ base = number, weight = number }))
}

variable "subnets" {
  description = "Private subnets for the tasks."
  type        = list(string)
}

variable "security_groups" {
  description = "Security groups of the tasks."
  type        = list(string)
}

variable "target_groups" {
  description = "Port to target group. Empty for a service that nobody calls."
  type        = map(string)
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
