variable "name" {
  description = "The service's name."
  type        = string
}

variable "container" {
  description = "The container that the load balancer speaks to."
  type        = string
}

variable "cluster_arn" {
  description = "The cluster."
  type        = string
}

variable "task_definition_arn" {
  description = "What it runs."
  type        = string
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
