"""Sizing a desk: the year of quarter-hours, and Erlang A, against pyworkforce's loop over agents.

pyworkforce never looks below `round(load + 1)` agents, so that it over-staffs small loads with long targets: its heads
are compared wherever that first try misses the target, or one agent fewer than the first try would.
"""

import time
import tracemalloc
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

import numpy as np
from pyworkforce.queuing import ErlangC

from ecteam.staffing import queueing
from tests.benchmarks.result import Result

HANDLE, TARGET, SHARE = 180.0, 20.0, 0.8
INTERVALS = 365 * 24 * 4


def seconds(call: Callable[[], object], repeat: int = 5) -> float:
    """The median of some runs, after one that warms up."""
    call()
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return median(times)


def peer(load: float) -> int:
    desk = ErlangC(transactions=load, aht=HANDLE / 60, asa=TARGET / 60, interval=HANDLE / 60)
    return desk.required_positions(SHARE)["raw_positions"]


def wrong_heads(loads: np.ndarray) -> int:
    """Where the peer is right by the definition of the smallest number, do we differ?"""
    theirs = np.array([peer(load) for load in loads])
    ours = queueing.agents_required(loads * 20, HANDLE, TARGET, SHARE)
    fewer = queueing.service_level(theirs - 1, loads * 20, HANDLE, TARGET)
    return int(((ours != theirs) & (fewer < SHARE)).sum())


def megabytes(call: Callable[[], object]) -> float:
    """The most memory that the call held at once, its result included."""
    tracemalloc.start()
    call()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 2**20


def benchmarks() -> Iterator[Result]:
    rng = np.random.default_rng(0)
    for mean, sample, at_least in ((300, 300, 150), (35, 2000, 20)):
        loads = rng.gamma(9, mean / 9, INTERVALS)
        some = loads[:sample]
        # In turns, so that a busy moment of the machine meets both.
        ratios = []
        for _ in range(5):
            year = seconds(lambda loads=loads: queueing.agents_required(loads * 20, HANDLE, TARGET, SHARE), 5)
            start = time.perf_counter()
            for load in some:
                peer(load)
            ratios.append((time.perf_counter() - start) / sample * INTERVALS / year)
        yield Result(f"year at {mean} erlangs: pyworkforce / ecteam", median(ratios), "x", at_least=at_least)
        yield Result(f"year at {mean} erlangs: heads that differ", wrong_heads(some), "heads", at_most=0)

        calls = seconds(lambda loads=loads: queueing.agents_required(loads * 20, HANDLE, TARGET, SHARE))
        for patience in (60, 600):
            impatient = seconds(
                lambda loads=loads, p=patience: queueing.agents_required(
                    loads * 20, HANDLE, TARGET, SHARE, patience_seconds=p
                ),
                3,
            )
            yield Result(
                f"year at {mean} erlangs: Erlang A / C, patience {patience} s", impatient / calls, "x", at_most=80
            )

    rate = rng.gamma(9, 300 / 9, INTERVALS) * 20
    kinds: dict[str, dict[str, Any]] = {
        "Erlang C": {},
        "Erlang A": {"patience_seconds": 120},
        "chats": {"concurrency": 3, "throughput": (1, 1.7, 2.5)},
    }
    for kind, desk in kinds.items():
        used = megabytes(lambda desk=desk: queueing.agents_required(rate, HANDLE, TARGET, SHARE, **desk))
        yield Result(f"memory of the year: {kind}", used, "MB", at_most=200)
