# The root module with a mocked provider: what is made, and which variables are refused. Policies are checked on moto.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name          = "touchlake-test"
  region        = "eu-central-1"
  domain_name   = "events.example.com"
  zone_id       = "Z0123456789ABC"
  image_digests = { api = "sha256:0000000000000000000000000000000000000000000000000000000000000000", worker = "sha256:1111111111111111111111111111111111111111111111111111111111111111" }
  write_keys    = { "0123456789abcdef" = "ios" }
}

run "makes_the_pipeline" {
  command = apply

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
    condition     = output.lake_bucket == "touchlake-test-lake-123456789012"
    error_message = "the lake's name holds the account, since bucket names are the whole world's"
  }
}

run "reaches_aws_through_nat_when_asked" {
  command = apply
  variables { egress = "nat" }

  assert {
    condition     = length(aws_vpc_endpoint.interface) == 0 && length(aws_nat_gateway.this) == 2 && length(aws_route.nat) == 2
    error_message = "one gateway a zone, and no interface endpoint to pay for"
  }
}

run "refuses_a_tag_for_an_image" {
  command = plan
  variables { image_digests = { api = "latest", worker = "latest" } }
  expect_failures = [var.image_digests]
}

run "refuses_an_api_without_write_keys" {
  command = plan
  variables { write_keys = {} }
  expect_failures = [var.write_keys]
}

run "refuses_a_guessable_write_key" {
  command = plan
  variables { write_keys = { "dev" = "ios" } }
  expect_failures = [var.write_keys]
}

run "refuses_a_suppression_list_among_the_events" {
  command = plan
  variables { suppress_users_s3_key = "events/users.txt" }
  expect_failures = [var.suppress_users_s3_key]
}

run "refuses_a_worker_without_room_for_what_it_holds" {
  command = plan
  variables { worker = { cpu = 256, memory = 512 } }
  expect_failures = [var.worker]
}

run "refuses_a_size_that_fargate_does_not_have" {
  command = plan
  variables { api = { cpu = 1024, memory = 512 } }
  expect_failures = [var.api]
}

run "refuses_an_origin_with_a_path" {
  command = plan
  variables { api_origins = ["https://example.com/app"] }
  expect_failures = [var.api_origins]
}

run "refuses_one_zone" {
  command = plan
  variables { availability_zones = 1 }
  expect_failures = [var.availability_zones]
}

run "refuses_another_way_out" {
  command = plan
  variables { egress = "none" }
  expect_failures = [var.egress]
}

run "refuses_a_name_that_buckets_cannot_have" {
  command = plan
  variables { name = "Touchlake_Prod" }
  expect_failures = [var.name]
}
