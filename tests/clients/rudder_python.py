"""python rudder_python.py URL KEY COUNT: tracks events with RudderStack's Python SDK."""

import sys
from datetime import UTC, datetime

from rudderstack.analytics.client import Client

url, key, count = sys.argv[1:]
failed: list[object] = []
client = Client(
    key, host=url, upload_size=20, upload_interval=0.2, gzip=True, on_error=lambda *error: failed.append(error)
)
for n in range(int(count)):
    client.track(
        message_id=f"rudder-python-{n}",
        user_id=f"user-{n % 7}",
        event="touch_sent",
        timestamp=datetime(2026, 11, 20, 12, 0, n % 60, tzinfo=UTC),
        properties={"n": n, "note": "é😀"},
        context={"locale": "de-DE"},
    )
client.flush()
client.join()
sys.exit(str(failed) if failed else 0)
