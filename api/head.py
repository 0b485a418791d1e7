"""The head of a request, read once: every request that brings events is asked several things of it."""

from starlette.types import Scope


class Head:
    """Header fields by lower-case name; of a field that stands twice, the first."""

    __slots__ = ("_fields", "_scope")

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._fields: dict[bytes, bytes] = dict(reversed(scope["headers"]))

    def __contains__(self, name: bytes) -> bool:
        return name in self._fields

    def get(self, name: bytes) -> str:
        """Return a field, or nothing where it is absent."""
        value = self._fields.get(name)
        return value.decode("latin-1") if value else ""

    def all(self, name: bytes) -> list[str]:
        """Return a field as often as it stands there."""
        return [value.decode("latin-1") for found, value in self._scope["headers"] if found == name]

    @property
    def query(self) -> str:
        """What follows the question mark of the URL."""
        text: bytes = self._scope["query_string"]
        return text.decode("latin-1")

    @property
    def peer(self) -> str:
        """The address at the other end of the connection, or nothing where none is known."""
        client = self._scope.get("client")
        return client[0] if client else ""
