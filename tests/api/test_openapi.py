"""The OpenAPI document is valid, and the API keeps to it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import GenerationMode, checks

from api import openapi, segment
from api.docs import ASSETS
from tests.api.client import Api
from tests.factories import wait_until

checks.load_all_checks()
CHECKS: Any = checks.CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    ]
)
"""All but those that want unsound events refused with a 4xx: Segment's routes answer 200 and keep them instead."""
document: Any = schemathesis.openapi.from_dict(openapi.build())
OPERATIONS = [found.ok() for found in document.get_all_operations()]


@contextmanager
def serving(api: Api) -> Iterator[str]:
    """Serve the application on a free port of loopback."""
    server = uvicorn.Server(uvicorn.Config(api.app(), port=0, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_until(lambda: server.started, "the server is up")
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(Api(api_source_events_per_second=0)) as running:
        yield running


def test_the_document_is_valid_openapi() -> None:
    OpenAPIV31SpecValidator(openapi.build()).validate()


def test_every_route_is_in_the_document() -> None:
    described = openapi.build()["paths"].keys()
    there = {route.path for route in Api().app().routes}  # type: ignore[attr-defined]

    short = {f"/v1/{name[0]}" for name in segment.TYPES}

    assert there - described == {"/openapi.json", "/docs", "/docs/docs.js", "/docs/assets"} | short
    assert described <= there


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_no_request_brings_an_answer_outside_the_document(url: str, operation: Any) -> None:
    """Sound requests and unsound ones: no 5xx, no status, media type or body that the document doesn't name."""

    @settings(max_examples=8, suppress_health_check=list(HealthCheck), deadline=None)
    @given(st.sampled_from(GenerationMode).flatmap(lambda mode: operation.as_strategy(generation_mode=mode)))
    def check(case: Any) -> None:
        case.call_and_validate(base_url=url, headers={"Authorization": "Bearer web-key"}, checks=CHECKS)

    check()


def test_the_page_loads_nothing_from_outside(url: str) -> None:
    page = httpx.get(f"{url}/docs")

    assert page.status_code == 200
    assert "http" not in page.text.replace("</html>", "")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for path in ("/docs/docs.js", "/docs/assets/swagger-ui-bundle.js", "/docs/assets/swagger-ui.css"):
        assert httpx.get(url + path).status_code == 200


def test_the_assets_give_away_no_other_file(url: str) -> None:
    assert (ASSETS / "../__init__.py").exists()
    assert httpx.get(f"{url}/docs/assets/%2e%2e/__init__.py").status_code == 404
