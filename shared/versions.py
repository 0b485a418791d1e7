"""The lake's bucket with its history: every version of an object, for those who must leave none.

In a bucket without versioning each object has one version, by the name of `null`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol

from botocore import handlers
from botocore.exceptions import BotoCoreError, ClientError

from shared.errors import StoreUnavailable
from shared.objectstore import Stored


class Version(NamedTuple):
    """A version of an object, or a marker which says that the object was deleted."""

    key: str
    version_id: str
    is_latest: bool
    is_marker: bool


class Versions(Protocol):
    """What is asked of a bucket's history. Every method raises StoreUnavailable when the call was not confirmed."""

    def folders(self, prefix: str) -> Sequence[str]:
        """As `ObjectStore.folders`, of what has any version."""

    def list(self, prefix: str) -> Iterator[Version]:
        """List the versions below a prefix; those of one key from the newest to the oldest."""

    def get(self, version: Version) -> Stored | None:
        """Read a version; None where it is gone."""

    def delete(self, version: Version) -> None:
        """Remove a version for good."""


class S3Versions:
    """Versions over boto3, since obstore deletes no versions. Thread-safe, as boto3's clients are."""

    def __init__(self, client: Any, bucket: str, *, page_size: int = 1000) -> None:
        # boto3 asks for keys percent-encoded, and LocalStack 4.12 then leaves every page but the first empty
        client.meta.events.unregister(
            "before-parameter-build.s3.ListObjectVersions", handlers.set_list_objects_encoding_type_url
        )
        self._client = client
        self._bucket = bucket
        self._page_size = page_size

    def folders(self, prefix: str) -> Sequence[str]:
        pages = self._pages(prefix, Delimiter="/")
        return [folder["Prefix"].rstrip("/") for page in pages for folder in page.get("CommonPrefixes", [])]

    def list(self, prefix: str) -> Iterator[Version]:
        for page in self._pages(prefix):
            found = [(entry, False) for entry in page.get("Versions", [])]
            found += [(entry, True) for entry in page.get("DeleteMarkers", [])]
            for entry, is_marker in sorted(found, key=_place):
                yield Version(entry["Key"], entry["VersionId"], entry["IsLatest"], is_marker)

    def get(self, version: Version) -> Stored | None:
        with _translated():
            try:
                answer = self._client.get_object(Bucket=self._bucket, Key=version.key, VersionId=version.version_id)
            except ClientError as error:
                if error.response["Error"]["Code"] in ("NoSuchKey", "NoSuchVersion"):
                    return None
                raise
            return Stored(answer["Body"].read(), answer["ETag"], answer["Metadata"])

    def delete(self, version: Version) -> None:
        with _translated():
            self._client.delete_object(Bucket=self._bucket, Key=version.key, VersionId=version.version_id)

    def _pages(self, prefix: str, **more: Any) -> Iterator[Any]:
        paginator = self._client.get_paginator("list_object_versions")
        paging = {"PageSize": self._page_size}
        with _translated():
            yield from paginator.paginate(Bucket=self._bucket, Prefix=prefix, PaginationConfig=paging, **more)


def _place(found: tuple[Any, bool]) -> tuple[str, bool, float]:
    """Sort by key, then from the newest to the oldest; S3 lists versions and markers apart from one another."""
    entry, _ = found
    return entry["Key"], not entry["IsLatest"], -entry["LastModified"].timestamp()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise StoreUnavailable(str(error)) from error
