"""How far long work has come: what a part of it tells, told as part of the whole; whatever that raises stops it."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int], None]
"""Is told (done, all)."""


def part_of(progress: Progress | None, first: int, last: int) -> Progress:
    """What a part tells, told on as percent of the whole, which the part brings from `first` to `last`."""

    def tell(done: int, all_: int) -> None:
        if progress:
            progress(first + (last - first) * min(done, all_) // max(all_, 1), 100)

    return tell
