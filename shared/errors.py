"""Everything that Touchlake raises on purpose.

TouchlakeError
├── SettingsError       a setting is missing or wrong: the process does not start
├── Refused             an event breaks a rule: answered, counted and kept under rejected/
│   └── Suppressed      its user was erased: answered and counted, and nothing of it is kept
├── Undecodable         a queue message is not ours: left to the queue's redrive policy
├── QueueUnavailable    SQS did not confirm: try again
├── StoreUnavailable    S3 did not answer or did not take it: try again
├── Conflict            another writer was first: read, merge, write again
└── CorruptObject       an object in the lake is not one of ours: never overwritten
"""


class TouchlakeError(Exception):
    """The root of this tree."""


class SettingsError(TouchlakeError):
    """A setting is missing or wrong; `str()` is one line that names each of them."""


class Refused(TouchlakeError):
    """An event, or a body, breaks a rule.

    `reason` is a code from a small fixed set (it is a metric label); `detail` is for people.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class Suppressed(Refused):
    """An event's user was erased."""

    def __init__(self) -> None:
        super().__init__("user_suppressed", "this user was erased: nothing of the event is kept")


class Undecodable(TouchlakeError):
    """A queue message holds neither packed rows nor an event."""


class QueueUnavailable(TouchlakeError):
    """SQS did not confirm a call."""


class StoreUnavailable(TouchlakeError):
    """S3 did not confirm a call."""


class Conflict(TouchlakeError):
    """A conditional write lost: the object is no longer what was read (412 or 409)."""


class CorruptObject(TouchlakeError):
    """An object of the lake cannot be read as one of ours."""
