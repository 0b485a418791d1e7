# What follows from the flush window. No provider: `terraform test` checks it in a second.

locals {
  # The worker renews a held message once half of its timeout is left. With twice the window, a message that is written
  # on time needs no renewal, so the heartbeat is only there for S3 outages.
  visibility_timeout = max(120, 2 * var.flush_seconds)

  # What a worker may still need once its drain is over: one SQS call (poll + 5 s, worker/__main__.py) to give back what
  # is left, and one S3 call with its retries (20 s, shared/aws.py).
  worker_after_drain = var.poll_seconds + 5 + 20

  # The API, in the order in which it stops: the load balancer lets go of it, it takes no more, open requests end.
  # The last is api/__main__.py's timeout_graceful_shutdown.
  deregistration_delay = ceil(var.api_send_seconds) + 5
  api_drain            = local.deregistration_delay + 5
  api_graceful         = ceil(var.api_send_seconds) + 10

  # A killed worker's messages come back after the visibility timeout and wait for another window. Later is trouble.
  freshness_after_crash = local.visibility_timeout + var.flush_seconds
}
