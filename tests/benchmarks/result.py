"""What a benchmark answers: one row of the table that `make bench` prints."""

import time
from collections.abc import Callable
from typing import NamedTuple


class Result(NamedTuple):
    """One measured figure beside its target, e.g. `Result("import ecteam", 0.41, "s", at_most=0.6)`."""

    name: str
    measured: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None

    @property
    def met(self) -> bool:
        return (self.at_most is None or self.measured <= self.at_most) and (
            self.at_least is None or self.measured >= self.at_least
        )


def best_seconds(call: Callable[[], object], repeat: int = 5) -> float:
    """The fastest of some runs: noise of a shared machine only ever adds time."""
    seconds = []
    for _ in range(repeat):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return min(seconds)
