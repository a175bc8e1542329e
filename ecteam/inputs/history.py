"""A shop's own orders: what is known of its days and hours, and what was read and left out in its file.

The file is read by `order_files` (the table), `order_dialects` (what columns and states mean), `order_times` (moments),
`order_cells` and `order_lines` (orders by the hour); the YAML file beside it by `datasheet`.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ecteam.inputs.arguments import MOST_FIGURE
from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.inputs.datasheet import checked_datasheet, closed_dates, in_range, read_datasheet
from ecteam.inputs.files import data_dir
from ecteam.inputs.order_dialects import PlatformName, find_columns, looks_like_header, normal
from ecteam.inputs.order_files import open_table
from ecteam.inputs.order_lines import MOST_A_DAY, Counted, count
from ecteam.inputs.words import Note

LEAST_DAYS = 14
"""Days with orders that a fit needs: every weekday twice, so that a weekday is told from a chance day."""
RATIOS = (
    ("lines", "orders", "lines per order", 1.0, 500.0),
    ("units", "lines", "units per line", 1.0, 10_000.0),
    ("value", "orders", "of value per order", 0.0, MOST_FIGURE),
    ("returns", "orders", "returns per order", 0.0, 0.95),
)
"""What an order may hold on average: measure, what it is divided by, words, least, most; as in a scenario."""
ROLES = {
    "lines": ("lines",), "units": ("quantity",), "returns": ("returns", "returned"),
    "value": ("value", "order_total", "line_total", "unit_price"),
}  # fmt: skip
BY_CHANCE = 0.01
"""How often a weekday on which the shop is open may be called closed."""
MISSING_BY_CHANCE = 0.05
"""How often a history may have a break called missing that chance alone has made."""
CUT_SHARE, CUT_WEEKS, CUT_LEAST = 1 / 3, 4, 10
"""A first or last day is cut short if it has less than this share of the same weekday's fewest orders in the weeks next
to it, where those are this many at least."""
FAR_DAYS, FAR_SHARE = 300, 0.1
"""A day farther than this from the others, and than they are from each other, with less than this share of orders, has
a mistyped year."""
LONG_BREAK_DAYS, FEW_BREAKS = 7, 10
"""More breaks than these, none of them longer, are how a shop sells: now and then."""


@dataclass(frozen=True, eq=False)
class History:
    """Orders by hour over whole days, with what is known of closed and missing days.

    `hourly`: hour_start (naive local time), orders, and lines, units, value, returns where the file has them.
    `daily`: one row a calendar day: date, orders, closed (bool), use (bool: open, complete, and part of the fit).
    `clock`: whether the hours are known; else every order stands at 0:00 of its day.
    `left_out`: reason -> rows or orders that were not counted; `notes`: what else is to be said of the file.
    """

    name: str
    hourly: pd.DataFrame
    daily: pd.DataFrame
    datasheet: Mapping[str, Any] = field(default_factory=dict)
    platform: PlatformName | None = None
    clock: bool = True
    left_out: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()

    def closed_on(self, dates: pd.DatetimeIndex) -> np.ndarray:
        """Which dates the shop is closed, by its weekdays and its datasheet."""
        return closed_dates(dates, self.datasheet) | np.isin(dates.day_of_week, self.closed_weekdays)

    @property
    def closed_weekdays(self) -> list[int]:
        """Weekdays (0 = Monday) without a single order where chance would hardly leave all of them empty."""
        return _closed_weekdays(self.daily)

    def per_order(self, measure: str) -> float | None:
        """The average of `lines`, `units`, `value` or `returns` per order, where the file has that column."""
        if measure not in self.hourly.columns or not self.hourly["orders"].sum():
            return None
        return float(self.hourly[measure].sum() / self.hourly["orders"].sum())

    def what_was_read(self) -> list[Note]:
        """What the file was taken for, and what was left out in it, for its owner to check.

        >>> print(load_history("online_retail_hourly").what_was_read()[0])  # doctest: +ELLIPSIS
        online_retail_hourly.csv: 19,771 orders on 374 days, 2010-12-01 to 2011-12-09; 52.9 a day, most on ...
        """
        daily = self.daily
        first, last, most = daily["date"].iloc[0], daily["date"].iloc[-1], daily.loc[daily["orders"].idxmax()]
        orders = float(daily["orders"].sum())
        values = {
            "file": self.name, "orders": f"{orders:,.0f}", "days": f"{len(daily):,}", "first": f"{first:%Y-%m-%d}",
            "last": f"{last:%Y-%m-%d}", "mean": f"{orders / len(daily):,.1f}", "peak": f"{most['date']:%Y-%m-%d}",
            "most": f"{most['orders']:,.0f}",
        }  # fmt: skip
        if self.platform:
            read = Note("order_read_platform", platform=self.platform, **values)
        else:
            read = Note("order_read", **values)
        left = [Note(f"order_left.{reason}", n=n) for reason, n in self.left_out.items()]
        return [read, *left, *self.notes]


def _closed_weekdays(daily: pd.DataFrame) -> list[int]:
    """Weekdays that are empty, where a shop that is open would leave one of seven so with a chance of `BY_CHANCE`.

    That chance is the larger of Poisson's, by its orders, and of how often its other days are empty, since some shops
    sell in bursts.
    """
    days = daily.assign(sold=daily["orders"] > 0).groupby(daily["date"].dt.day_of_week)
    by_weekday = days.agg(sum=("orders", "sum"), sold=("sold", "sum"), size=("sold", "size"))
    busy = by_weekday[by_weekday["sum"] > 0].sum()
    rate, share = busy[["sum", "sold"]] / max(busy["size"], 1)
    by_chance = np.maximum(np.exp(-rate * by_weekday["size"]), (1 - share) ** by_weekday["size"])
    empty = (by_weekday["sum"] == 0) & (by_weekday["size"] >= 4) & (by_chance < BY_CHANCE / 7)
    return by_weekday.index[empty].tolist()


def history_path(name: str) -> Path:
    """A history given by path, or by name in `data/history`; refuses with the nearest name."""
    sheets = sorted((data_dir() / "history").glob("*.yaml"))
    known = {sheet.stem: sheet.with_suffix(".csv") for sheet in sheets}
    if name in known:
        return known[name]
    if os.path.isfile(name):
        return Path(name)
    raise InputError(Note("no_history", name=name, near=did_you_mean(name, known)))


_loaded: dict[tuple[str, int, int], History] = {}
_said: dict[str, Mapping[str, Any]] = {}


def say_of_history(name: str, datasheet: Mapping[str, Any]) -> None:
    """Say of an order file what its datasheet does not, for as long as this process and its children run."""
    _said[str(history_path(name).resolve())] = datasheet
    _loaded.clear()


def load_history(name: str) -> History:
    """Read an order history once; it is read again only when the file has changed.

    Raises `InputError` as `read_history`, and for orders on fewer than `LEAST_DAYS` days of the fit.

    >>> history = load_history("online_retail_hourly")
    >>> int(history.hourly["orders"].sum()), len(history.daily)
    (19771, 374)
    """
    path = history_path(name)
    sheet = path.with_suffix(".yaml")
    stamp = (str(path.resolve()), path.stat().st_mtime_ns, sheet.stat().st_mtime_ns if sheet.is_file() else 0)
    if stamp not in _loaded:
        history = read_history(path, path.name, {**read_datasheet(sheet), **_said.get(stamp[0], {})})
        days = int((history.daily["use"] & (history.daily["orders"] > 0)).sum())
        if days < LEAST_DAYS:
            raise InputError(Note("history_too_short", file=path.name, n=days, least=LEAST_DAYS))
        _loaded[stamp] = history
    return _loaded[stamp]


def read_history(source: Path | bytes, name: str, datasheet: Mapping[str, Any] | None = None) -> History:
    """Orders by hour from an order file: a row an order (or order line), or a row an hour or a day with a count.

    `source` is the file or its bytes; `datasheet`: see `Datasheet`. Raises `InputError`, with what to do, for what is
    no order file, can be read in two ways, or holds what no shop has.
    """
    datasheet = checked_datasheet(datasheet or {}, f"{Path(name).stem}.yaml")
    named = {normal(value) for key, value in datasheet.items() if key.endswith("_column")}
    table = open_table(source, name, partial(looks_like_header, named=named))
    columns = find_columns(table, datasheet)
    counted = count(table, columns, datasheet)
    hours = counted.hours
    for top, bottom, words, least, most in RATIOS:
        ratio = hours[top].sum() / hours[bottom].sum() if {top, bottom} <= set(hours.columns) else least
        if not least <= ratio <= most:
            place = next((columns.one(role) for role in (*ROLES[top], "number") if columns.one(role) is not None), 0)
            is_now = f"{name}, column {table.headers[place or 0]}: {ratio:.6g} {words} on average"
            raise InputError(f"{is_now}; it must be {least:g} to {most:,.15g}, or the column left out")
    daily, notes = _days(counted, datasheet, name)
    platform = columns.dialect.shown if columns.dialect else None
    return History(name, hours, daily, datasheet, platform, counted.clock, counted.left_out, (*counted.notes, *notes))


def _days(counted: Counted, datasheet: Mapping[str, Any], name: str) -> tuple[pd.DataFrame, list[Note]]:
    """Every calendar day with its orders, and what is to be said of days that are missing or cut short."""
    hours = counted.hours
    counts = hours.groupby(hours["hour_start"].dt.normalize())["orders"].sum()
    if counts.max() > MOST_A_DAY:
        raise InputError(
            f"{name} has {counts.max():,.0f} orders on {counts.idxmax():%Y-%m-%d}; a day must have at most "
            f"{MOST_A_DAY:,}"
        )
    _refuse_far_days(counts, name)
    dates = pd.date_range(counts.index.min(), counts.index.max(), name="date")
    days = pd.DataFrame({"date": dates, "orders": counts.reindex(dates).fillna(0).to_numpy(float)})
    never = days["date"].dt.day_of_week.isin(_closed_weekdays(days))
    closed = closed_dates(dates, datasheet) & days["orders"].eq(0) | never
    left = np.zeros(len(days), dtype=bool)
    for entry in [*datasheet.get("missing", []), *datasheet.get("incomplete_days", [])]:
        left |= in_range(dates, str(entry))
    missing = _missing(days["orders"], np.asarray(~dates.isin(counts.index) & ~closed & ~left), closed.to_numpy())
    notes = []
    if missing.any():
        gap = dates[missing].strftime("%Y-%m-%d")
        values = {"n": len(gap), "first": gap[0], "last": gap[-1], "notes": f"{Path(name).stem}.yaml"}
        notes.append(Note("order_days_missing", **values))
    cut = _cut_days(days.assign(use=~closed & ~left & ~missing))
    notes += [Note("order_day_cut", day=f"{dates[at]:%Y-%m-%d}", orders=f"{days['orders'][at]:,.0f}") for at in cut]
    if not counted.clock:
        notes.append(Note("order_no_hours"))
    days = days.assign(closed=closed, use=~closed & ~left & ~missing)
    days.loc[cut, "use"] = False
    return days, notes


def _refuse_far_days(counts: pd.Series, name: str) -> None:
    """A mistyped year stands years away from the other days, and makes a trickle of a shop's orders."""
    counts = counts[counts > 0].sort_index()
    breaks = np.diff(counts.index.to_numpy()).astype("timedelta64[D]").astype(int)
    if not len(breaks):
        return
    at = int(breaks.argmax()) + 1
    few, rest = sorted((counts.iloc[:at], counts.iloc[at:]), key=pd.Series.sum)
    span = (rest.index[-1] - rest.index[0]).days
    if breaks.max() > max(span, FAR_DAYS) and few.sum() < FAR_SHARE * rest.sum():
        days = [f"{day:%Y-%m-%d}" for day in (few.index[0], rest.index[0], rest.index[-1])]
        raise InputError(Note("order_far_day", file=name, day=days[0], first=days[1], last=days[2], n=int(few.sum())))


def _missing(orders: pd.Series, silent: np.ndarray, closed: np.ndarray) -> np.ndarray:
    """Which of the days without rows are missing: breaks that chance would hardly make of an ordinary day's orders.

    A small shop has days without an order, and a shop that sells now and then has many of them: those are days of 0.
    """
    run = np.cumsum(np.r_[True, (silent | closed)[1:] != (silent | closed)[:-1]])
    length = pd.Series(silent).groupby(run).transform("sum").to_numpy()
    sold = orders[orders > 0]
    usual = np.minimum(sold.median(), orders.sum() / np.maximum(len(orders) - length, 1))
    # Days of one shop differ by more than chance: negative binomial, with what its days show above Poisson.
    extra = max(float(sold.var(ddof=0) - sold.mean()) / float(sold.mean()) ** 2, 1e-9)
    empty = (1 + extra * usual) ** (-1 / extra)
    missing = silent & (len(orders) * empty**length < MISSING_BY_CHANCE)
    short = missing & (length <= LONG_BREAK_DAYS)
    often = len(np.unique(run[short])) > FEW_BREAKS and short.sum() > 0.1 * (orders > 0).sum()
    return missing & ~short if often else missing


def _cut_days(days: pd.DataFrame) -> list[int]:
    """The first and the last day, where an export that began or ended in the middle of it has cut it short."""
    orders, used = days["orders"].to_numpy(), days["use"].to_numpy()
    found = []
    for at, near in ((0, range(7, 7 * CUT_WEEKS + 1, 7)), (len(days) - 1, range(-7, -7 * CUT_WEEKS - 1, -7))):
        same = [orders[at + step] for step in near if 0 <= at + step < len(days) and used[at + step]]
        if used[at] and len(same) >= 2 and min(same) >= CUT_LEAST and orders[at] < CUT_SHARE * min(same):
            found.append(at)
    return found
