"""Every metric of Touchlake, in one list."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_FRESHNESS = (0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 5, 7, 10, 15, 20, 30, 45, 60, 75, 90, 120, 180, 300, 600, 3600)


def _counter(name: str, text: str, *labels: str) -> Counter:
    return Counter(name, text, labels, registry=REGISTRY)


def _gauge(name: str, text: str) -> Gauge:
    return Gauge(name, text, registry=REGISTRY)


def _histogram(name: str, text: str, buckets: tuple[float, ...] = _SECONDS) -> Histogram:
    return Histogram(name, text, registry=REGISTRY, buckets=buckets)


REQUESTS = _counter("touchlake_api_requests_total", "Requests answered, by route and status", "route", "status")
REQUEST_SECONDS = _histogram("touchlake_api_request_seconds", "From the first byte of a request to its answer")
EVENTS_ACCEPTED = _counter("touchlake_api_events_accepted_total", "Events that SQS has confirmed, by source", "source")
EVENTS_REJECTED = _counter(
    "touchlake_api_events_rejected_total", "Events refused, by source and reason", "source", "reason"
)
EVENTS_UNCOUNTED = _counter("touchlake_api_events_uncounted_total", "Events that the ledger had no room for")
HELD_IN_API_BYTES = _gauge(
    "touchlake_api_held_bytes", "Bytes of bodies on their way in, and of rows until SQS confirms them"
)
MESSAGES_SENT = _counter("touchlake_api_messages_sent_total", "Messages that SQS has confirmed")
SEND_RETRIES = _counter("touchlake_api_send_retries_total", "Messages that SQS did not take at the first try")
SEND_SECONDS = _histogram("touchlake_api_send_seconds", "One SendMessageBatch")

MESSAGES_RECEIVED = _counter("touchlake_worker_messages_received_total", "Messages received")
MESSAGES_UNDECODABLE = _counter("touchlake_worker_messages_undecodable_total", "Messages left to the redrive policy")
MESSAGES_DELETED = _counter("touchlake_worker_messages_deleted_total", "Messages deleted after their rows were durable")
MESSAGES_RETURNED = _counter("touchlake_worker_messages_returned_total", "Messages given back to the queue")
ROWS_STORED = _counter("touchlake_worker_rows_stored_total", "Rows new to their object")
ROWS_DUPLICATE = _counter("touchlake_worker_rows_duplicate_total", "Rows that were there already")
ROWS_SUPPRESSED = _counter("touchlake_worker_rows_suppressed_total", "Rows dropped: their user was erased")
OBJECTS_WRITTEN = _counter("touchlake_worker_objects_written_total", "Objects written")
OBJECTS_UNCHANGED = _counter("touchlake_worker_objects_unchanged_total", "Objects that a merge left as they were")
WRITE_CONFLICTS = _counter("touchlake_worker_write_conflicts_total", "Conditional writes that another writer won")
RIGHT_GUESSES = _counter("touchlake_worker_right_guesses_total", "Writes that needed no read before them")
WRONG_GUESSES = _counter("touchlake_worker_wrong_guesses_total", "Writes refused since another object stood there")
WRITE_FAILURES = _counter(
    "touchlake_worker_write_failures_total", "Merges that S3 did not let through, to be tried again"
)
OBJECTS_CORRUPT = _counter("touchlake_worker_objects_corrupt_total", "Merges refused: the object is not one of ours")
HELD_BYTES = _gauge("touchlake_worker_held_bytes", "Bytes of rows held until they are durable")
FRESHNESS_SECONDS = _histogram("touchlake_worker_freshness_seconds", "From received_at to durable, a row", _FRESHNESS)
FLUSH_SECONDS = _histogram("touchlake_worker_flush_seconds", "Writing one window", _FRESHNESS)
