"""Errors as `application/problem+json` (RFC 9457)."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from shared import logs


class Problem(Exception):
    """An answer that is an error. `reason` is a code for programs, `detail` says what to do."""

    def __init__(
        self,
        status: HTTPStatus,
        reason: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{status.value} {reason}: {detail}")
        self.status = status
        self.reason = reason
        self.detail = detail
        self.headers = dict(headers or {})
        self.members = dict(members or {})

    def response(self) -> Response:
        document = {
            "title": self.status.phrase,
            "status": self.status.value,
            "reason": self.reason,
            "detail": self.detail,
            **self.members,
        }
        return Response(orjson.dumps(document), self.status.value, self.headers, "application/problem+json")


def not_now(reason: str, detail: str, retry_after_seconds: int) -> Problem:
    """Return the 503 that asks a client to come back."""
    headers = {"Retry-After": str(retry_after_seconds)}
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, reason, detail, headers=headers)


async def answer_problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return error.response()


async def answer_http_exception(request: Request, error: Exception) -> Response:
    """Answer what Starlette itself refuses: an unknown path, a method that a path doesn't have."""
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    detail = f"{request.method} {request.url.path}: see /docs for the routes there are"
    reason = status.name.lower()
    return Problem(status, reason, detail, headers=error.headers).response()


async def answer_crash(request: Request, error: Exception) -> Response:
    """Answer what is our mistake; nothing of the request goes to the log but its route."""
    logs.get().error("request_crashed", route=request.url.path, exc_info=error)
    detail = "this is a mistake of the server: send the request again"
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", detail).response()
