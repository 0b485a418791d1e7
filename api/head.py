"""The head of a request, read once: every request that brings events is asked several things of it."""

from starlette.types import Scope


class Head:
    """Header fields by lower-case name; of a field that stands twice, the first."""

    __slots__ = ("_fields", "_scope")

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._fields = {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(scope["headers"])}

    def get(self, name: str) -> str | None:
        """Return a field, or None where it is absent."""
        return self._fields.get(name)

    def all(self, name: str) -> list[str]:
        """Return a field as often as it stands there."""
        wanted = name.encode()
        return [value.decode("latin-1") for found, value in self._scope["headers"] if found == wanted]

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
