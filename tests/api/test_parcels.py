import asyncio
import os
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.parcels import Parcel, Request
from shared import events, packing
from shared.errors import Refused
from shared.packing import MESSAGE_BYTES
from shared.queue import BATCH_BYTES, BATCH_ENTRIES
from shared.rows import Row
from tests.factories import WEB, make_line


def random_text(characters: range) -> bytes:
    chance = random.Random(1)
    return "".join(chr(chance.choice(characters)) for _ in range(events.MAX_RAW_BYTES)).encode()


SIZES = st.lists(st.lists(st.sampled_from([1, 300, 30_000, 200_000, 400_000]), max_size=5), min_size=1, max_size=12)


def make_parcel(sizes: list[list[int]]) -> Parcel:
    loop = asyncio.new_event_loop()
    loop.close()
    requests = [
        [Row("key", f"{r}.{n}", "time", "web", b"%d.%d." % (r, n) + b"x" * size) for n, size in enumerate(request)]
        for r, request in enumerate(sizes)
    ]
    sizes_of = [sum(len(row.line) for row in rows) for rows in requests]
    return Parcel(
        [Request(rows, size, size, asyncio.Future(loop=loop)) for rows, size in zip(requests, sizes_of, strict=True)]
    )


@given(SIZES)
def test_every_row_travels_once_and_in_order(sizes: list[list[int]]) -> None:
    parcel = make_parcel(sizes)
    parcel.pack()

    assert [line for body in parcel.bodies for line in packing.unpack(body)] == [
        row.line for request in parcel.requests for row in request.rows
    ]


@given(SIZES)
def test_batches_keep_the_limits_of_sqs_and_miss_no_message(sizes: list[list[int]]) -> None:
    parcel = make_parcel(sizes)
    parcel.pack()
    batches = list(parcel.batches())

    assert [position for batch in batches for position in batch] == list(range(len(parcel.bodies)))
    for batch in batches:
        assert 1 <= len(batch) <= BATCH_ENTRIES
        assert sum(len(parcel.bodies[position]) for position in batch) <= BATCH_BYTES


@given(SIZES, st.data())
def test_a_request_is_open_as_long_as_one_of_its_messages_is(sizes: list[list[int]], data: st.DataObject) -> None:
    parcel = make_parcel(sizes)
    parcel.pack()
    confirmed = data.draw(st.sets(st.sampled_from(range(len(parcel.bodies))))) if parcel.bodies else set()
    parcel.confirm(confirmed)
    open_lines = {
        line
        for position, body in enumerate(parcel.bodies)
        if position not in confirmed
        for line in packing.unpack(body)
    }

    assert parcel.unconfirmed() == {
        request for request in parcel.requests if open_lines & {row.line for row in request.rows}
    }
    assert parcel.is_confirmed == (not open_lines)


def test_small_requests_share_one_message_and_big_ones_do_not() -> None:
    small, big = make_parcel([[300]] * 100), make_parcel([[MESSAGE_BYTES]] * 3)
    small.pack()
    big.pack()

    assert (len(small.bodies), len(big.bodies)) == (1, 3)


@pytest.mark.parametrize(
    "line",
    [
        os.urandom(MESSAGE_BYTES),
        events.reject(os.urandom(events.MAX_RAW_BYTES), WEB, Refused("malformed_json", "x")).line,
        events.reject(random_text(range(1, 0x20)), WEB, Refused("malformed_json", "x")).line,
        events.reject(random_text(range(0x4E00, 0x9FFF)), WEB, Refused("malformed_json", "x")).line,
        make_line(properties={"x": os.urandom(80_000).hex()}),
    ],
    ids=["a full message", "refused bytes", "refused control characters", "refused Chinese", "the longest event"],
)
def test_rows_that_do_not_compress_fit_into_a_message_of_every_queue(line: bytes) -> None:
    assert len(packing.pack([line])) <= 256 * 1024
