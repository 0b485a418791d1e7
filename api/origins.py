"""Which web pages may send: CORS for those that ask first, and a refusal for those that don't."""

from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import Problem

PREFLIGHT_SECONDS = 3600
_HEADERS = ("Authorization", "Content-Type", "Content-Encoding", "Idempotency-Key", "X-Retry-Count")


class Origins:
    """Lets pages of the named origins send, and this API's own pages; `*` is any.

    `sendBeacon` and other simple requests reach a server without asking, so a foreign `Origin` is refused here rather
    than left to the browser. Apps and servers send no `Origin` and pass.
    """

    def __init__(self, app: ASGIApp, allowed: Sequence[str]) -> None:
        self._any = "*" in allowed
        self._allowed = frozenset(allowed)
        self._app = app
        self._with_cors = CORSMiddleware(
            app,
            allow_origins=allowed,
            allow_methods=["GET", "POST"],
            allow_headers=_HEADERS,
            expose_headers=["Retry-After"],
            max_age=PREFLIGHT_SECONDS,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or b"origin" not in dict(scope["headers"]):
            await self._app(scope, receive, send)
            return
        origin = Headers(scope=scope)["origin"]
        if self._is_own(origin, scope):
            await self._app(scope, receive, send)
        elif self._any or origin in self._allowed:
            await self._with_cors(scope, receive, send)
        else:
            detail = "pages of this origin may not send events here: name it in TOUCHLAKE_API_ORIGINS"
            await Problem(HTTPStatus.FORBIDDEN, "origin_not_allowed", detail).response()(scope, receive, send)

    @staticmethod
    def _is_own(origin: str, scope: Scope) -> bool:
        try:
            return urlsplit(origin).netloc == Headers(scope=scope).get("host")
        except ValueError:
            return False
