# Policies and redrive stand inline on the queues, with ARNs built from names: no cycle, and nothing to attach later.

locals {
  prefix          = "arn:aws:sqs:${var.region}:${var.account_id}"
  arn             = "${local.prefix}:${var.name}-events"
  dead_letter_arn = "${local.prefix}:${var.name}-events-dlq"
}

resource "aws_sqs_queue" "this" {
  name                       = "${var.name}-events"
  visibility_timeout_seconds = var.visibility_timeout
  message_retention_seconds  = var.retention_seconds
  receive_wait_time_seconds  = 20
  max_message_size           = var.max_message_size
  sqs_managed_sse_enabled    = true
  policy                     = jsonencode(local.tls_only[local.arn])

  redrive_policy = jsonencode({
    deadLetterTargetArn = local.dead_letter_arn
    maxReceiveCount     = var.max_receives
  })

  depends_on = [aws_sqs_queue.dlq]
}

resource "aws_sqs_queue" "dlq" {
  name                      = "${var.name}-events-dlq"
  message_retention_seconds = var.dead_letter_retention_seconds
  max_message_size          = var.max_message_size
  sqs_managed_sse_enabled   = true
  policy                    = jsonencode(local.tls_only[local.dead_letter_arn])

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [local.arn]
  })
}

locals {
  tls_only = {
    for arn in [local.arn, local.dead_letter_arn] : arn => {
      Version = "2012-10-17"
      Statement = [{
        Sid       = "TlsOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sqs:*"
        Resource  = arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      }]
    }
  }
}
