# Task roles: what the code calls and nothing else. tests/terraform records the calls and compares.
# Execution roles: what ECS needs to start a task.

data "aws_iam_policy_document" "assume" {
  for_each = toset(["ecs-tasks", "scheduler"])

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["${each.key}.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

data "aws_iam_policy_document" "api" {
  statement {
    sid       = "Queue"
    actions   = ["sqs:GetQueueAttributes", "sqs:SendMessage"]
    resources = [module.queue.arn]
  }

  statement {
    sid       = "Ledger"
    actions   = ["s3:PutObject"]
    resources = ["${module.lake.arn}/ledger/*"]
  }

  dynamic "statement" {
    for_each = var.suppress_users_s3_key[*]

    content {
      sid       = "Suppression"
      actions   = ["s3:GetObject"]
      resources = ["${module.lake.arn}/${statement.value}"]
    }
  }

  dynamic "statement" {
    for_each = var.suppress_users_s3_key[*]

    content {
      sid       = "MissingIsMissing" # as for the worker
      actions   = ["s3:ListBucket"]
      resources = [module.lake.arn]
    }
  }
}

data "aws_iam_policy_document" "worker" {
  statement {
    sid       = "Queue"
    actions   = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:ReceiveMessage"]
    resources = [module.queue.arn]
  }

  statement {
    sid       = "Lake"
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["${module.lake.arn}/events/*", "${module.lake.arn}/rejected/*"]
  }

  # Who was erased: the list is read, and what is dropped for it stands in the ledger.
  dynamic "statement" {
    for_each = merge([for key in var.suppress_users_s3_key[*] : { "s3:GetObject" = key, "s3:PutObject" = "ledger/*" }]...)

    content {
      actions   = [statement.key]
      resources = ["${module.lake.arn}/${statement.value}"]
    }
  }

  # Never called, and yet needed: without it S3 answers 403 and not 404 for a key that is not there
  # (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html), and no first object would ever be written.
  statement {
    sid       = "MissingIsMissing"
    actions   = ["s3:ListBucket"]
    resources = [module.lake.arn]
  }
}

data "aws_iam_policy_document" "ledger" {
  statement {
    sid       = "Queue"
    actions   = ["sqs:GetQueueAttributes"]
    resources = [module.queue.arn]
  }

  statement {
    sid       = "Lake"
    actions   = ["s3:GetObject"]
    resources = [for prefix in ["events", "rejected", "ledger"] : "${module.lake.arn}/${prefix}/*"]
  }

  statement {
    sid       = "Listing"
    actions   = ["s3:ListBucket"]
    resources = [module.lake.arn]
  }
}

data "aws_iam_policy_document" "execution" {
  for_each = local.image_of

  statement {
    sid       = "Registry"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"] # the call knows no resource
  }

  statement {
    sid       = "Image"
    actions   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    resources = [aws_ecr_repository.this[each.value].arn]
  }

  statement {
    sid       = "Logs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["arn:aws:logs:${var.region}:${data.aws_caller_identity.current.account_id}:log-group:/ecs/${var.name}-${each.key}:*"]
  }

  dynamic "statement" {
    for_each = each.key == "api" ? ["write keys"] : []

    content {
      sid       = "WriteKeys"
      actions   = ["secretsmanager:GetSecretValue"]
      resources = [aws_secretsmanager_secret.write_keys.arn]
    }
  }
}

locals {
  image_of = { api = "api", worker = "worker", ledger = "ops" }

  task_policies = {
    api    = data.aws_iam_policy_document.api.json
    worker = data.aws_iam_policy_document.worker.json
    ledger = data.aws_iam_policy_document.ledger.json
  }
}

resource "aws_iam_role" "task" {
  for_each = local.task_policies

  name               = "${var.name}-${each.key}-task"
  description        = "What the ${each.key} may do"
  assume_role_policy = data.aws_iam_policy_document.assume["ecs-tasks"].json
}

resource "aws_iam_role_policy" "task" {
  for_each = local.task_policies

  name   = "task"
  role   = aws_iam_role.task[each.key].id
  policy = each.value
}

resource "aws_iam_role" "execution" {
  for_each = local.task_policies

  name               = "${var.name}-${each.key}-execution"
  description        = "What ECS may do to start the ${each.key}"
  assume_role_policy = data.aws_iam_policy_document.assume["ecs-tasks"].json
}

resource "aws_iam_role_policy" "execution" {
  for_each = local.task_policies

  name   = "execution"
  role   = aws_iam_role.execution[each.key].id
  policy = data.aws_iam_policy_document.execution[each.key].json
}
