"""Sending events to the API: in batches, a few at a time, again when it says so."""

import itertools
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import httpx
import orjson

Event = dict[str, Any]
MAX_BODY_BYTES = 900_000  # below the API's 1 MiB
AGAIN = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE})


class SendError(Exception):
    """The API refused for good, or did not answer for too long; the message says which and what to do."""


@dataclass
class Tally:
    """What became of the events sent so far."""

    accepted: int = 0
    rejected: list[dict[str, Any]] = field(default_factory=list)
    requests: int = 0
    retries: int = 0
    seconds: float = 0
    accepted_ids: set[str] = field(default_factory=set)


class Sender:
    """Sends from `concurrency` threads; `rate` is events a second over all of them, None for as fast as it goes."""

    def __init__(
        self,
        url: str,
        write_key: str | None,
        *,
        batch: int = 500,
        concurrency: int = 4,
        rate: float | None = None,
        patience_seconds: float = 60,
    ) -> None:
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {write_key}"} if write_key else {})
        self._client = httpx.Client(base_url=url, headers=headers, timeout=30)
        self._batch = batch
        self._concurrency = concurrency
        self._rate = rate
        self._patience_seconds = patience_seconds
        self._lock = threading.Lock()

    def send(self, events: Iterable[Event], on_answer: Callable[[Tally], None] = lambda _: None) -> Tally:
        """Send every event; return the tally. Raises SendError."""
        tally = Tally()
        began = time.monotonic()
        with self._client, ThreadPoolExecutor(self._concurrency) as threads:
            open_posts: set[Future[None]] = set()
            sent = 0
            for batch in batches(events, self._batch):
                self._pace(sent, began)
                sent += len(batch)
                open_posts.add(threads.submit(self._post, batch, tally))
                if len(open_posts) >= self._concurrency * 2:
                    open_posts = self._collect(open_posts, tally, on_answer)
            while open_posts:
                open_posts = self._collect(open_posts, tally, on_answer)
        tally.seconds = time.monotonic() - began
        return tally

    def _pace(self, sent: int, began: float) -> None:
        if self._rate:
            time.sleep(max(0, began + sent / self._rate - time.monotonic()))

    def _collect(
        self, posts: "set[Future[None]]", tally: Tally, on_answer: Callable[[Tally], None]
    ) -> "set[Future[None]]":
        done, still_open = wait(posts, return_when=FIRST_COMPLETED)
        for post in done:
            post.result()
        on_answer(tally)
        return still_open

    def _post(self, batch: list[Event], tally: Tally) -> None:
        response = self._until_answered(orjson.dumps(batch), tally)
        if response.status_code not in (HTTPStatus.ACCEPTED, HTTPStatus.UNPROCESSABLE_ENTITY):
            raise SendError(f"{response.status_code}: {response.text[:500]}")
        answer = response.json()
        refused = {rejected["index"] for rejected in answer.get("rejected", [])}
        with self._lock:
            tally.requests += 1
            tally.accepted += answer["accepted"]
            tally.rejected += answer["rejected"]
            tally.accepted_ids.update(event["messageId"] for n, event in enumerate(batch) if n not in refused)

    def _until_answered(self, body: bytes, tally: Tally) -> httpx.Response:
        """POST until there is an answer that is not 'again, please'. The ids in the body make that harmless."""
        deadline = time.monotonic() + self._patience_seconds
        for attempt in itertools.count():
            trouble, pause = "", random.uniform(0, min(5, 0.1 * 2**attempt))
            try:
                response = self._client.post("/v1/events", content=body)
                if response.status_code not in AGAIN:
                    return response
                trouble = f"{response.status_code}: {response.text[:200]}"
                pause = max(pause, float(response.headers.get("Retry-After", 0)))
            except httpx.TransportError as error:
                trouble = f"{type(error).__name__}: {error}"
            if time.monotonic() + pause > deadline:
                raise SendError(f"no good answer for {self._patience_seconds:.0f} s, last: {trouble}")
            with self._lock:
                tally.retries += 1
            time.sleep(pause)
        raise AssertionError


def batches(events: Iterable[Event], most: int) -> Iterator[list[Event]]:
    """Cut events into batches of at most `most` that fit a request."""
    batch: list[Event] = []
    size = 0
    for event in events:
        length = len(orjson.dumps(event)) + 1
        if batch and (len(batch) == most or size + length > MAX_BODY_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(event)
        size += length
    if batch:
        yield batch
