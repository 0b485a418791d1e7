# The ledger is checked every day: yesterday, and the day a week ago, for what phones sent late. The check logs one
# line, ledger_ok or ledger_mismatch; no line for a day is an alarm too.

locals {
  ledger_hour = 4 # UTC. What is still in flight then came after midnight.
  ledger_days = [1, 7]

  ledger_alarms = {
    ledger-mismatch = {
      says   = "The lake does not hold what was accepted."
      metric = "LedgerMismatches", pattern = "{ $.event = \"ledger_mismatch\" }"
      breach = "GreaterThanThreshold", threshold = 0, hours = 1, missing = "notBreaching"
    }
    ledger-silent = {
      says   = "For a day nobody has compared what was accepted with what is stored."
      metric = "LedgerChecks", pattern = "{ $.event = \"ledger_ok\" || $.event = \"ledger_mismatch\" }"
      breach = "LessThanThreshold", threshold = 1, hours = local.ledger_alarm_hours, missing = "breaching"
    }
  }
  ledger_alarm_hours = 26 # a day, and time for one check to take longer than the one before
}

module "ledger_task" {
  source           = "./modules/task"
  name             = "${var.name}-ledger"
  container        = "ledger"
  region           = var.region
  image            = local.images.ops
  cpu              = var.ledger.cpu
  memory           = var.ledger.memory
  cpu_architecture = var.cpu_architecture
  command = concat(
    ["ledger", "--log", "--settle-minutes=${60 * local.ledger_hour}"],
    [for days in local.ledger_days : "--days-ago=${days}"],
  )
  environment = {
    AWS_REGION            = var.region
    TOUCHLAKE_QUEUE_URL   = module.queue.url
    TOUCHLAKE_LAKE_BUCKET = module.lake.bucket
  }
  stop_timeout       = 30
  task_role_arn      = aws_iam_role.task["ledger"].arn
  execution_role_arn = aws_iam_role.execution["ledger"].arn
  log_retention_days = var.log_retention_days
}

resource "aws_scheduler_schedule" "ledger" {
  #checkov:skip=CKV_AWS_297:the schedule holds names alone; EventBridge encrypts it with its own key
  name                = "${var.name}-ledger"
  description         = "Compares what was accepted with what is stored"
  schedule_expression = "cron(0 ${local.ledger_hour} * * ? *)"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_ecs_cluster.this.arn
    role_arn = aws_iam_role.scheduler.arn

    ecs_parameters {
      task_definition_arn = module.ledger_task.arn
      launch_type         = "FARGATE"

      network_configuration {
        subnets          = [for subnet in aws_subnet.private : subnet.id]
        security_groups  = [aws_security_group.ledger.id]
        assign_public_ip = false
      }
    }
  }
}

data "aws_iam_policy_document" "scheduler" {
  statement {
    sid       = "Run"
    actions   = ["ecs:RunTask"]
    resources = [module.ledger_task.arn]

    condition {
      test     = "ArnEquals"
      variable = "ecs:cluster"
      values   = [aws_ecs_cluster.this.arn]
    }
  }

  statement {
    sid       = "HandOver"
    actions   = ["iam:PassRole"]
    resources = [aws_iam_role.task["ledger"].arn, aws_iam_role.execution["ledger"].arn]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ecs-tasks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "scheduler" {
  name               = "${var.name}-scheduler"
  description        = "What EventBridge may do to start the ledger's check"
  assume_role_policy = data.aws_iam_policy_document.assume["scheduler"].json
}

resource "aws_iam_role_policy" "scheduler" {
  name   = "run"
  role   = aws_iam_role.scheduler.id
  policy = data.aws_iam_policy_document.scheduler.json
}

resource "aws_cloudwatch_log_metric_filter" "ledger" {
  for_each = local.ledger_alarms

  name           = each.key
  log_group_name = module.ledger_task.log_group
  pattern        = each.value.pattern

  metric_transformation {
    namespace = local.log_metrics
    name      = each.value.metric
    value     = "1"
  }
}

# A mismatch keeps its alarm up until a later check had the time to say otherwise.
resource "aws_cloudwatch_metric_alarm" "ledger" {
  for_each = local.ledger_alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "${each.value.says} Runbook: docs/runbook/${each.key}.md"
  namespace           = local.log_metrics
  metric_name         = each.value.metric
  statistic           = "Sum"
  period              = 3600
  evaluation_periods  = local.ledger_alarm_hours
  datapoints_to_alarm = each.value.hours
  comparison_operator = each.value.breach
  threshold           = each.value.threshold
  treat_missing_data  = each.value.missing
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}
