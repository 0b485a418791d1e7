# One Fargate service: the API or the worker.

resource "aws_ecs_service" "this" {
  name                               = var.name
  cluster                            = var.cluster_arn
  task_definition                    = var.task_definition_arn
  desired_count                      = var.desired_count
  platform_version                   = "LATEST"
  propagate_tags                     = "SERVICE"
  enable_ecs_managed_tags            = true
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  health_check_grace_period_seconds  = length(var.target_groups) > 0 ? 30 : null
  availability_zone_rebalancing      = "ENABLED"
  wait_for_steady_state              = true

  dynamic "capacity_provider_strategy" {
    for_each = var.capacity

    content {
      capacity_provider = capacity_provider_strategy.key
      base              = capacity_provider_strategy.value.base
      weight            = capacity_provider_strategy.value.weight
    }
  }

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets          = var.subnets
    security_groups  = var.security_groups
    assign_public_ip = false
  }

  dynamic "load_balancer" {
    for_each = var.target_groups

    content {
      target_group_arn = load_balancer.value
      container_name   = var.container
      container_port   = load_balancer.key
    }
  }

  lifecycle {
    ignore_changes = [desired_count] # scaling's to decide
  }
}
