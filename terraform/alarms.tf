# Each alarm has its page in docs/runbook/, by the name that stands here; a test compares.

resource "aws_sns_topic" "alarms" {
  #checkov:skip=CKV_AWS_26:CloudWatch cannot publish through alias/aws/sns, and a key of our own would guard nothing: alarms hold no events
  name = "${var.name}-alarms"
}

resource "aws_sns_topic_subscription" "alarms" {
  for_each = var.alarm_emails

  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = each.key
}

locals {
  balancer_dimensions = { LoadBalancer = aws_lb.this.arn_suffix }
  log_metrics         = "Touchlake/${var.name}"

  metric_alarms = {
    dead-letter-queue-not-empty = {
      says       = "Messages that no worker could store are in the dead-letter queue."
      namespace  = "AWS/SQS", metric = "ApproximateNumberOfMessagesVisible", statistic = "Maximum"
      dimensions = { QueueName = module.queue.dead_letter_name }
      threshold  = 0, period = 60, periods = 1
    }
    dead-letters-expiring = {
      says       = "A dead letter is half-way to being dropped by SQS."
      namespace  = "AWS/SQS", metric = "ApproximateAgeOfOldestMessage", statistic = "Maximum"
      dimensions = { QueueName = module.queue.dead_letter_name }
      threshold  = module.timing.dead_letter_age_alarm, period = 300, periods = 1
    }
    oldest-message-age = {
      says       = "Events are in the lake later than promised."
      namespace  = "AWS/SQS", metric = "ApproximateAgeOfOldestMessage", statistic = "Maximum"
      dimensions = local.queue_dimensions
      threshold  = module.timing.age_alarm, period = 60, periods = 3
    }
    api-p99 = {
      says       = "One request in a hundred waits longer than a second for its answer."
      namespace  = "AWS/ApplicationELB", metric = "TargetResponseTime", statistic = "p99"
      dimensions = local.balancer_dimensions
      threshold  = 1, period = 60, periods = 5
    }
    worker-restarts = {
      says       = "Workers ended on their own, or did not start."
      namespace  = local.log_metrics, metric = "WorkerRestarts", statistic = "Sum"
      dimensions = {}
      threshold  = 2, period = 300, periods = 1
    }
  }

  # Shares in percent. Below `least` a minute a share says nothing.
  share_alarms = {
    api-5xx = {
      says      = "More than 1 % of requests ended with a 5xx: clients have to send again."
      namespace = "AWS/ApplicationELB", dimensions = local.balancer_dimensions
      part      = ["HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count"], whole = ["RequestCount"]
      percent   = 1, least = 1, periods = 5
    }
    refused-requests = {
      says      = "More than 5 % of requests ended with a 4xx: a wrong key, too much, too fast, or nothing in them that is taken."
      namespace = "AWS/ApplicationELB", dimensions = local.balancer_dimensions
      part      = ["HTTPCode_Target_4XX_Count", "HTTPCode_ELB_4XX_Count"], whole = ["RequestCount"]
      percent   = 5, least = 100, periods = 15
    }
    rejected-share = {
      says      = "More than 5 % of events are refused, most of them inside a 202: an app sends what is not taken."
      namespace = local.log_metrics, dimensions = {}
      part      = ["EventsRejected"], whole = ["EventsAccepted", "EventsRejected"]
      percent   = 5, least = 100, periods = 15
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "metric" {
  for_each = local.metric_alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "${each.value.says} Runbook: docs/runbook/${each.key}.md"
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = startswith(each.value.statistic, "p") ? null : each.value.statistic
  extended_statistic  = startswith(each.value.statistic, "p") ? each.value.statistic : null
  period              = each.value.period
  evaluation_periods  = each.value.periods
  datapoints_to_alarm = each.value.periods
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

resource "aws_cloudwatch_metric_alarm" "share" {
  for_each = local.share_alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "${each.value.says} Runbook: docs/runbook/${each.key}.md"
  evaluation_periods  = each.value.periods
  datapoints_to_alarm = each.value.periods
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.percent
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]

  metric_query {
    id          = "share"
    label       = "Percent"
    expression  = "IF(${local.sums[each.key].whole} >= ${each.value.least}, 100 * (${local.sums[each.key].part}) / (${local.sums[each.key].whole}), 0)"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = merge(
      { for place, metric in each.value.part : "part${place}" => metric },
      { for place, metric in each.value.whole : "whole${place}" => metric },
    )

    content {
      id = metric_query.key

      metric {
        namespace   = each.value.namespace
        metric_name = metric_query.value
        dimensions  = each.value.dimensions
        period      = 60
        stat        = "Sum"
      }
    }
  }
}

locals {
  sums = {
    for name, alarm in local.share_alarms : name => {
      for side in ["part", "whole"] : side => join(" + ", [for place, _ in alarm[side] : "FILL(${side}${place}, 0)"])
    }
  }
}

# Once a minute an API process logs how many events it took and refused (api/tally.py); the load balancer sees only
# answers, and a 202 may refuse most of what it answers.

resource "aws_cloudwatch_log_metric_filter" "events" {
  for_each = { EventsAccepted = "$.accepted", EventsRejected = "$.rejected" }

  name           = each.key
  log_group_name = module.api_task.log_group
  pattern        = "{ $.event = \"events_counted\" }"

  metric_transformation {
    namespace = local.log_metrics
    name      = each.key
    value     = each.value
  }
}

# Worker restarts: ECS forgets a stopped task within the hour, so the events that say why are kept in a log.

resource "aws_cloudwatch_event_rule" "task_stopped" {
  name        = "${var.name}-task-stopped"
  description = "Tasks that ended on their own, failed a health check, or did not start"

  event_pattern = jsonencode({
    source      = ["aws.ecs"]
    detail-type = ["ECS Task State Change"]
    detail = {
      clusterArn = [aws_ecs_cluster.this.arn]
      lastStatus = ["STOPPED"]
      "$or" = [
        { stopCode = ["EssentialContainerExited", "TaskFailedToStart"] },
        { stoppedReason = [{ prefix = "Task failed" }] },
      ]
    }
  })
}

resource "aws_cloudwatch_event_target" "task_stopped" {
  rule = aws_cloudwatch_event_rule.task_stopped.name
  arn  = aws_cloudwatch_log_group.events.arn
}

resource "aws_cloudwatch_log_group" "events" {
  #checkov:skip=CKV_AWS_158:as for the tasks' logs
  #checkov:skip=CKV_AWS_338:as for the tasks' logs
  name              = "/aws/events/${var.name}"
  retention_in_days = var.log_retention_days
}

resource "aws_cloudwatch_log_resource_policy" "events" {
  policy_name = "${var.name}-events"
  policy_document = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = ["delivery.logs.amazonaws.com", "events.amazonaws.com"] }
      Action    = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource  = "${aws_cloudwatch_log_group.events.arn}:*"
    }]
  })
}

resource "aws_cloudwatch_log_metric_filter" "worker_restarts" {
  name           = "worker-restarts"
  log_group_name = aws_cloudwatch_log_group.events.name
  pattern        = "{ $.detail.group = \"service:${module.worker.name}\" }"

  metric_transformation {
    namespace = local.log_metrics
    name      = "WorkerRestarts"
    value     = "1"
  }
}
