# Tasks have no public address. They reach AWS through endpoints, or the world through NAT gateways: `egress` decides.

data "aws_availability_zones" "available" {
  #checkov:skip=CKV_AWS_394:sorted and cut below, so a zone that AWS adds comes last and changes nothing
  state = "available"

  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

locals {
  zones = slice(sort(data.aws_availability_zones.available.names), 0, var.availability_zones)
  # What Fargate and the processes call, S3 apart: images, secrets, logs, the queue.
  interface_services = ["ecr.api", "ecr.dkr", "logs", "secretsmanager", "sqs"]
}

resource "aws_vpc" "this" {
  #checkov:skip=CKV2_AWS_11:flow logs would say nothing that the load balancer's metrics and the tasks' logs do not, at a price per GB
  cidr_block           = var.vpc_cidr
  enable_dns_hostnames = true
  enable_dns_support   = true
  tags                 = { Name = var.name }
}

# The group that AWS makes by itself, emptied.
resource "aws_default_security_group" "this" {
  vpc_id = aws_vpc.this.id
}

resource "aws_subnet" "public" {
  for_each = toset(local.zones)

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = cidrsubnet(var.vpc_cidr, 8, index(local.zones, each.key))
  tags              = { Name = "${var.name}-public-${each.key}" }
}

resource "aws_subnet" "private" {
  for_each = toset(local.zones)

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = cidrsubnet(var.vpc_cidr, 4, index(local.zones, each.key) + 1) # tasks need many addresses
  tags              = { Name = "${var.name}-private-${each.key}" }
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id
  tags   = { Name = var.name }
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.this.id
  tags   = { Name = "${var.name}-public" }
}

resource "aws_route" "internet" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this.id
}

resource "aws_route_table_association" "public" {
  for_each = aws_subnet.public

  subnet_id      = each.value.id
  route_table_id = aws_route_table.public.id
}

resource "aws_route_table" "private" {
  for_each = aws_subnet.private

  vpc_id = aws_vpc.this.id
  tags   = { Name = "${var.name}-private-${each.key}" }
}

resource "aws_route_table_association" "private" {
  for_each = aws_subnet.private

  subnet_id      = each.value.id
  route_table_id = aws_route_table.private[each.key].id
}

# S3 through its gateway endpoint in either case: it is free, and most bytes go there.
resource "aws_vpc_endpoint" "s3" {
  vpc_id            = aws_vpc.this.id
  service_name      = "com.amazonaws.${var.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [for table in aws_route_table.private : table.id]
  tags              = { Name = "${var.name}-s3" }
}

resource "aws_vpc_endpoint" "interface" {
  for_each = toset(var.egress == "endpoints" ? local.interface_services : [])

  vpc_id              = aws_vpc.this.id
  service_name        = "com.amazonaws.${var.region}.${each.key}"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = [for subnet in aws_subnet.private : subnet.id]
  security_group_ids  = [aws_security_group.endpoints.id]
  tags                = { Name = "${var.name}-${each.key}" }
}

resource "aws_eip" "nat" {
  for_each = toset(var.egress == "nat" ? local.zones : [])

  domain = "vpc"
  tags   = { Name = "${var.name}-nat-${each.key}" }
}

resource "aws_nat_gateway" "this" {
  for_each = aws_eip.nat

  allocation_id = each.value.id
  subnet_id     = aws_subnet.public[each.key].id
  tags          = { Name = "${var.name}-${each.key}" }
  depends_on    = [aws_internet_gateway.this]
}

resource "aws_route" "nat" {
  for_each = aws_nat_gateway.this

  route_table_id         = aws_route_table.private[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = each.value.id
}

# Who may speak to whom

resource "aws_security_group" "balancer" {
  name        = "${var.name}-balancer"
  description = "The load balancer"
  vpc_id      = aws_vpc.this.id
}

resource "aws_vpc_security_group_ingress_rule" "balancer" {
  #checkov:skip=CKV_AWS_260:port 80 only redirects to HTTPS
  for_each = { http = 80, https = 443 }

  security_group_id = aws_security_group.balancer.id
  description       = "Clients, ${each.key}"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = each.value
  to_port           = each.value
}

resource "aws_vpc_security_group_egress_rule" "balancer" {
  security_group_id            = aws_security_group.balancer.id
  description                  = "The API"
  referenced_security_group_id = aws_security_group.api.id
  ip_protocol                  = "tcp"
  from_port                    = local.api_port
  to_port                      = local.api_port
}

resource "aws_security_group" "api" {
  #checkov:skip=CKV2_AWS_5:attached through modules/service, which checkov does not follow
  name        = "${var.name}-api"
  description = "API tasks"
  vpc_id      = aws_vpc.this.id
}

resource "aws_vpc_security_group_ingress_rule" "api" {
  security_group_id            = aws_security_group.api.id
  description                  = "The load balancer"
  referenced_security_group_id = aws_security_group.balancer.id
  ip_protocol                  = "tcp"
  from_port                    = local.api_port
  to_port                      = local.api_port
}

resource "aws_security_group" "worker" {
  #checkov:skip=CKV2_AWS_5:attached through modules/service, which checkov does not follow
  name        = "${var.name}-worker"
  description = "Worker tasks: nobody calls them"
  vpc_id      = aws_vpc.this.id
}

resource "aws_security_group" "ledger" {
  #checkov:skip=CKV2_AWS_5:attached by the schedule, which checkov does not look at
  name        = "${var.name}-ledger"
  description = "The ledger's check: nobody calls it"
  vpc_id      = aws_vpc.this.id
}

locals {
  tasks = { api = aws_security_group.api.id, worker = aws_security_group.worker.id, ledger = aws_security_group.ledger.id }
}

resource "aws_vpc_security_group_egress_rule" "tasks" {
  for_each = local.tasks

  security_group_id = each.value
  description       = "AWS; with endpoints there is no route to anywhere else"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_security_group" "endpoints" {
  name        = "${var.name}-endpoints"
  description = "Interface endpoints"
  vpc_id      = aws_vpc.this.id
}

resource "aws_vpc_security_group_ingress_rule" "endpoints" {
  for_each = local.tasks

  security_group_id            = aws_security_group.endpoints.id
  description                  = "Tasks of the ${each.key}"
  referenced_security_group_id = each.value
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}
