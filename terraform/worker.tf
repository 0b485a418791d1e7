locals {
  metrics_port = 9100

  worker_environment = merge(
    {
      AWS_REGION                          = var.region
      TOUCHLAKE_QUEUE_URL                 = module.queue.url
      TOUCHLAKE_LAKE_BUCKET               = module.lake.bucket
      TOUCHLAKE_WORKER_FLUSH_SECONDS      = tostring(module.timing.flush_seconds)
      TOUCHLAKE_WORKER_POLL_SECONDS       = tostring(module.timing.poll_seconds)
      TOUCHLAKE_WORKER_VISIBILITY_SECONDS = tostring(module.timing.visibility_timeout)
      TOUCHLAKE_WORKER_DRAIN_SECONDS      = tostring(module.timing.worker_drain)
      TOUCHLAKE_WORKER_METRICS_PORT       = tostring(local.metrics_port)
    },
    local.suppression_environment,
  )

  # The first tasks on demand, the rest by share: when Spot is taken away, somebody still writes.
  worker_capacity = {
    for provider, capacity in {
      FARGATE      = { base = var.worker.on_demand_before_spots, weight = 100 - var.worker.spot_percent }
      FARGATE_SPOT = { base = 0, weight = var.worker.spot_percent }
    } : provider => capacity if capacity.base + capacity.weight > 0
  }
}

module "worker_task" {
  source             = "./modules/task"
  name               = "${var.name}-worker"
  container          = "worker"
  region             = var.region
  image              = local.images.worker
  cpu                = var.worker.cpu
  memory             = var.worker.memory
  cpu_architecture   = var.cpu_architecture
  environment        = local.worker_environment
  health_url         = "http://127.0.0.1:${local.metrics_port}/metrics"
  stop_timeout       = module.timing.stop_timeout
  task_role_arn      = aws_iam_role.task["worker"].arn
  execution_role_arn = aws_iam_role.execution["worker"].arn
  log_retention_days = var.log_retention_days
}

module "worker" {
  source              = "./modules/service"
  name                = "${var.name}-worker"
  container           = "worker"
  cluster_arn         = aws_ecs_cluster.this.arn
  task_definition_arn = module.worker_task.arn
  desired_count       = var.worker.min_tasks
  capacity            = local.worker_capacity
  subnets             = [for subnet in aws_subnet.private : subnet.id]
  security_groups     = [aws_security_group.worker.id]
  target_groups       = {}

  depends_on = [
    aws_ecs_cluster_capacity_providers.this,
    aws_iam_role_policy.execution,
    aws_iam_role_policy.task,
    aws_vpc_endpoint.interface,
    aws_route.nat,
  ]
}
