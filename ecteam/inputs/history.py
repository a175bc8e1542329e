"""Read a shop's own orders: a CSV of order times or of hourly counts, in UTF-8 or GBK, checked before it is used."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import available_timezones

import numpy as np
import pandas as pd
import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.inputs.files import data_dir
from ecteam.inputs.history_file import (
    MEASURES,
    OF_ORDER,
    find_columns,
    no_counts,
    order_times,
    orders_only,
    place,
    read_numbers,
    read_table,
)
from ecteam.inputs.words import Note

LEAST_DAYS = 14
"""Days with orders that a fit needs: every weekday twice, so that a weekday is told from a chance day."""
MOST_A_DAY = 1_000_000
"""Orders in one day, as for the `orders_per_day` of a scenario."""
RATIOS = (
    ("lines", "orders", "lines per order", 1.0, 500.0),
    ("units", "lines", "units per line", 1.0, 10_000.0),
    ("value", "orders", "of value per order", 0.0, math.inf),
    ("returns", "orders", "returns per order", 0.0, 0.95),
)
"""What an order may hold on average: measure, what it is divided by, words, least, most; as in a scenario."""


def _days_of(entry: Any, *, yearly: bool) -> Any:
    """A day or a range of days as a datasheet lists them; `yearly` ones may go without the year."""
    ends = str(entry).split("..")
    if len(ends) > 2 or len({len(end) for end in ends}) > 1 or not all(_is_day(end, yearly) for end in ends):
        also = ", or of every year such as 12-25 or 12-24..01-02" if yearly else ""
        raise ValueError(f"must be a day such as 2026-02-16, or a range such as 2026-02-16..2026-02-23{also}")
    if len(ends[0]) == len("2026-02-16") and ends[0] > ends[-1]:
        raise ValueError("must end no earlier than it begins")
    return entry


def _is_day(text: str, yearly: bool) -> bool:
    try:
        date.fromisoformat(f"2028-{text}"[-10:])  # a leap year: 02-29 is a day of some years
    except ValueError:
        return False
    return bool(re.fullmatch(r"20\d\d-\d\d-\d\d", text) or (yearly and re.fullmatch(r"\d\d-\d\d", text)))


def _date_or_month(value: Any) -> Any:
    text = str(value)
    if not re.fullmatch(r"20\d\d(-\d\d(-\d\d)?)?", text) or not _is_day(f"{text}-01-01"[:10], yearly=False):
        raise ValueError("must be a date such as 2026, 2026-11 or 2026-11-23")
    return value


def _holidays_known(value: str) -> str:
    import holidays

    country, slash, part = value.partition("/")
    parts = holidays.list_supported_countries(include_aliases=True)
    if country not in parts:
        raise ValueError("must be the code of a country such as GB, or of a part of it such as GB/ENG")
    try:
        holidays.country_holidays(country, subdiv=part if slash else None)
    except NotImplementedError:
        part = ""
    if slash and not part:
        wrong = value.partition("/")[2]
        raise ValueError(f"must be {country}, or {country}/ and a part of it{did_you_mean(wrong, parts[country])}")
    return value


def _zone_known(value: str) -> str:
    if value not in available_timezones():
        near = did_you_mean(value, sorted(available_timezones()))
        raise ValueError(f"must be a time zone such as Asia/Shanghai or Europe/London{near}")
    return value


_Text = Annotated[str, Field(description="a text, in quotes")]
_Header = Annotated[str, Field(description="the header of a column, in quotes")]
_Day = Annotated[Any, AfterValidator(partial(_days_of, yearly=False))]
_YearlyDay = Annotated[Any, AfterValidator(partial(_days_of, yearly=True))]
_DAYS = "a list of days such as ['2026-02-16', '2026-02-20..2026-02-23']"


class Datasheet(BaseModel):
    """What the YAML file beside a history may say of it, all of it optional."""

    model_config = ConfigDict(extra="forbid")

    title: _Text = ""
    source: _Text = ""
    licence: _Text = ""
    attribution: _Text = ""
    as_of: Annotated[Any, AfterValidator(_date_or_month)] = ""
    currency: _Text = ""
    columns: dict[Any, Any] = Field({}, description="lines such as 'orders: invoices of goods'")
    time_column: _Header = ""
    orders_column: _Header = ""
    number_column: _Header = ""
    status_column: _Header = ""
    cancelled_at_column: _Header = ""
    lines_column: _Header = ""
    units_column: _Header = ""
    value_column: _Header = ""
    returns_column: _Header = ""
    time_zone: Annotated[str, AfterValidator(_zone_known)] = Field("", description="a text such as 'Asia/Shanghai'")
    closed: list[_YearlyDay] = Field([], description=_DAYS)
    missing: list[_Day] = Field([], description=_DAYS)
    incomplete_days: list[_Day] = Field([], description=_DAYS)
    public_holidays: Annotated[str, AfterValidator(_holidays_known)] = Field("", description="a text such as 'GB/ENG'")
    gaps: list[_Text] = Field([], description="a list of texts")


@dataclass(frozen=True, eq=False)
class History:
    """Orders by hour over whole days, with what is known of closed and missing days.

    `hourly`: hour_start (naive local time), orders, and lines, units, value, returns where the file has them.
    `daily`: one row a calendar day: date, orders, closed (bool), use (bool: open, complete, and part of the fit).
    """

    name: str
    hourly: pd.DataFrame
    daily: pd.DataFrame
    datasheet: Mapping[str, Any] = field(default_factory=dict)

    def closed_on(self, dates: pd.DatetimeIndex) -> np.ndarray:
        """Which of these dates the shop is closed, by its weekdays and its datasheet."""
        return closed_dates(dates, self.datasheet) | np.isin(dates.day_of_week, self.closed_weekdays)

    @property
    def closed_weekdays(self) -> list[int]:
        """Weekdays (0 = Monday) without a single order in at least four weeks of history."""
        by_weekday = self.daily.groupby(self.daily["date"].dt.day_of_week)["orders"].agg(["sum", "size"])
        return by_weekday.index[(by_weekday["sum"] == 0) & (by_weekday["size"] >= 4)].tolist()

    def per_order(self, measure: str) -> float | None:
        """The average of `lines`, `units`, `value` or `returns` per order, where the file has that column.

        >>> round(load_history("online_retail_hourly").per_order("lines"), 1)
        26.7
        """
        if measure not in self.hourly.columns or not self.hourly["orders"].sum():
            return None
        return float(self.hourly[measure].sum() / self.hourly["orders"].sum())


def history_path(name: str) -> Path:
    """A history given by path, or by name in `data/history`; refuses with the nearest name."""
    sheets = sorted((data_dir() / "history").glob("*.yaml"))
    known = {sheet.stem: sheet.with_suffix(".csv") for sheet in sheets}
    if name in known:
        return known[name]
    if Path(name).is_file():
        return Path(name)
    raise InputError(f"there is no order history {name!r}{did_you_mean(name, known)}")


_loaded: dict[tuple[str, int, int], History] = {}


def load_history(name: str) -> History:
    """Read an order history once; it is read again only when the file has changed.

    Raises `InputError` as `read_history` does, and for orders on fewer than `LEAST_DAYS` days of the fit.

    >>> history = load_history("online_retail_hourly")
    >>> int(history.hourly["orders"].sum()), len(history.daily)
    (19771, 374)
    """
    path = history_path(name)
    sheet = path.with_suffix(".yaml")
    stamp = (str(path.resolve()), path.stat().st_mtime_ns, sheet.stat().st_mtime_ns if sheet.is_file() else 0)
    if stamp not in _loaded:
        history = read_history(path.read_bytes(), path.name, _datasheet(sheet))
        days = int((history.daily["use"] & (history.daily["orders"] > 0)).sum())
        if days < LEAST_DAYS:
            raise InputError(
                f"{path.name} has orders on {'1 day' if days == 1 else f'{days} days'} that count; it must have them "
                f"on at least {LEAST_DAYS} days, or give orders_per_day instead of a history"
            )
        _loaded[stamp] = history
    return _loaded[stamp]


class _Loader(yaml.SafeLoader):
    """Remembers keys that are given again, since YAML takes the last of them without a word."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.repeated: list[str] = []

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        self.repeated += [key for key in dict.fromkeys(keys) if keys.count(key) > 1]
        return super().construct_mapping(node, deep)


def _datasheet(path: Path) -> dict[str, Any]:
    """What is said of a history in the YAML file beside it; nothing where there is none, or it is a scenario's."""
    if not path.is_file():
        return {}
    try:
        loader = _Loader(path.read_text(encoding="utf-8"))
        content = loader.get_single_data() or {}
    except (yaml.YAMLError, ValueError):
        raise InputError(f"{path.name} beside the order history is not valid YAML in UTF-8") from None
    if not isinstance(content, dict):
        raise InputError(f"{path.name} holds no fields; it must hold fields such as 'time_column: order_time'")
    if "return_share" in content:  # A scenario, which must say it, may have the name of its history.
        return {}
    if loader.repeated:
        raise InputError(
            [f"{path.name} gives {key!r} more than once; it must be there once" for key in loader.repeated]
        )
    return content


def _checked(datasheet: Mapping[str, Any], sheet: str) -> dict[str, Any]:
    """The fields of a datasheet that say something; a sentence for each that is unknown or wrong."""
    said = {str(key): value for key, value in datasheet.items() if value is not None}
    try:
        Datasheet.model_validate(said)
    except ValidationError as error:
        raise InputError([_sentence(item, sheet) for item in error.errors()]) from None
    return said


def _sentence(item: Any, sheet: str) -> str:
    key, *entry = item["loc"]
    if item["type"] == "extra_forbidden":
        return f"{sheet}: a datasheet has no field {key!r}{did_you_mean(key, Datasheet.model_fields)}"
    shown = str(item["input"]) if isinstance(item["input"], date) else repr(item["input"])
    must = f"must be {'a text, in quotes' if entry else Datasheet.model_fields[key].description}"
    if item["type"] == "value_error":
        must = str(item["ctx"]["error"])
    return f"{sheet}: {f'entry {entry[0] + 1} of {key}' if entry else key} is {shown}; it {must}"


def read_history(raw: bytes, name: str, datasheet: Mapping[str, Any] | None = None) -> History:
    """Orders by hour from the bytes of a CSV: a row an order (or order line), or a row an hour with a count.

    Cancelled, closed and unpaid orders are left out. The datasheet may name columns (`time_column`, `orders_column`,
    `number_column`, `status_column`) and the `time_zone`. Raises `InputError` for a wrong datasheet, an empty file, an
    unknown encoding, a missing column, times that are unreadable or can be read in two ways, wrong counts, an hour
    given twice, no orders at all, baskets that no shop has, and days that are missing without a reason.
    """
    datasheet = _checked(datasheet or {}, f"{Path(name).stem}.yaml")
    table = read_table(raw, name)
    columns = find_columns(table, datasheet, name)
    cells = orders_only(table, columns, name)
    times = order_times(cells["time"], columns["time"], name, datasheet.get("time_zone"))
    by_order = columns.keys() & {"number", "status", "cancelled_at"} or len(table.columns) == 1
    if "orders" not in columns and not by_order and (times == times.dt.floor("15min")).all():
        raise no_counts(table, columns, name)
    cells = cells.assign(time=times, hour_start=times.dt.floor("h"))
    count = _counted_hours if "orders" in columns else _counted_orders
    hours = count(cells, columns, name)
    if not hours["orders"].any():
        raise InputError(f"{name}, column {columns['orders']}: 0 orders in every row; it must hold orders")
    _check_ratios(hours, columns, name)
    return History(name, hours, _days(hours, datasheet, name), datasheet)


def _check_ratios(hours: pd.DataFrame, columns: Mapping[str, str], name: str) -> None:
    """Refuse baskets that no shop has: fewer than one line an order or one unit a line, or below nothing."""
    for top, bottom, words, least, most in RATIOS:
        if {top, bottom} <= set(hours.columns):
            ratio = hours[top].sum() / hours[bottom].sum()
            if not least <= ratio <= most:
                allowed = f"{least:g} or more" if most == math.inf else f"{least:g} to {most:,.15g}"
                raise InputError(
                    f"{name}, column {columns.get(top) or columns['number']}: {ratio:.6g} {words} on average; it must "
                    f"be {allowed}, or the column left out"
                )


def closed_dates(dates: pd.DatetimeIndex, datasheet: Mapping[str, Any]) -> np.ndarray:
    """Which dates a datasheet calls closed: by `closed` (dates, ranges, with or without year) or `public_holidays`."""
    closed = np.zeros(len(dates), dtype=bool)
    for entry in datasheet.get("closed", []):
        closed |= _in_range(dates, str(entry))
    if datasheet.get("public_holidays") and len(dates):
        import holidays

        country, _, part = str(datasheet["public_holidays"]).partition("/")
        years = range(dates[0].year, dates[-1].year + 1)
        free = holidays.country_holidays(country, subdiv=part or None, years=years)
        closed |= dates.isin(pd.to_datetime(list(free)))
    return closed


def _in_range(dates: pd.DatetimeIndex, entry: str) -> np.ndarray:
    first, _, last = entry.partition("..")
    last = last or first
    if len(first) == len("MM-DD"):
        day = np.array(dates.strftime("%m-%d"))
        return (day >= first) & (day <= last) if first <= last else (day >= first) | (day <= last)
    return np.asarray((dates >= pd.Timestamp(first)) & (dates <= pd.Timestamp(last)))


def _counted_hours(cells: pd.DataFrame, columns: Mapping[str, str], name: str) -> pd.DataFrame:
    """Hourly counts as they stand, once an hour."""
    hours = cells[["hour_start"]]
    for measure in ("orders", *MEASURES):
        if measure in columns:
            values = read_numbers(cells[measure], columns[measure], name, whole=measure == "orders")
            hours = hours.assign(**{measure: values})
    if (twice := hours["hour_start"].duplicated()).any():
        row = hours.index[twice][0]
        raise InputError(
            f"{name} row {row + 2}: the hour {hours['hour_start'][row]:%Y-%m-%d %H:00} is there twice "
            f"({int(twice.sum())} such rows); each hour must stand once"
        )
    dates = hours["hour_start"].dt.normalize()
    if (many := hours.groupby(dates)["orders"].cumsum() > MOST_A_DAY).any():
        row = hours.index[many][0]
        raise InputError(
            f"{place(name, columns['orders'], many)}: {cells['orders'][row]!r} brings {dates[row]:%Y-%m-%d} above "
            f"{MOST_A_DAY:,} orders; a day must have at most {MOST_A_DAY:,}"
        )
    return hours.sort_values("hour_start", ignore_index=True)


def _counted_orders(cells: pd.DataFrame, columns: Mapping[str, str], name: str) -> pd.DataFrame:
    """One row an order (or an order line, where an order number repeats) counted by hour."""
    measures = [measure for measure in ("lines", "units", "value") if measure in columns]
    kept = cells.assign(**{m: read_numbers(cells[m].replace("", "0"), columns[m], name, signed=True) for m in measures})
    if "number" in columns:
        # Order numbers that repeat show a row an order line; where none does, lines are not known.
        if "lines" not in measures and kept["number"].duplicated().any():
            measures, kept = ["lines", *measures], kept.assign(lines=1)
        orders = kept.groupby("number", sort=False)
        first = orders["time"].transform("min")
        if (late := kept["time"] - first > pd.Timedelta(days=1)).any():
            row = kept.index[late][0]
            raise InputError(
                f"{name} row {row + 2}, column {columns['number']}: {kept['number'][row]!r} stands at {first[row]} and "
                f"at {kept['time'][row]}; a number must stand for one order, within a day"
            )
        sums = {m: "max" if columns.get(m) in OF_ORDER else "sum" for m in measures}
        kept = orders.agg({"hour_start": "min"} | sums)
    return kept.assign(orders=1).groupby("hour_start")[["orders", *measures]].sum().reset_index()


def _days(hours: pd.DataFrame, datasheet: Mapping[str, Any], name: str) -> pd.DataFrame:
    """Every calendar day with its orders; refuses days that are missing without a reason."""
    counts = hours.groupby(hours["hour_start"].dt.normalize())["orders"].sum()
    if counts.max() > MOST_A_DAY:
        raise InputError(
            f"{name} has {counts.max():,.0f} orders on {counts.idxmax():%Y-%m-%d}; a day must have at most "
            f"{MOST_A_DAY:,}"
        )
    dates = pd.date_range(counts.index.min(), counts.index.max(), name="date")
    days = pd.DataFrame({"date": dates, "orders": counts.reindex(dates).fillna(0).to_numpy(float)})
    weekday = days["date"].dt.day_of_week
    never = days.groupby(weekday)["orders"].transform("sum").eq(0) & days.groupby(weekday)["orders"].transform(
        "size"
    ).ge(4)
    closed = closed_dates(dates, datasheet) & days["orders"].eq(0) | never
    known_missing = np.zeros(len(days), dtype=bool)
    for entry in [*datasheet.get("missing", []), *datasheet.get("incomplete_days", [])]:
        known_missing |= _in_range(dates, str(entry))
    silent = ~dates.isin(counts.index) & ~closed & ~known_missing
    # A small shop has days without an order; a day is missing when chance would hardly leave it empty.
    usual = days.loc[days["orders"] > 0, "orders"].median()
    if silent.any() and len(days) * math.exp(-usual) < 0.05:
        gap = days.loc[silent, "date"]
        raise InputError(
            Note(
                "days_without_rows",
                file=name,
                n=len(gap),
                first=f"{gap.iloc[0]:%Y-%m-%d}",
                last=f"{gap.iloc[-1]:%Y-%m-%d}",
                notes=f"{Path(name).stem}.yaml",
            )
        )
    return days.assign(closed=closed, use=~closed & ~known_missing)
