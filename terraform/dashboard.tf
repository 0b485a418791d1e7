# One page, three questions: are we losing anything, how late are we, what does it cost.

locals {
  alarm_arns = concat(
    [for alarm in aws_cloudwatch_metric_alarm.metric : alarm.arn],
    [for alarm in aws_cloudwatch_metric_alarm.share : alarm.arn],
    [for alarm in aws_cloudwatch_metric_alarm.ledger : alarm.arn],
  )

  sqs      = { queue = ["QueueName", module.queue.name], dead = ["QueueName", module.queue.dead_letter_name] }
  balancer = ["LoadBalancer", aws_lb.this.arn_suffix]
  ecs      = { for name, scaled in local.scaled : name => ["ClusterName", aws_ecs_cluster.this.name, "ServiceName", scaled.service] }

  rows = [
    {
      question = "Are we losing anything?"
      graphs = [
        { title = "Dead letters", stat = "Maximum", metrics = [concat(["AWS/SQS", "ApproximateNumberOfMessagesVisible"], local.sqs.dead)] },
        { title = "Answers that are not 2xx", stat = "Sum", metrics = [for code in ["HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count", "HTTPCode_Target_4XX_Count"] : concat(["AWS/ApplicationELB", code], local.balancer)] },
        { title = "Restarts, ledger, refused events", stat = "Sum", metrics = [for metric in ["WorkerRestarts", "LedgerMismatches", "LedgerChecks", "EventsRejected"] : [local.log_metrics, metric]] },
      ]
    },
    {
      question = "How late are we? An alarm goes off at ${module.timing.age_alarm} s."
      graphs = [
        { title = "Age of the oldest message, seconds", stat = "Maximum", metrics = [concat(["AWS/SQS", "ApproximateAgeOfOldestMessage"], local.sqs.queue)] },
        { title = "Messages waiting and in flight (SQS stops at 120,000)", stat = "Maximum", metrics = [for metric in ["ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible"] : concat(["AWS/SQS", metric], local.sqs.queue)] },
        { title = "Answer time of the API, p99, seconds", stat = "p99", metrics = [concat(["AWS/ApplicationELB", "TargetResponseTime"], local.balancer)] },
      ]
    },
    {
      question = "What does it cost? Tasks, messages, requests and bytes are what is billed."
      graphs = [
        { title = "Tasks", stat = "Average", metrics = [for name, dimensions in local.ecs : concat(["ECS/ContainerInsights", "RunningTaskCount"], dimensions)] },
        { title = "Requests and messages", stat = "Sum", metrics = [concat(["AWS/ApplicationELB", "RequestCount"], local.balancer), concat(["AWS/SQS", "NumberOfMessagesSent"], local.sqs.queue)] },
        { title = "Bytes in the lake, by day", stat = "Average", period = 86400, metrics = [["AWS/S3", "BucketSizeBytes", "BucketName", module.lake.bucket, "StorageType", "StandardStorage"]] },
      ]
    },
  ]
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name
  dashboard_body = jsonencode({
    widgets = concat(
      [{ type = "alarm", x = 0, y = 0, width = 24, height = 3, properties = { title = "Alarms", alarms = local.alarm_arns } }],
      flatten([
        for number, row in local.rows : concat(
          [{ type = "text", x = 0, y = 3 + 8 * number, width = 24, height = 2, properties = { markdown = "## ${row.question}" } }],
          [
            for place, graph in row.graphs : {
              type = "metric", x = 8 * place, y = 5 + 8 * number, width = 8, height = 6
              properties = {
                title = graph.title, region = var.region, view = "timeSeries"
                stat  = graph.stat, period = try(graph.period, 60), metrics = graph.metrics
              }
            }
          ],
        )
      ]),
    )
  })
}
