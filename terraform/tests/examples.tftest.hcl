# Both examples plan: `terraform test -var-file=examples/…` once for each.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  write_keys = { "0123456789abcdef" = "ios" }
}

run "plans" {
  command = plan

  assert {
    condition     = output.lake_bucket == "${var.name}-lake-123456789012"
    error_message = "the lake's name holds the account"
  }
}
