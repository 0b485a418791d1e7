# One task definition with one container, confined, and its log: what the API, the worker and the ledger's check run.

resource "aws_ecs_task_definition" "this" {
  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory
  task_role_arn            = var.task_role_arn
  execution_role_arn       = var.execution_role_arn

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.cpu_architecture
  }

  container_definitions = jsonencode([{
    name                   = var.container
    image                  = var.image
    essential              = true
    user                   = "10001"
    readonlyRootFilesystem = true
    linuxParameters        = { initProcessEnabled = true, capabilities = { drop = ["ALL"] } }
    stopTimeout            = var.stop_timeout
    environment            = [for name in sort(keys(var.environment)) : { name = name, value = var.environment[name] }]
    secrets                = [for name in sort(keys(var.secrets)) : { name = name, valueFrom = var.secrets[name] }]
    portMappings           = [for port in var.ports : { containerPort = port, hostPort = port, protocol = "tcp" }]
    command                = var.command

    healthCheck = var.health_url == null ? null : {
      command     = ["CMD", "python", "-c", "import urllib.request; urllib.request.urlopen('${var.health_url}', timeout=2)"]
      interval    = 10
      timeout     = 5
      retries     = 3
      startPeriod = 30
    }

    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.this.name
        awslogs-region        = var.region
        awslogs-stream-prefix = var.container
        mode                  = "non-blocking" # a slow CloudWatch must not stop the pipeline
        max-buffer-size       = "4m"
      }
    }
  }])
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_158:logs hold no payload and no key (shared/logs.py); CloudWatch encrypts them with its own key
  #checkov:skip=CKV_AWS_338:they serve operation, not audit; log_retention_days decides
  name              = "/ecs/${var.name}"
  retention_in_days = var.log_retention_days
}
