# The root module with a mocked provider: what is made, and which variables are refused. Policies are checked on moto.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name          = "touchlake-test"
  region        = "eu-central-1"
  domain_name   = "events.example.com"
  zone_id       = "Z0123456789ABC"
  image_digests = { api = "sha256:0000000000000000000000000000000000000000000000000000000000000000", worker = "sha256:1111111111111111111111111111111111111111111111111111111111111111", ops = "sha256:2222222222222222222222222222222222222222222222222222222222222222" }
  write_keys    = { "0123456789abcdef" = "ios" }
}

run "makes_the_pipeline" {
  command = plan

  assert {
    condition     = length(aws_vpc_endpoint.interface) == 5 && length(aws_nat_gateway.this) == 0
    error_message = "tasks reach AWS through endpoints unless asked otherwise"
  }

  assert {
    condition     = aws_lb_target_group.api.health_check[0].path == "/healthz"
    error_message = "an SQS outage must not make ECS replace every task"
  }

  assert {
    condition     = aws_lb_target_group.api.deregistration_delay < module.timing.api_drain
    error_message = "the load balancer lets go of a task before the task takes no more"
  }

  assert {
    condition     = aws_lb_listener.http.default_action[0].redirect[0].protocol == "HTTPS" && startswith(aws_lb_listener.https.ssl_policy, "ELBSecurityPolicy-TLS13-1-2")
    error_message = "TLS 1.2 or later, and nothing over plain HTTP"
  }

  assert {
    condition     = aws_appautoscaling_target.this["worker"].min_capacity == 1
    error_message = "one worker stays unless asked otherwise"
  }

  assert {
    condition     = local.ledger_alarm_hours > 24 && 3600 * local.ledger_alarm_hours <= 7 * 86400
    error_message = "a check a day must keep the alarm quiet, and CloudWatch looks back seven days at most"
  }

  assert {
    condition     = output.lake_bucket == "touchlake-test-lake-123456789012"
    error_message = "the lake's name holds the account, since bucket names are the whole world's"
  }
}

run "reaches_aws_through_nat_when_asked" {
  command = plan
  variables { egress = "nat" }

  assert {
    condition     = length(aws_vpc_endpoint.interface) == 0 && length(aws_nat_gateway.this) == 2 && length(aws_route.nat) == 2
    error_message = "one gateway a zone, and no interface endpoint to pay for"
  }
}

# All in one plan, which takes seconds: each variable that is named has to fail, and nothing else may.
run "refuses_what_cannot_work" {
  command = plan

  variables {
    name                  = "Touchlake_Prod"
    image_digests         = { api = "latest", worker = "latest", ops = "latest" }
    write_keys            = { "dev" = "ios" }
    suppress_users_s3_key = "events/users.txt"
    api                   = { cpu = 1024, memory = 512 }
    worker                = { cpu = 256, memory = 512 }
    ledger                = { cpu = 256, memory = 4096 }
    api_origins           = ["https://example.com/app"]
    availability_zones    = 1
    egress                = "none"
    retention_days        = 8
    requests_per_address  = 10
    log_retention_days    = 10
  }

  expect_failures = [
    var.name, var.image_digests, var.write_keys, var.suppress_users_s3_key, var.api, var.worker, var.ledger,
    var.api_origins,
    var.availability_zones, var.egress, var.retention_days, var.requests_per_address, var.log_retention_days,
  ]
}

run "refuses_an_api_without_write_keys" {
  command = plan
  variables { write_keys = {} }
  expect_failures = [var.write_keys]
}
