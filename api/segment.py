"""Segment's HTTP API, so that its SDKs, and RudderStack's, send to Touchlake unchanged.

Each route names the type of its events. The answer is Segment's `{"success": true}`, also when events were refused: an
SDK would only throw the whole batch away, and what was refused is kept under rejected/ all the same. Bodies are JSON
whatever their Content-Type: RudderStack's Node SDK posts gzip of it as `application/x-www-form-urlencoded`. The short
routes by first letter (`/v1/t` for track) are those of analytics.js.
"""

from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from api.head import Head
from api.problems import Problem
from api.receiver import Receiver

TYPES = ("track", "identify", "page", "screen", "group", "alias")
BATCHES = ("batch", "import")
_SUCCESS = b'{"success":true}'


def routes(receiver: Receiver) -> list[Route]:
    long = [_route(receiver, name, name) for name in TYPES]
    short = [_route(receiver, name[0], name) for name in TYPES]
    return [*long, *short, *(_route(receiver, name, None) for name in BATCHES)]


def _route(receiver: Receiver, name: str, event_type: str | None) -> Route:
    return Route(f"/v1/{name}", PostSegment(receiver, event_type), methods=["POST"], name=f"segment-{name}")


class PostSegment:
    """Takes the events of one of the routes."""

    def __init__(self, receiver: Receiver, event_type: str | None) -> None:
        self._receiver = receiver
        self._event_type = event_type

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._receiver.take(Head(scope), receive, self._event_type, "application/json")
        except Problem as problem:
            raise _in_segments_words(problem) from None
        await Response(_SUCCESS, media_type="application/json")(scope, receive, send)


def _in_segments_words(problem: Problem) -> Problem:
    """Say the reason under the names that the SDKs read too.

    rudder-sdk-python takes an error without `code` and `message` for a broken network, and tries again for ever.
    """
    problem.members |= {"code": problem.reason, "message": problem.detail}
    return problem
