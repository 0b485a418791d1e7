"""The S3 bucket as this project needs it: read an object, write it if nobody else did meanwhile."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple, Protocol

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError
from obstore.store import S3Store

from shared.errors import Conflict, StoreUnavailable

if TYPE_CHECKING:
    from obstore import PutMode


class Stored(NamedTuple):
    """An object as read; `etag` stands for exactly these bytes in a conditional write."""

    data: bytes
    etag: str
    attributes: Mapping[str, str]


class Listed(NamedTuple):
    """An object as a listing shows it."""

    key: str
    etag: str
    size: int


class ObjectStore(Protocol):
    """What is asked of a bucket. Every method raises StoreUnavailable when the call was not confirmed."""

    def get(self, key: str) -> Stored | None:
        """Read an object; None where there is none."""

    def put(self, key: str, data: bytes, attributes: Mapping[str, str], *, replaces: str | None) -> str:
        """Write over the object with this ETag, or where there is none; return the new ETag. Raises Conflict."""

    def list(self, prefix: str) -> Iterator[Listed]:
        """List the objects below a prefix that ends with a slash."""

    def folders(self, prefix: str) -> Sequence[str]:
        """Return what stands between a prefix and the next slash, the prefix included: `a/b=` gives `a/b=1` …."""


class S3ObjectStore:
    """ObjectStore over obstore. Thread-safe; synchronous calls release the interpreter lock."""

    def __init__(self, store: S3Store) -> None:
        self._store = store

    def get(self, key: str) -> Stored | None:
        try:
            with _translated():
                answer = obstore.get(self._store, key)
                return Stored(bytes(answer.bytes()), answer.meta["e_tag"] or "", dict(answer.attributes))
        except FileNotFoundError:
            return None

    def put(self, key: str, data: bytes, attributes: Mapping[str, str], *, replaces: str | None) -> str:
        mode: PutMode = "create" if replaces is None else {"e_tag": replaces}
        try:
            with _translated():
                answer = obstore.put(
                    self._store, key, data, mode=mode, attributes=dict(attributes), use_multipart=False
                )
        except FileNotFoundError as error:
            raise StoreUnavailable(f"there is no such bucket: {_first_line(error)}") from error
        return answer["e_tag"] or ""

    def list(self, prefix: str) -> Iterator[Listed]:
        with _translated():
            for chunk in obstore.list(self._store, prefix):
                for entry in chunk:
                    yield Listed(entry["path"], entry["e_tag"] or "", entry["size"])

    def folders(self, prefix: str) -> Sequence[str]:
        parent = prefix.rpartition("/")[0]  # obstore's prefixes are whole path segments
        with _translated():
            found = obstore.list_with_delimiter(self._store, parent)["common_prefixes"]
        return [folder for folder in found if folder.startswith(prefix)]


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (AlreadyExistsError, PreconditionError) as error:
        raise Conflict(_first_line(error)) from error
    except FileNotFoundError:
        raise
    except (BaseError, OSError) as error:
        raise StoreUnavailable(_first_line(error)) from error


def _first_line(error: Exception) -> str:
    """Shorten a message: obstore's go on for lines of configuration; the first says what happened."""
    return str(error).partition("\n")[0]
