resource "aws_ecs_cluster" "this" {
  name = var.name

  setting {
    name  = "containerInsights" # DesiredTaskCount, by which workers scale
    value = "enabled"
  }
}

resource "aws_ecs_cluster_capacity_providers" "this" {
  cluster_name       = aws_ecs_cluster.this.name
  capacity_providers = ["FARGATE", "FARGATE_SPOT"]
}
