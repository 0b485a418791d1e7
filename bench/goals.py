"""Every figure: which measurement gives it, its unit, and what it should be."""

from bench.figure import Goal
from shared.settings import ApiSettings

LINGER_MS = float(ApiSettings.model_fields["api_linger_ms"].default)

GOALS: dict[str, dict[str, Goal]] = {
    "single": {
        "single_vs_bare": Goal("x", at_least=0.5),
        "single_per_second": Goal("requests/s"),
        "bare_per_second": Goal("requests/s"),
        "single_core_busy": Goal("x"),
        "bare_core_busy": Goal("x"),
        "generator_core_busy": Goal("x"),
    },
    "batch": {
        "batch_events_per_core": Goal("events/s", at_least=100_000),
        "batch_events_per_cpu_second": Goal("events"),
        "batch_vs_orjson": Goal("x"),
    },
    "latency": {
        "latency_p50": Goal("ms"),
        "latency_p99": Goal("ms", at_most=LINGER_MS + 25),
        "latency_p99_bare": Goal("ms"),
        "latency_load": Goal("x"),
    },
    "merging": {
        "worker_new_vs_ceiling": Goal("x", at_least=0.8),
        "worker_existing_vs_ceiling": Goal("x", at_least=0.8),
        "worker_new_per_second": Goal("objects/s"),
        "worker_existing_per_second": Goal("objects/s"),
    },
    "backlog": {
        "worker_vs_afternoon": Goal("x", at_least=10),
        "worker_events_per_second": Goal("events/s"),
        "afternoon_events_per_second": Goal("events/s"),
    },
    "pipeline": {
        "pipeline_vs_afternoon": Goal("x", at_least=10),
        "pipeline_events_per_second": Goal("events/s"),
        "pipeline_afternoon_events_per_second": Goal("events/s"),
    },
    "growth": {
        "growth_5": Goal("x", at_most=10.5),
        "growth_50": Goal("x", at_most=10.5),
        "growth_5_us_per_event": Goal("µs/event"),
        "growth_50_us_per_event": Goal("µs/event"),
    },
    "hotuser": {
        "hot_user_p50": Goal("x", at_most=2),
        "hot_user_p99": Goal("x", at_most=2),
        "calm_user_p99_seconds": Goal("s"),
    },
    "requests": {
        "sqs_usd_per_million_10": Goal("$"),
        "sqs_usd_per_million_1000": Goal("$", at_most=0.004),
        "sqs_usd_per_million_50000": Goal("$"),
        "sqs_requests_per_million_10": Goal("requests"),
        "sqs_requests_per_million_1000": Goal("requests"),
        "sqs_requests_per_million_50000": Goal("requests"),
        "events_per_second_at_50000": Goal("events/s"),
    },
    "writes": {
        "s3_usd_per_million_10": Goal("$"),
        "s3_usd_per_million_1000": Goal("$"),
        "s3_usd_per_million_50000": Goal("$"),
    },
    "memory": {
        "memory_api": Goal("MB", at_most=150),
        "memory_worker_row": Goal("bytes", at_most=1024),
        "memory_worker_of_ceiling": Goal("x"),
        "memory_worker_of_ceiling_1": Goal("x"),
    },
    "steps": {
        "us_orjson_loads": Goal("µs/event"),
        "us_body_to_rows": Goal("µs/event"),
        "us_pack": Goal("µs/event"),
        "us_unpack_and_place": Goal("µs/event"),
        "us_group": Goal("µs/event"),
        "us_encode_objects": Goal("µs/event"),
        "us_decode_objects": Goal("µs/event"),
        "body_to_rows_vs_orjson": Goal("x"),
    },
}


def of(name: str) -> Goal | None:
    """Return the goal of a figure; None for one that is measured no more."""
    return next((goals[name] for goals in GOALS.values() if name in goals), None)


def measurements(names: list[str]) -> list[str]:
    """Return the measurements of these names, of measurements or figures, in order; all for none. Raises KeyError."""
    for name in names:
        if name not in GOALS and of(name) is None:
            raise KeyError(name)
    return [m for m, goals in GOALS.items() if not names or m in names or not goals.keys().isdisjoint(names)]
