"""`/openapi.json`: OpenAPI 3.1, made from the models that validate."""

from functools import cache
from typing import Any

import orjson
from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api import segment
from shared import events

Json = dict[str, Any]
VERSION = "1.0.0"
_EVENT_EXAMPLE = {
    "messageId": "0199f1c2-7c7e-7d3a-9d57-0f6a1b2c3d4e",
    "userId": "bt_1",
    "event": "touch_sent",
    "timestamp": "2026-11-22T10:11:12.345Z",
    "properties": {"duration_ms": 1200},
}


class Rejected(BaseModel):
    """Why an event was refused; it is kept under rejected/ all the same."""

    index: int = Field(description="position in the request, from 0")
    event_id: str | None = Field(description="its messageId, where it has a sound one")
    reason: str = Field(description="a code for programs", examples=["missing_user"])
    detail: str = Field(description="what to do, for people", examples=["give userId or anonymousId"])


class Accepted(BaseModel):
    """The verdict on every event of a request."""

    accepted: int = Field(description="how many events SQS has confirmed")
    rejected: list[Rejected]


class Success(BaseModel):
    """Segment's answer."""

    success: bool


class Problem(BaseModel):
    """An error (RFC 9457)."""

    title: str
    status: int
    reason: str = Field(description="a code for programs")
    detail: str = Field(description="what to do, for people")
    accepted: int | None = None
    rejected: list[Rejected] | None = None


def routes() -> list[Route]:
    return [Route("/openapi.json", _get)]


async def _get(_request: Request) -> Response:
    return Response(_document(), media_type="application/json")


@cache
def _document() -> bytes:
    return orjson.dumps(build())


def build() -> Json:
    """Return the OpenAPI document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Touchlake",
            "version": VERSION,
            "description": "Product events in, each of them once in the lake. A 202 means that SQS has the event. "
            "Send a `messageId` with each event, or an `Idempotency-Key` with each request, and retry what you like.",
        },
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}, {"basic": []}],
        "paths": {
            "/v1/events": {"post": _post_events()},
            **{f"/v1/{name}": {"post": _post_one(name)} for name in segment.TYPES},
            **{f"/v1/{name}": {"post": _post_batch(name)} for name in segment.BATCHES},
            "/healthz": {"get": _probe("Is the process up? Never calls AWS", {"200": _text("up")})},
            "/readyz": {"get": _probe("Can events be taken now?", {"200": _text("ready"), "503": _again("not now")})},
            "/metrics": {"get": _probe("Prometheus metrics", {"200": _text("metrics")})},
        },
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "the write key"},
                "basic": {"type": "http", "scheme": "basic", "description": "the write key as user name, no password"},
            },
        },
    }


def _post_events() -> Json:
    one, many, batch = _EVENT_EXAMPLE, [_EVENT_EXAMPLE, {"event": "touch_sent"}], {"batch": [_EVENT_EXAMPLE]}
    examples = {"one": {"value": one}, "many, one of them bad": {"value": many}, "batch": {"value": batch}}
    forms = {"anyOf": [_ref("Event"), {"type": "array", "items": _ref("Event"), "minItems": 1}, _ref("Batch")]}
    return {
        "tags": ["events"],
        "operationId": "postEvents",
        "summary": "Send events: one, an array, a batch, or one a line",
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "description": "gives events without a messageId the ids KEY:0, KEY:1, … so that a retry adds nothing",
                "schema": {"type": "string", "pattern": "^[!-~]{1,120}$"},
            }
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": forms, "examples": examples},
                "application/x-ndjson": {
                    "schema": {"type": "string"},
                    "example": orjson.dumps(one).decode() + "\n",
                },
                "text/plain": {"schema": {"type": "string"}, "example": orjson.dumps(one).decode()},
            },
        },
        "responses": {"202": _json("at least one event was accepted", "Accepted"), **_errors()},
    }


def _post_one(name: str) -> Json:
    return _post_segment(name, f"Segment's {name}", _ref("Event"), _EVENT_EXAMPLE)


def _post_batch(name: str) -> Json:
    return _post_segment(name, f"Segment's {name}: many events of any type", _ref("Batch"), {"batch": [_EVENT_EXAMPLE]})


def _post_segment(name: str, summary: str, schema: Json, example: Json) -> Json:
    return {
        "tags": ["Segment"],
        "operationId": f"segment_{name}",
        "summary": summary,
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema, "example": example}}},
        "responses": {"200": _json("taken; what was refused is kept under rejected/", "Success"), **_errors()},
    }


def _errors() -> Json:
    return {
        "400": _problem("not JSON, or not the encoding that the header names"),
        "401": _problem("no key, an unknown one, two that disagree, or one in the URL"),
        "403": _problem("a page of an origin that may not send here"),
        "408": _problem("the body did not arrive in time"),
        "413": _problem("too large, or too many events: send it in parts"),
        "415": _problem("a media type or encoding that is not taken"),
        "422": _problem("no event was accepted: see `rejected`"),
        "429": _again("more events a second than may be"),
        "503": _again("not now: send the same again"),
    }


def _probe(summary: str, responses: Json) -> Json:
    return {"tags": ["operations"], "summary": summary, "security": [], "responses": responses}


def _problem(description: str) -> Json:
    return {"description": description, "content": {"application/problem+json": {"schema": _ref("Problem")}}}


def _again(description: str) -> Json:
    header = {"description": "seconds to wait", "required": True, "schema": {"type": "integer", "minimum": 0}}
    return {**_problem(description), "headers": {"Retry-After": header}}


def _json(description: str, name: str) -> Json:
    return {"description": description, "content": {"application/json": {"schema": _ref(name)}}}


def _text(description: str) -> Json:
    return {"description": description, "content": {"text/plain": {"schema": {"type": "string"}}}}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _schemas() -> Json:
    models: tuple[type[BaseModel], ...] = (Accepted, Rejected, Success, Problem)
    _, made = models_json_schema([(m, "validation") for m in models], ref_template="#/components/schemas/{model}")
    schemas: Json = made["$defs"]
    schemas["Event"] = events.SCHEMA | {
        "examples": [_EVENT_EXAMPLE],
        "allOf": [
            {"anyOf": [_needs("userId", "string", "number"), _needs("anonymousId", "string", "number")]},
            {"anyOf": [_needs("event", "string"), _other_than_track()]},
        ],
    }
    schemas["Batch"] = {
        "type": "object",
        "description": "Events with what counts for all of them.",
        "required": ["batch"],
        "properties": {
            "batch": {"type": "array", "items": _ref("Event"), "minItems": 1},
            "context": {"type": "object", "description": "counts for each event that doesn't say otherwise"},
            "sentAt": {"type": "string", "description": "the same"},
            "writeKey": {"type": "string", "description": "where the header has none"},
        },
    }
    return schemas


def _needs(name: str, *types: str) -> Json:
    return {"required": [name], "properties": {name: {"type": list(types)}}}


def _other_than_track() -> Json:
    return {"required": ["type"], "properties": {"type": {"enum": ["identify", "page", "screen", "group", "alias"]}}}
