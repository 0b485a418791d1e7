"""The suppression list: users who were erased, and whose late events must not bring them back."""

import asyncio

from starlette.concurrency import run_in_threadpool

from shared import logs
from shared.errors import StoreUnavailable
from shared.objectstore import ObjectStore

REREAD_SECONDS = 60


class Suppression:
    """An object of the lake's bucket with one user id a line, reread every minute; without a key, an empty list."""

    def __init__(self, store: ObjectStore | None, key: str | None, *, reread_seconds: float = REREAD_SECONDS) -> None:
        self._store = store
        self._key = key
        self._reread_seconds = reread_seconds
        self._users: frozenset[str] = frozenset()

    def covers(self, user_id: str | None) -> bool:
        return user_id in self._users

    async def load(self) -> None:
        """Read the list. Raises StoreUnavailable: a process that can't know whom to drop must not take events."""
        if self._store is None or self._key is None:
            return
        stored = await run_in_threadpool(self._store.get, self._key)
        text = stored.data.decode() if stored else ""
        self._users = frozenset(filter(None, text.replace("\r\n", "\n").split("\n")))

    async def reload_for_ever(self) -> None:
        """Read it again every minute; while that fails, the last list counts."""
        while True:
            await asyncio.sleep(self._reread_seconds)
            try:
                await self.load()
            except (StoreUnavailable, UnicodeDecodeError) as error:
                logs.get().warning("suppression_list_not_read", error=str(error))
