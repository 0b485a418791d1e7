import pytest
from hypothesis import given

from shared import events, owners
from shared.errors import Refused
from tests.factories import HOSTILE_IDS, WEB, make_line


def refused(raw: bytes) -> bytes:
    return events.reject(raw, WEB, Refused("invalid_event", "x")).line


@given(HOSTILE_IDS, HOSTILE_IDS)
def test_an_event_belongs_to_its_user_and_its_anonymous_id(user: str, anonymous: str) -> None:
    assert owners.of(make_line(userId=user, anonymousId=anonymous)) == {user, anonymous}


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b'{"userId":"a","anonymousId":"b"}', {"a", "b"}),
        (b'{"userId" : 42}', {"42"}),
        (b'{"userId":4.0}', {"4.0"}),
        (b'{"user\\u0049d":"a"}', {"a"}),
        (b'{"userId":"\\u00e9"}', {"é"}),
        ('{"userId":"é\\\\"}'.encode(), {"é\\"}),
        (b'{"userId":"a","event":', {"a"}),
        (b'{"batch":[{"userId":"a"},{"userId":"b"}', {"a", "b"}),
        (b'{"userId":"a"}\xff', {"a"}),
        (b'{"userId":null,"properties":{"x":"a"}}', set()),
        (b'{"note":"userId: a"}', set()),
        (b"[1]", set()),
    ],
)
def test_a_refused_event_belongs_to_whom_its_body_names(raw: bytes, expected: set[str]) -> None:
    assert owners.of(refused(raw)) == expected
