"""`/docs`: the OpenAPI document as a page to read and to try, with every asset from here."""

from importlib.metadata import distribution
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

PAGES = Path(__file__).parent / "pages"
ASSETS = Path(str(distribution("flask-swagger-ui").locate_file("flask_swagger_ui/dist")))
"""Swagger UI as that package ships it; its Flask part is not imported."""
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "style-src 'self' 'unsafe-inline'; "  # Swagger UI sets style attributes; no script is ever inline
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def routes() -> list[BaseRoute]:
    return [
        Route("/docs", _page),
        Route("/docs/docs.js", _script),
        Mount("/docs/assets", StaticFiles(directory=ASSETS)),
    ]


async def _page(_request: Request) -> Response:
    return FileResponse(PAGES / "docs.html", headers=_HEADERS)


async def _script(_request: Request) -> Response:
    return FileResponse(PAGES / "docs.js", headers=_HEADERS)
