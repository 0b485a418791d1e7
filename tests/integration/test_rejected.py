"""`ops rejected` against a real lake and queue."""

import re

import orjson

from tests.factories import make_event
from tests.integration.lab import Lab, ops


def test_refused_events_are_counted_shown_and_replayed_once(lab: Lab) -> None:
    api, _ = lab.api(), lab.worker()
    bad = [make_event(messageId="m1", userId=None), {"event": "no_id_either"}, make_event(messageId="m3", event=5)]
    assert api.post_json([*bad, make_event(messageId="good")]).json()["accepted"] == 1
    lab.wait_until_done()

    assert "3 refused events" in ops(lab, "rejected", "ls")
    (first,) = [row for row in lab.rows("rejected/") if row.get("event_id") == "m1"]
    assert '"messageId":"m1"' in ops(lab, "rejected", "show", first["rejected_id"])
    assert "pass now" in ops(lab, "rejected", "replay", "--reason", "missing_user", "--set", "userId=u9")
    lab.assert_once("good")
    for _ in range(2):
        text = ops(lab, "rejected", "replay", "--reason", "missing_user", "--set", "userId=u9", "--yes")
        assert re.search("2 +│ are in the queue", text)
        lab.wait_until_done()

    (derived,) = [row["rejected_id"] for row in lab.rows("rejected/") if "no_id_either" in row["raw"]]
    lab.assert_once("good", "m1", f"{derived}:0")
    stored = {row["event_id"]: row for row in lab.rows()}
    assert (stored["m1"]["user_id"], stored["m1"]["received_at"]) == ("u9", first["received_at"])
    assert stored["m1"]["source"] == "test"
    assert len(lab.rows("rejected/")) == 3


def test_what_was_refused_as_a_whole_is_shown_as_it_came(lab: Lab) -> None:
    api, _ = lab.api(), lab.worker()
    assert api.post_json("not an object").status_code == 422
    lab.wait_until_done()
    (row,) = lab.rows("rejected/")

    assert orjson.dumps("not an object").decode() in ops(lab, "rejected", "show", row["rejected_id"])
    assert "1 are still refused" in ops(lab, "rejected", "replay", "--yes")
