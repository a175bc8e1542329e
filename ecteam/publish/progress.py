"""How far a batch has come: a bar with the time that is left in a terminal, a line for each report elsewhere."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from typing import TextIO

from ecteam.publish.journal import Row


@contextlib.contextmanager
def progress(total: int, done: int, stream: TextIO | None = None) -> Iterator[Callable[[Row], None]]:
    """Tell of each finished row; `done` of the `total` reports are there already."""
    stream = stream or sys.stderr
    if stream.isatty():
        from tqdm import tqdm

        with tqdm(total=total, initial=done, unit="report", file=stream, dynamic_ncols=True) as bar:

            def advance(row: Row) -> None:
                if row["sentence"]:
                    bar.write(f"{row['name']}: {row['sentence']}", file=stream)
                bar.update()

            yield advance
        return
    started, here = time.monotonic(), done

    def line(row: Row) -> None:
        nonlocal here
        here += 1
        left = (time.monotonic() - started) / (here - done) * (total - here)
        after = f"; about {_duration(left)} left" if here < total else ""
        print(f"{here} of {total}: {row['name']}: {_said(row)}{after}", file=stream, flush=True)

    yield line


def _said(row: Row) -> str:
    if row["sentence"]:
        return f"failed: {row['sentence']}"
    totals = row["totals"]
    return f"{totals['heads_last_month']} heads, {totals['cost_per_month']:,.0f} {row['currency']} a month"


def _duration(seconds: float) -> str:
    """Seconds in words.

    >>> _duration(42.3), _duration(180), _duration(7300)
    ('43 s', '3 min', '2 h 2 min')
    """
    if seconds < 90:
        return f"{int(seconds) + 1} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
