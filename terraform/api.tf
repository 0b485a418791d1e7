locals {
  api_port = 8000

  suppression_environment = { for key in var.suppress_users_s3_key[*] : "TOUCHLAKE_SUPPRESS_USERS_S3_KEY" => key }

  api_environment = merge(
    {
      AWS_REGION                    = var.region
      TOUCHLAKE_QUEUE_URL           = module.queue.url
      TOUCHLAKE_LAKE_BUCKET         = module.lake.bucket
      TOUCHLAKE_API_HOST            = "0.0.0.0"
      TOUCHLAKE_API_PORT            = tostring(local.api_port)
      TOUCHLAKE_API_SEND_SECONDS    = tostring(module.timing.api_send_seconds)
      TOUCHLAKE_API_DRAIN_SECONDS   = tostring(module.timing.api_drain)
      TOUCHLAKE_API_TRUSTED_PROXIES = "1" # the load balancer
      TOUCHLAKE_API_ORIGINS         = join(",", var.api_origins)
    },
    local.suppression_environment,
  )
}

module "api_task" {
  source             = "./modules/task"
  name               = "${var.name}-api"
  container          = "api"
  region             = var.region
  image              = local.images.api
  cpu                = var.api.cpu
  memory             = var.api.memory
  cpu_architecture   = var.cpu_architecture
  environment        = local.api_environment
  secrets            = { TOUCHLAKE_WRITE_KEYS = aws_secretsmanager_secret.write_keys.arn }
  ports              = [local.api_port]
  health_url         = "http://127.0.0.1:${local.api_port}/healthz"
  stop_timeout       = module.timing.stop_timeout
  task_role_arn      = aws_iam_role.task["api"].arn
  execution_role_arn = aws_iam_role.execution["api"].arn
  log_retention_days = var.log_retention_days
}

module "api" {
  source              = "./modules/service"
  name                = "${var.name}-api"
  container           = "api"
  cluster_arn         = aws_ecs_cluster.this.arn
  task_definition_arn = module.api_task.arn
  desired_count       = var.api.min_tasks
  capacity            = { FARGATE = { base = 0, weight = 1 } } # an interrupted API costs clients a retry
  subnets             = [for subnet in aws_subnet.private : subnet.id]
  security_groups     = [aws_security_group.api.id]
  target_groups       = { (local.api_port) = aws_lb_target_group.api.arn }

  depends_on = [
    aws_ecs_cluster_capacity_providers.this,
    aws_iam_role_policy.execution,
    aws_iam_role_policy.task,
    aws_lb_listener.https,
    aws_secretsmanager_secret_version.write_keys,
    aws_vpc_endpoint.interface,
    aws_route.nat,
  ]
}

resource "aws_lb" "this" {
  #checkov:skip=CKV_AWS_91:access logs hold client addresses, which Touchlake does not keep; metrics and the API's log say what happened
  #checkov:skip=CKV2_AWS_76:see the web ACL below
  #checkov:skip=CKV_AWS_150:deletion_protection decides, and is true unless set
  name                       = var.name
  load_balancer_type         = "application"
  subnets                    = [for subnet in aws_subnet.public : subnet.id]
  security_groups            = [aws_security_group.balancer.id]
  drop_invalid_header_fields = true
  enable_deletion_protection = var.deletion_protection
  idle_timeout               = 60
}

resource "aws_lb_target_group" "api" {
  #checkov:skip=CKV_AWS_378:TLS ends at the load balancer; behind it only its security group reaches the tasks
  name                 = "${var.name}-api"
  vpc_id               = aws_vpc.this.id
  target_type          = "ip"
  port                 = local.api_port
  protocol             = "HTTP"
  deregistration_delay = module.timing.deregistration_delay

  # /healthz and not /readyz: while SQS is away every task is unready, and replacing them all would mend nothing.
  health_check {
    path                = "/healthz"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.this.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06" # TLS 1.2 and 1.3
  certificate_arn   = aws_acm_certificate_validation.this.certificate_arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.api.arn
  }
}

# Metrics tell how much there is of each source, and ask for no key: they are for the inside (docs/security.md).
resource "aws_lb_listener_rule" "metrics" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 1

  condition {
    path_pattern {
      values = ["/metrics*"]
    }
  }

  action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      status_code  = "404"
    }
  }
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.this.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = "redirect"

    redirect {
      protocol    = "HTTPS"
      port        = "443"
      status_code = "HTTP_301"
    }
  }
}

resource "aws_wafv2_web_acl" "this" {
  #checkov:skip=CKV_AWS_192:AWS's managed rules look for attacks in bodies, and event properties are free text: a false alarm loses events
  #checkov:skip=CKV2_AWS_31:WAF logs hold client addresses, which Touchlake does not keep
  name  = var.name
  scope = "REGIONAL"

  default_action {
    allow {}
  }

  rule {
    name     = "requests-per-address"
    priority = 1

    action {
      block {
        custom_response {
          response_code = 429

          response_header {
            name  = "Retry-After"
            value = "300"
          }
        }
      }
    }

    statement {
      rate_based_statement {
        aggregate_key_type    = "IP"
        evaluation_window_sec = 300
        limit                 = var.requests_per_address
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "requests-per-address"
      sampled_requests_enabled   = false
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = var.name
    sampled_requests_enabled   = false
  }
}

resource "aws_wafv2_web_acl_association" "this" {
  resource_arn = aws_lb.this.arn
  web_acl_arn  = aws_wafv2_web_acl.this.arn
}
