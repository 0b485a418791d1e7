"""The smoke test: POST one event as an app would, and find it in the lake."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from deploy.errors import DeployError, NotReady
from deploy.terraform import KEYS
from ops.sender import Sender, SendError
from shared import aws as ports
from shared import events, keys, objects
from shared.errors import CorruptObject, StoreUnavailable
from shared.objectstore import ObjectStore, S3ObjectStore
from shared.settings import AwsSettings

if TYPE_CHECKING:
    from obstore.store import S3Config

SOURCE = "smoke"
"""A write key with this source is taken before others, so that analysts can tell these events from real ones."""
EVENT = "deploy_smoke_test"
ANSWER_SECONDS = 180  # a new name in DNS, and tasks that have just come up
LOOK_SECONDS = 1


def write_key(variables: Mapping[str, str]) -> str:
    """Choose the key to send with from TF_VAR_write_keys. Raises NotReady."""
    try:
        sources = orjson.loads(variables.get(KEYS, ""))
        chosen = next((key for key, source in sources.items() if source == SOURCE), None)
        return str(chosen or next(iter(sources)))
    except (orjson.JSONDecodeError, AttributeError, StopIteration):
        raise NotReady(f'{KEYS} must hold the write keys as JSON, {{"a-long-random-key": "ios"}}') from None


def lake(aws: Any, bucket: str, settings: AwsSettings) -> ObjectStore:
    """Open the lake with the credentials that boto3 found: it knows profiles and single sign-on, obstore does not."""
    found = aws.get_credentials().get_frozen_credentials()
    given: S3Config = {"access_key_id": found.access_key, "secret_access_key": found.secret_key}
    if found.token:
        given["session_token"] = found.token
    return S3ObjectStore(ports.lake(settings, bucket, given))


def test(api_url: str, key: str, store: ObjectStore, seconds: float) -> float:
    """Send an event and wait until the lake has it; return the seconds it took. Raises DeployError."""
    began = time.monotonic()
    now = datetime.now(UTC).isoformat()
    event = {"messageId": events.new_id(), "anonymousId": f"deploy-{events.new_id()}", "event": EVENT, "timestamp": now}
    try:
        tally = Sender(api_url, key, concurrency=1, patience_seconds=ANSWER_SECONDS).send([event])
    except SendError as error:
        raise DeployError(f"the API does not take an event: {error}") from None
    if tally.rejected:
        raise DeployError(f"the API refuses a good event: {tally.rejected[0]}")
    place, trouble = keys.events(None, event["anonymousId"], now[:10]), ""
    while time.monotonic() - began < seconds:
        try:
            if _holds(store, place, event["messageId"]):
                return time.monotonic() - began
        except (StoreUnavailable, CorruptObject) as error:
            trouble = f" ({error})"
        time.sleep(LOOK_SECONDS)
    raise DeployError(f"the API took an event that is not in the lake after {seconds:g} s, as {place}{trouble}")


def _holds(store: ObjectStore, place: str, event_id: str) -> bool:
    stored = store.get(place)
    return stored is not None and any(row.id == event_id for row in objects.decode(place, stored))
