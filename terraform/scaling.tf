# The API scales on requests per target and on CPU, workers on the messages there are per task and on CPU. Where two
# policies speak, the higher count wins, and tasks go only when both agree.

locals {
  scaled = {
    api    = { service = module.api.name, min = var.api.min_tasks, max = var.api.max_tasks, cpu = var.api.cpu_target, in = module.timing.api_stop + 180 }
    worker = { service = module.worker.name, min = var.worker.min_tasks, max = var.worker.max_tasks, cpu = var.worker.cpu_target, in = module.timing.worker_scale_in_cooldown }
  }

  queue_dimensions  = { QueueName = module.queue.name }
  worker_dimensions = { ClusterName = aws_ecs_cluster.this.name, ServiceName = module.worker.name }
}

resource "aws_appautoscaling_target" "this" {
  for_each = local.scaled

  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = "service/${aws_ecs_cluster.this.name}/${each.value.service}"
  min_capacity       = each.value.min
  max_capacity       = each.value.max
}

resource "aws_appautoscaling_policy" "cpu" {
  for_each = local.scaled

  name               = "${each.value.service}-cpu"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = aws_appautoscaling_target.this[each.key].resource_id

  target_tracking_scaling_policy_configuration {
    target_value       = each.value.cpu
    scale_out_cooldown = 60
    scale_in_cooldown  = each.value.in

    predefined_metric_specification {
      predefined_metric_type = "ECSServiceAverageCPUUtilization"
    }
  }
}

resource "aws_appautoscaling_policy" "requests" {
  name               = "${module.api.name}-requests"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = aws_appautoscaling_target.this["api"].resource_id

  target_tracking_scaling_policy_configuration {
    target_value       = var.api.requests_per_target
    scale_out_cooldown = 60
    scale_in_cooldown  = local.scaled.api.in

    predefined_metric_specification {
      predefined_metric_type = "ALBRequestCountPerTarget"
      resource_label         = "${aws_lb.this.arn_suffix}/${aws_lb_target_group.api.arn_suffix}"
    }
  }
}

# All messages count, also those that workers hold, or they swallow the backlog and the metric is 0 while they still write
# it; and the desired count divides, or each minute of a slow start multiplies the decision. docs/scaling.md plays both.
resource "aws_appautoscaling_policy" "backlog" {
  name               = "${module.worker.name}-backlog"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = aws_appautoscaling_target.this["worker"].resource_id

  target_tracking_scaling_policy_configuration {
    target_value       = var.worker.backlog_per_task
    scale_out_cooldown = 60
    scale_in_cooldown  = local.scaled.worker.in

    customized_metric_specification {
      metrics {
        id          = "waiting"
        label       = "Messages waiting"
        return_data = false

        metric_stat {
          stat = "Maximum"

          metric {
            namespace   = "AWS/SQS"
            metric_name = "ApproximateNumberOfMessagesVisible"

            dimensions {
              name  = "QueueName"
              value = module.queue.name
            }
          }
        }
      }

      metrics {
        id          = "held"
        label       = "Messages in flight"
        return_data = false

        metric_stat {
          stat = "Maximum"

          metric {
            namespace   = "AWS/SQS"
            metric_name = "ApproximateNumberOfMessagesNotVisible"

            dimensions {
              name  = "QueueName"
              value = module.queue.name
            }
          }
        }
      }

      metrics {
        id          = "desired"
        label       = "Tasks desired"
        return_data = false

        metric_stat {
          stat = "Average"

          metric {
            namespace   = "ECS/ContainerInsights"
            metric_name = "DesiredTaskCount"

            dimensions {
              name  = "ClusterName"
              value = aws_ecs_cluster.this.name
            }

            dimensions {
              name  = "ServiceName"
              value = module.worker.name
            }
          }
        }
      }

      metrics {
        id          = "backlog"
        label       = "Messages per task"
        expression  = "(waiting + held) / IF(FILL(desired, 0) < 1, 1, desired)"
        return_data = true
      }
    }
  }
}

# With min_tasks 0 the policy above leaves up to backlog_per_task messages to nobody. So the first one wakes one worker.
resource "aws_appautoscaling_policy" "wake" {
  name               = "${module.worker.name}-wake"
  policy_type        = "StepScaling"
  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = aws_appautoscaling_target.this["worker"].resource_id

  step_scaling_policy_configuration {
    adjustment_type         = "ExactCapacity"
    metric_aggregation_type = "Maximum"
    cooldown                = 60

    step_adjustment {
      metric_interval_lower_bound = 0
      scaling_adjustment          = 1
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "wake" {
  alarm_name          = "${module.worker.name}-wake"
  alarm_description   = "Scaling, not a fault: messages wait and no worker runs."
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_appautoscaling_policy.wake.arn]

  metric_query {
    id          = "asleep"
    label       = "Messages waiting while no worker runs"
    expression  = "IF(FILL(running, 0) < 1, waiting, 0)"
    return_data = true
  }

  metric_query {
    id = "waiting"

    metric {
      namespace   = "AWS/SQS"
      metric_name = "ApproximateNumberOfMessagesVisible"
      dimensions  = local.queue_dimensions
      period      = 60
      stat        = "Maximum"
    }
  }

  metric_query {
    id = "running"

    metric {
      namespace   = "ECS/ContainerInsights"
      metric_name = "RunningTaskCount"
      dimensions  = local.worker_dimensions
      period      = 60
      stat        = "Average"
    }
  }
}
