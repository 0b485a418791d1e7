"""Sending messages to the queue until each of them is confirmed."""

import random
import time
from collections.abc import Iterator, Sequence

from shared.errors import QueueUnavailable
from shared.queue import Queue, batches

TRIES = 5
FIRST_BACKOFF_SECONDS = 0.2


def deliver(queue: Queue, bodies: Sequence[str]) -> Iterator[list[int]]:
    """Send bodies; yield the positions of those that SQS has confirmed, call by call.

    What fails is sent again alone. Raises QueueUnavailable when something is still open after the last try.
    """
    waiting = set(range(len(bodies)))
    trouble = "entries of a batch were not taken"
    for attempt in range(TRIES):
        time.sleep(attempt and random.uniform(0.5, 1) * FIRST_BACKOFF_SECONDS * 2**attempt)
        for batch in batches(bodies, sorted(waiting)):
            try:
                failed = set(queue.send([bodies[position] for position in batch]))
            except QueueUnavailable as error:
                trouble = str(error)
                continue
            confirmed = [position for n, position in enumerate(batch) if n not in failed]
            waiting.difference_update(confirmed)
            yield confirmed
        if not waiting:
            return
    raise QueueUnavailable(f"SQS did not take {len(waiting)} of {len(bodies)} messages: {trouble}")
