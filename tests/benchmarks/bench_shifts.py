"""Shifts: a programme for each different day of a year, the bound beside it."""

from collections.abc import Iterator

import numpy as np

from ecteam.staffing.shifts import read_patterns, shift_cover, shift_hours_bound
from tests.benchmarks.result import Result, best_seconds

PEAK = 20


def benchmarks() -> Iterator[Result]:
    rng = np.random.default_rng(4)
    day = np.interp(np.arange(24), [0, 6, 11, 15, 21, 23], [10, 4, 60, 50, 80, 25]) / 80
    years = np.ceil(PEAK * day * np.linspace(0.6, 1.4, 84)[:, None] * rng.uniform(0.9, 1.1, (84, 24))).astype(int)
    years[:, :9] = years[:, 22:] = 0
    # Twelve months of seven weekdays with 28 different days, as where weekdays are alike.
    alike = years[np.arange(84) // 3 * 3]
    cn, uk = read_patterns(region="cn"), read_patterns(region="uk")

    for region, patterns, at_most in (("cn", cn, 1500), ("uk", uk, 4000)):
        cover = shift_cover(years, patterns)
        seconds = best_seconds(lambda patterns=patterns: shift_cover(years, patterns), 2)
        yield Result(f"84 different days with breaks, {region}", 1000 * seconds, "ms", at_most=at_most)
        few = best_seconds(lambda patterns=patterns: shift_cover(alike, patterns), 2)
        yield Result(f"84 days, 28 different, with breaks, {region}", 1000 * few, "ms", at_most=at_most / 2)
        bound = shift_hours_bound(years, patterns)
        gap = float((1 - bound / cover.paid_hours).max())
        yield Result(f"bound below cover at most, {region}", gap, "share", at_most=0.05)

    yield Result("84 days: bound", 1000 * best_seconds(lambda: shift_hours_bound(years, cn), 20), "ms", at_most=20)
    draws = np.broadcast_to(years, (400, 84, 24))
    yield Result(
        "400 x 84 days: bound", 1000 * best_seconds(lambda: shift_hours_bound(draws, cn), 3), "ms", at_most=1500
    )
    clock = np.maximum(years, 1)
    yield Result(
        "84 days round the clock: bound", 1000 * best_seconds(lambda: shift_hours_bound(clock, cn)), "ms", at_most=60
    )
