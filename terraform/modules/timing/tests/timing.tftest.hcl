# What follows from the window, and each combination that it refuses.

run "defaults_are_the_workers_own" {
  command = plan
  variables { flush_seconds = 60 }

  assert {
    condition     = output.visibility_timeout == 120 && output.worker_drain == 75 && output.stop_timeout == 120
    error_message = "TOUCHLAKE_WORKER_VISIBILITY_SECONDS is 120 and TOUCHLAKE_WORKER_DRAIN_SECONDS 75 in shared/settings.py"
  }

  assert {
    condition     = output.age_alarm == 240 && output.dead_letter_age_alarm == 604800
    error_message = "a killed worker explains 120 + 60 s; half of 14 days is 7"
  }
}

run "a_long_window_stretches_what_hangs_on_it" {
  command = plan
  variables { flush_seconds = 900 }

  assert {
    condition     = output.visibility_timeout == 1800 && output.age_alarm == 2760 && output.worker_scale_in_cooldown == 1920
    error_message = "visibility is two windows; the alarm waits for a crash, scale-in for what was given back"
  }

  assert {
    condition     = output.worker_drain == 75
    error_message = "the time to drain hangs on the stop timeout alone"
  }
}

run "a_stopping_api_answers_before_it_is_killed" {
  command = plan
  variables {
    flush_seconds    = 60
    api_send_seconds = 30.5
  }

  assert {
    condition     = output.deregistration_delay < output.api_drain && output.deregistration_delay > 30.5 && output.api_stop <= output.stop_timeout
    error_message = "the load balancer lets go first, no sooner than a request may last, and the rest fits before SIGKILL"
  }
}

run "refuses_a_window_of_no_time" {
  command = plan
  variables { flush_seconds = 0 }
  expect_failures = [var.flush_seconds]
}

run "refuses_a_window_of_more_than_an_hour" {
  command = plan
  variables { flush_seconds = 3601 }
  expect_failures = [var.flush_seconds]
}

run "refuses_a_poll_longer_than_sqs_allows" {
  command = plan
  variables {
    flush_seconds = 60
    poll_seconds  = 21
  }
  expect_failures = [var.poll_seconds]
}

run "refuses_a_stop_timeout_beyond_fargates" {
  command = plan
  variables {
    flush_seconds = 60
    stop_timeout  = 121
  }
  expect_failures = [var.stop_timeout]
}

run "refuses_a_stop_timeout_in_which_a_worker_cannot_drain" {
  command = plan
  variables {
    flush_seconds = 60
    stop_timeout  = 99
  }
  expect_failures = [var.stop_timeout]
}

run "refuses_an_api_that_would_be_killed_with_requests_open" {
  command = plan
  variables {
    flush_seconds    = 60
    api_send_seconds = 48
  }
  expect_failures = [var.api_send_seconds]
}

run "refuses_an_api_that_does_not_try" {
  command = plan
  variables {
    flush_seconds    = 60
    api_send_seconds = 0
  }
  expect_failures = [var.api_send_seconds]
}

run "refuses_to_give_up_a_message_after_a_deploy_and_a_crash" {
  command = plan
  variables {
    flush_seconds = 60
    max_receives  = 2
  }
  expect_failures = [var.max_receives]
}

run "refuses_a_retention_that_ends_before_the_dead_letter_queue" {
  command = plan
  variables {
    flush_seconds     = 3600
    retention_seconds = 345600 # 5 receives of 2 hours, times 10, are 360,000
  }
  expect_failures = [var.retention_seconds]
}

run "refuses_a_retention_of_less_than_a_day" {
  command = plan
  variables {
    flush_seconds     = 60
    retention_seconds = 86399
  }
  expect_failures = [var.retention_seconds]
}

run "refuses_a_retention_beyond_sqs" {
  command = plan
  variables {
    flush_seconds     = 60
    retention_seconds = 1209601
  }
  expect_failures = [var.retention_seconds]
}

run "refuses_a_dead_letter_queue_that_forgets_first" {
  command = plan
  variables {
    flush_seconds                 = 60
    retention_seconds             = 345600
    dead_letter_retention_seconds = 345600
  }
  expect_failures = [var.dead_letter_retention_seconds]
}

run "refuses_a_dead_letter_retention_beyond_sqs" {
  command = plan
  variables {
    flush_seconds                 = 60
    dead_letter_retention_seconds = 1209601
  }
  expect_failures = [var.dead_letter_retention_seconds]
}
