"""`ops user` against real buckets, with versioning and without."""

import gzip
from typing import Any

import orjson
import pytest
from localstack_client.session import Session

from ops import local
from ops.erasure import Erasure, Person
from shared import events, objects
from shared.errors import Refused
from shared.versions import S3Versions
from tests.factories import WEB, make_event, make_line, make_row
from tests.integration.lab import Lab, ops, total

LIST = "suppressed.txt"


@pytest.fixture(params=[True, False], ids=["versioned", "unversioned"])
def bucket(lab: Lab, request: pytest.FixtureRequest) -> str:
    """The lab's bucket, with versioning or without."""
    if request.param:
        status = {"Status": "Enabled"}
        Session().client("s3").put_bucket_versioning(Bucket=lab.made.bucket, VersioningConfiguration=status)
    return lab.made.bucket


def everything(bucket: str) -> list[bytes]:
    """Every version of every object in a bucket, as it can still be read."""
    s3: Any = Session().client("s3")
    names = [
        (entry["Key"], entry["VersionId"])
        for kind in ("events/", "rejected/", "audit/")
        for entry in s3.list_object_versions(Bucket=bucket, Prefix=kind).get("Versions", [])
    ]
    data = [s3.get_object(Bucket=bucket, Key=key, VersionId=version)["Body"].read() for key, version in names]
    return [line for text in data for line in (gzip.decompress(text) if text[:1] == b"\x1f" else text).splitlines()]


def erase(lab: Lab, *words: str) -> str:
    return ops(lab, "user", "erase", *words, TOUCHLAKE_SUPPRESS_USERS_S3_KEY=LIST)


def test_a_person_is_exported_erased_and_stays_away(lab: Lab, bucket: str) -> None:
    api, worker = lab.api(), lab.worker()
    days = [f"2026-11-{day}T09:00:00Z" for day in (20, 21, 22)]
    for number, moment in enumerate(days):
        assert api.post(f"e{number}", userId="gone", timestamp=moment).status_code == 202
        assert api.post(f"s{number}", userId="stays", timestamp=moment).status_code == 202
        lab.wait_until_done()
    assert api.post("e3", userId="gone", timestamp=days[0]).status_code == 202
    api.post_json([{"userId": "gone"}, {"userId": "stays"}])
    lab.wait_until_done()
    worker.stop()

    lines = [line for line in ops(lab, "user", "export", "gone").splitlines() if line.startswith("{")]
    assert [orjson.loads(line)["event_id"] for line in lines] == ["e0", "e3", "e1", "e2"]
    assert "versions of objects would be erased" in ops(
        lab, "user", "erase", "gone", TOUCHLAKE_SUPPRESS_USERS_S3_KEY=LIST
    )
    assert any(b"gone" in line for line in everything(bucket))
    lab.enqueue_lines(make_line(userId="gone", messageId="queued"), make_line(userId="stays", messageId="also queued"))
    lab.enqueue_lines(events.reject(b'{"userId":"gone","late":1}', WEB, Refused("missing_event", "x")).line)

    assert "nothing is left" in ops(
        lab, "user", "erase", "gone", "--yes", "--no-wait", TOUCHLAKE_SUPPRESS_USERS_S3_KEY=LIST
    )
    later = lab.worker(SUPPRESS_USERS_S3_KEY=LIST)
    lab.wait_until_done()
    answer = lab.api(SUPPRESS_USERS_S3_KEY=LIST, LAKE_BUCKET=bucket).post("late", userId="gone")

    assert answer.json()["rejected"][0]["reason"] == "user_suppressed"
    assert total(later, "touchlake_worker_rows_suppressed_total") == 2
    assert not any(b"gone" in line for line in everything(bucket))
    lab.assert_once("s0", "s1", "s2", "also queued")
    assert [orjson.loads(row["raw"]) for row in lab.rows("rejected/")] == [{"userId": "stays"}]
    assert "0 versions of objects" in erase(lab, "gone")


def test_more_versions_than_a_listing_holds_are_erased(lab: Lab) -> None:
    """A page holds 1,000; here they are made smaller, since LocalStack's second page has failed before."""
    store = local.lake(lab.made.bucket)
    s3: Any = Session().client("s3")
    s3.put_bucket_versioning(Bucket=lab.made.bucket, VersioningConfiguration={"Status": "Enabled"})
    for number in range(7):
        row = make_row(userId="gone", timestamp=f"2026-11-1{number}T09:00:00Z")
        refused = events.reject(b'{"userId":"gone","n":%d}' % number, WEB, Refused("missing_event", "x"))
        for found in (row, refused):
            store.put(found.key, objects.encode([found]), objects.attributes(1), replaces=None)
    versions = S3Versions(s3, lab.made.bucket, page_size=3)
    audit = Erasure(store, versions, Person("gone")).erase_until_gone(lambda: 0)

    assert (audit.objects, audit.is_verified) == (14, True)
    assert list(versions.list("events/")) == []


def test_to_erase_without_a_list_is_one_line(lab: Lab) -> None:
    text = ops(lab, "user", "erase", "gone", "--yes", status=1)

    assert "TOUCHLAKE_SUPPRESS_USERS_S3_KEY is missing" in text
    assert text.count("\n") == 1


def test_an_export_of_nobody_is_empty(lab: Lab) -> None:
    lab.enqueue(orjson.dumps(make_event(userId="u1")).decode())

    assert ops(lab, "user", "export", "nobody").strip() == "0 rows of 0 days"
