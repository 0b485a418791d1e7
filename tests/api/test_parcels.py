import asyncio

from hypothesis import given
from hypothesis import strategies as st

from api.parcels import Parcel, Request
from shared import packing
from shared.packing import MESSAGE_BYTES
from shared.queue import BATCH_BYTES, BATCH_ENTRIES

SIZES = st.lists(st.lists(st.sampled_from([1, 300, 30_000, 200_000, 400_000]), max_size=5), min_size=1, max_size=12)


def make_parcel(sizes: list[list[int]]) -> Parcel:
    loop = asyncio.new_event_loop()
    loop.close()
    lines = [[b"%d.%d." % (r, n) + b"x" * size for n, size in enumerate(request)] for r, request in enumerate(sizes)]
    return Parcel([Request(content, sum(map(len, content)), asyncio.Future(loop=loop)) for content in lines])


@given(SIZES)
def test_every_row_travels_once_and_in_order(sizes: list[list[int]]) -> None:
    parcel = make_parcel(sizes)
    parcel.pack()

    assert [line for body in parcel.bodies for line in packing.unpack(body)] == [
        line for request in parcel.requests for line in request.lines
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

    assert parcel.unconfirmed() == {request for request in parcel.requests if open_lines & set(request.lines)}
    assert parcel.is_confirmed == (not open_lines)


def test_small_requests_share_one_message_and_big_ones_do_not() -> None:
    small, big = make_parcel([[300]] * 100), make_parcel([[MESSAGE_BYTES]] * 3)
    small.pack()
    big.pack()

    assert (len(small.bodies), len(big.bodies)) == (1, 3)
