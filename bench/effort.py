"""How much is measured: all of it, or enough to see that it works and about where it stands."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Effort:
    """`rounds` alternate; each thing runs for `seconds` in a round; `share` is that of the full sizes."""

    rounds: int
    seconds: float
    share: float

    @property
    def is_full(self) -> bool:
        return self.share == 1

    def size(self, full: int) -> int:
        return max(1, round(full * self.share))


FULL = Effort(rounds=5, seconds=3, share=1)
QUICK = Effort(rounds=2, seconds=1, share=0.1)
