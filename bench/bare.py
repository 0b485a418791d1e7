"""What a POST costs at the least: a Starlette route that reads the body and answers 202, under the API's uvicorn."""

import threading

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.__main__ import KEEP_ALIVE_SECONDS
from api.server import Server
from shared import logs

_ANSWER = b'{"accepted":1,"rejected":[]}'


async def post(request: Request) -> Response:
    await request.body()
    return Response(_ANSWER, 202, media_type="application/json")


def main() -> None:
    logs.configure("bare", "INFO")
    config = uvicorn.Config(
        Starlette(routes=[Route("/v1/events", post, methods=["POST"])]),
        port=0,
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )
    Server(config, threading.Event(), drain_seconds=0).run()


if __name__ == "__main__":
    main()
