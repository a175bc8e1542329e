"""Read a shop's own orders: a CSV of order times or of hourly counts, in UTF-8 or GBK, checked before it is used.

Cells are read as text, so that an order number keeps its digits and an error quotes a cell as it stands.
"""

import csv
import io
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

from ecteam.inputs.calendar_units import DAYS_PER_WEEK
from ecteam.inputs.checks import InputError, did_you_mean, nearest
from ecteam.inputs.files import YamlLoader, data_dir
from ecteam.inputs.tables import date_or_month, decoded, is_day, plain
from ecteam.inputs.words import Note

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "time": (
        *("hour_start", "order_time", "invoice_time", "paid_at", "created_at", "timestamp", "datetime", "InvoiceDate"),
        *("order_date", "date_created", "订单付款时间", "付款时间", "支付时间", "订单创建时间", "下单时间"),
        *("创建时间", "时间"),
    ),
    "orders": ("orders", "order_count", "订单数", "订单量"),
    "number": ("order_id", "invoice_no", "InvoiceNo", "order_number", "order_no", "主订单编号", "订单编号", "订单号"),
    "status": ("kind", "order_status", "status", "financial_status", "订单状态"),
    "cancelled_at": ("cancelled_at", "canceled_at"),
    "lines": ("order_lines", "lines", "行数", "宝贝种类"),
    "units": ("units", "pieces", "lineitem_quantity", "宝贝总数量", "件数"),
    "value": ("revenue_gbp", "revenue_cny", "revenue", "value_gbp", "value_cny", "买家实际支付金额", "实付金额"),
    "returns": ("cancel_notes", "returns", "退货数"),
}
"""What a column is for, and the headers it usually has; capitals, blanks and hyphens do not matter."""
WORDS = {"time": "order times", "number": "order numbers", "status": "order states"}
OF_ORDER = {"宝贝种类", "宝贝总数量", "买家实际支付金额"}
"""Totals of an order, which an export repeats on each of its lines."""
MEASURES = ("lines", "units", "value", "returns")
NO_ORDER = re.compile(
    r"cancell?ed|取消|关闭|待付款|未付款|等待买家付款"
    r"|^(?:wc-)?(?:cancel_note|closed|refunded|voided|expired|failed|trash|draft|checkout-draft|pending[ _-]payment)$"
)
"""States, in small letters, of what is no order to ship: cancelled, closed, refunded or not yet paid."""
TIME = (
    r"^(?:(?P<year>\d{4})[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?"
    r"|(?P<first>\d{1,2})[-/.](?P<second>\d{1,2})[-/.](?P<last>\d{4}))"
    r"(?:(?:T|,?\s+)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<seconds>\d{2})(?:[.,]\d+)?)?\s*(?P<half>[AaPp][Mm])?)?"
    r"\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?$"
)
MUST = Note("order_file")
WRITE = "write times as 2026-03-05 14:30"


def read_table(raw: bytes, name: str) -> pd.DataFrame:
    """The rows of a CSV as text, with commas, semicolons or tabs between cells, in UTF-8 or GBK; blank rows left out.

    The index counts rows from 0 below the header, blank ones included: index + 2 is the row in a spreadsheet.
    """
    text = decoded(raw, name, MUST).lstrip("\ufeff\r\n")
    sep = max(",;\t", key=text.splitlines()[0].count)
    try:
        table = pd.read_csv(io.StringIO(text), sep=sep, dtype=str, keep_default_na=False, skip_blank_lines=False)
        table = table.fillna("")
        header = [column.strip("\ufeff\t ") for column in next(csv.reader(io.StringIO(text), delimiter=sep))]
    except (pd.errors.ParserError, pd.errors.EmptyDataError, csv.Error):
        raise InputError(Note("no_csv", file=name)) from None
    if not isinstance(table.index, pd.RangeIndex):  # pandas makes an index of surplus cells
        raise InputError(
            f"{name}: its rows have more cells than its header; give every column a name, and put a number or a text "
            f"with a comma in double quotes"
        )
    if len(table) < text.rstrip().count("\n"):
        # A lone double quote makes a cell swallow rows; a cell of several lines is allowed.
        for column in table.columns:
            row = rf"\n(?:[^\n]*[,;\t]){{{max(len(table.columns) - 1, 1)}}}"
            if (swallowed := table[column].str.contains(row)).any():
                raise InputError(
                    f"{place(name, column, swallowed)}: the cell holds whole rows; put its text in a pair of double "
                    f"quotes, with none inside"
                )
    # pandas calls a second column of a name "name.1", so the header is read as it stands; blank headers do no harm.
    if twice := [column for i, column in enumerate(header) if column and column in header[:i]]:
        raise InputError(f"{name} has two columns {twice[0]!r}; each column must have a name of its own")
    table.columns = [str(column).strip("\ufeff\t ") for column in table.columns]
    table = table[(table != "").any(axis=1)]
    if table.empty:
        raise InputError(Note("no_rows", file=name, must=MUST))
    return table


def find_columns(table: pd.DataFrame, datasheet: Mapping[str, Any], name: str) -> dict[str, str]:
    """What a column is for -> its header, by the datasheet (`time_column`, `orders_column` ...) or a usual name."""
    known = {plain(column): column for column in reversed(table.columns)}
    headers = {}
    for role, usual in COLUMNS.items():
        named = datasheet.get(f"{role}_column")
        if named and named not in table.columns:
            raise InputError(
                f"{name} has no column {named!r} for {WORDS.get(role, role)}{did_you_mean(named, table.columns)}"
            )
        header = named or next((known[plain(column)] for column in usual if plain(column) in known), None)
        if header:
            headers[role] = header
    if "number" not in headers and "lineitem_name" in known and "name" in known:
        headers["number"] = known["name"]  # Shopify: a row an order line, its order number under "Name"
    if "time" not in headers:
        suggested = [*COLUMNS["time"][:3], "支付时间"]
        raise InputError(Note("no_time_column", file=name, columns=list(table.columns[:8]), usual=suggested))
    if "orders" in headers:  # Rows are hours, and their state, if any, is that of the shop.
        return {role: column for role, column in headers.items() if role not in ("number", "status", "cancelled_at")}
    if plain(headers["time"]) == "hour_start":
        raise _no_counts(table, headers, name)
    return headers


def _no_counts(table: pd.DataFrame, columns: Mapping[str, str], name: str) -> InputError:
    """The refusal of a file of hours without a column of counts, which would be read as one order an hour."""
    others = table.columns.difference(list(columns.values()), sort=False)
    near = next((did_you_mean(usual, others) for usual in COLUMNS["orders"] if nearest(usual, others)), "")
    return InputError(
        f"{name} has times of full hours in column {columns['time']} but no column of how many orders; "
        f"name it one of {', '.join(COLUMNS['orders'])}{near}"
    )


def orders_only(table: pd.DataFrame, columns: Mapping[str, str], name: str) -> pd.DataFrame:
    """The cells of the columns found, one column a role, of the rows that are orders: neither cancelled nor unpaid.

    Where exports write an order's time and state only on its first line, the other lines take them from there.
    """
    cells = pd.DataFrame({role: _unpacked(table[column]) for role, column in columns.items()})
    if "number" in cells:
        numbers, column = cells["number"], columns["number"]
        if (blank := numbers == "").any():
            raise InputError(f"{place(name, column, blank)} is empty; every row must have the number of its order")
        # Excel keeps 15 digits of a number, so different orders would be taken for one.
        cut = numbers.str.fullmatch(r"\d(?:\.\d+)?[Ee]\+\d+")
        if cut.any() or (cut := numbers.str.fullmatch(r"\d{15}0{2,}")).all():
            raise InputError(
                f"{place(name, column, cut)}: {numbers[cut].iloc[0]!r} is an order number that Excel has cut short; "
                f"use the export as it was before Excel saved it"
            )
        shared = [role for role in ("time", "status", "cancelled_at") if role in cells]
        first = cells[shared].replace("", None).groupby(cells["number"], sort=False).transform("first")
        cells[shared] = cells[shared].where(cells[shared] != "", first.fillna(""))
    dropped = pd.Series(False, cells.index)
    if "status" in cells:
        dropped |= cells["status"].str.lower().str.contains(NO_ORDER)
    if "cancelled_at" in cells:
        dropped |= cells["cancelled_at"] != ""
    if "number" in cells:
        # Credit notes of the kind C536379 among orders of the kind 536365; where all have a C, it is the shop's own.
        credit = cells["number"].str.fullmatch(r"C\d+")
        dropped |= credit & ~credit.all()
    if dropped.all():
        raise InputError(f"every row of {name} is a cancelled, closed or unpaid order; it must hold orders")
    return cells[~dropped]


def _unpacked(cells: pd.Series) -> pd.Series:
    """Cells without the tabs around them, the ="123" or the '123 that keep Excel from altering long numbers."""
    cells = cells.str.strip()
    packed = cells.str.startswith(("=", "'"))
    return cells.where(~packed, cells[packed].str.replace(r"^(?:=\"(.*)\"|'(.*))$", r"\1\2", regex=True))


def order_times(cells: pd.Series, column: str, name: str, zone: str | None = None) -> pd.Series:
    """The local times in a column: year first, or day or month first, whichever reads the whole column.

    With `zone` (such as Asia/Shanghai) times with an offset from UTC become that zone's. Raises `InputError` for what
    is no time, lacks the time of day, or can be read in two ways.
    """

    def refuse(bad: pd.Series, why: str) -> None:
        if bad.any():
            raise InputError(f"{place(name, column, bad)}{why.format(repr(cells[bad].iloc[0]))}")

    number = cells.str.fullmatch(r"\d+(?:[.,]\d+)?")
    part = cells.str.extract(TIME)
    year_first = part["year"].notna()
    refuse(cells == "", f" is empty; every order must have its time: {WRITE}")
    refuse(number, f": {{}} is a number, not a date and time; {WRITE}")
    refuse(~year_first & part["last"].isna(), ": {} is no date and time")
    refuse(part["hour"].isna(), f": {{}} has no time of day; {WRITE}")
    if not year_first.all():
        refuse(year_first, f": {{}} has the year first, other rows have it last; {WRITE}")
    dates = _dates(part, cells, column, name) if not year_first.any() else _assemble(part, "year", "month", "day")
    hour, minute = part["hour"].astype(int), part["minute"].astype(int)
    half = part["half"].str.lower()
    seconds = part["seconds"].fillna("0").astype(int)
    wrong = (hour > 23) | (minute > 59) | (seconds > 59) | half.notna() & ~hour.between(1, 12)
    refuse(dates.isna() | wrong, ": {} is no date and time")
    refuse(~dates.dt.year.between(2000, 2099), ": {} is not in the years 2000 to 2099; it must be the time of an order")
    hour = hour.where(half.isna(), hour % 12 + 12 * (half == "pm"))
    times = dates + pd.to_timedelta(60 * hour + minute, unit="min")
    if (times == dates).all() and dates.min() < dates.max():
        raise InputError(f"{name}, column {column}: every time is 00:00; it must hold the time of day: {WRITE}")
    return _local(times, part["zone"].fillna(""), column, name, zone)


def _dates(part: pd.DataFrame, cells: pd.Series, column: str, name: str) -> pd.Series:
    """Dates with the year last, by whichever order of day and month reads the whole column."""
    by_day, by_month = _assemble(part, "last", "second", "first"), _assemble(part, "last", "first", "second")
    missed, order = min((by_day.isna().sum(), "day"), (by_month.isna().sum(), "month"))
    chosen = by_day if order == "day" else by_month
    if missed:
        bad = chosen.isna()
        raise InputError(
            f"{place(name, column, bad)}: {cells[bad].iloc[0]!r} is no date and time with the {order} first, as other "
            f"rows have it; {WRITE}"
        )
    if by_day.notna().all() and by_month.notna().all() and (two := by_day != by_month).any():
        raise InputError(
            f"{place(name, column, two)}: {cells[two].iloc[0]!r} may be {by_day[two].iloc[0]:%Y-%m-%d} or "
            f"{by_month[two].iloc[0]:%Y-%m-%d}; {WRITE}"
        )
    return chosen


def _assemble(part: pd.DataFrame, year: str, month: str, day: str) -> pd.Series:
    return pd.to_datetime(part[year] + "-" + part[month] + "-" + part[day], format="%Y-%m-%d", errors="coerce")


def _local(times: pd.Series, offset: pd.Series, column: str, name: str, zone: str | None) -> pd.Series:
    """Times as the shop's clock shows them: as written where all have one offset, or in the zone of the datasheet."""
    offset = offset.str.replace(":", "").replace({"Z": "+0000", "UTC": "+0000", "GMT": "+0000", "-0000": "+0000"})
    sheet = f"{Path(name).stem}.yaml"
    say = f"name the shop's own zone in {sheet} beside it, such as 'time_zone: Asia/Shanghai'"
    kinds = list(dict.fromkeys(offset))
    if (zone and len(kinds) > 1 and "" in kinds) or (not zone and len(kinds) > 1):
        shown = " and ".join(kind or "none" for kind in sorted(kinds)[:2])
        raise InputError(f"{name}, column {column} has times of several zones ({shown}); write them in one, or {say}")
    if kinds == [""] or (not zone and kinds != ["+0000"]):
        return times
    if not zone:
        raise InputError(f"{name}, column {column} has times in UTC, which need not be the shop's own; {say}")
    minutes = offset.str[1:3].astype(int) * 60 + offset.str[3:5].replace("", "0").astype(int)
    utc = times - pd.to_timedelta(minutes.where(offset.str[0] == "+", -minutes), unit="min")
    return utc.dt.tz_localize("UTC").dt.tz_convert(zone).dt.tz_localize(None)


def read_numbers(cells: pd.Series, column: str, name: str, *, whole: bool = False, signed: bool = False) -> pd.Series:
    """The numbers that cells say, with or without thousands commas and a sign of money; 12,5 is twelve and a half.

    `whole` numbers only; `signed` allows negative ones.
    """
    values = pd.to_numeric(cells, errors="coerce")
    odd = cells[values.isna()].str.replace(r"^[¥￥$€£]\s*|\s*元$", "", regex=True)
    thousands = odd.str.fullmatch(r"-?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?")
    odd = odd.where(~thousands, odd.str.replace(",", ""))
    comma = odd.str.fullmatch(r"-?\d+,\d{1,2}")
    values = values.fillna(pd.to_numeric(odd.where(~comma, odd.str.replace(",", ".")), errors="coerce"))
    bad = ~np.isfinite(values) | ((values < 0) & (not signed))
    if comma.any():  # Beside 12,50 a 1.234 would be a thousand: no guess.
        bad |= cells.str.contains(".", regex=False)
    if bad.any():
        allowed = "it must be a number" if signed else "it must be a number, 0 or more"
        raise InputError(f"{place(name, column, bad)}: {cells[bad].iloc[0]!r}; {allowed}")
    if whole and (part := values % 1 != 0).any():
        raise InputError(f"{place(name, column, part)}: {cells[part].iloc[0]!r}; it must be a whole number of orders")
    return values.astype(float)


def place(name: str, column: str, rows: pd.Series) -> str:
    """The first of these rows as a spreadsheet counts them, the header being row 1."""
    return f"{name} row {int(rows.index[rows][0]) + 2}, column {column}"


BY_CHANCE = 0.01
"""A weekday, a break or a cut day is called so only where chance would do it in fewer than one history of a hundred."""
FAR_BELOW = 4.0
"""Deviations of the log below the median, at which a first or last day is no whole day."""
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
    if len(ends) > 2 or len({len(end) for end in ends}) > 1 or not all(_day_of_list(end, yearly) for end in ends):
        also = ", or of every year such as 12-25 or 12-24..01-02" if yearly else ""
        raise ValueError(f"must be a day such as 2026-02-16, or a range such as 2026-02-16..2026-02-23{also}")
    if len(ends[0]) == len("2026-02-16") and ends[0] > ends[-1]:
        raise ValueError("must end no earlier than it begins")
    return entry


def _day_of_list(text: str, yearly: bool) -> bool:
    form = r"(20\d\d-)?\d\d-\d\d" if yearly else r"20\d\d-\d\d-\d\d"
    return re.fullmatch(form, text) is not None and is_day(f"2028-{text}"[-10:])  # a leap year: 02-29 is a day


def _holidays_known(value: str) -> str:
    import holidays

    country, slash, part = value.partition("/")
    parts = holidays.list_supported_countries(include_aliases=True)
    if country not in parts:
        raise ValueError("must be the code of a country such as GB, or of a part of it such as GB/ENG")
    if slash and part not in parts[country]:
        raise ValueError(f"must be {country}, or {country}/ and a part of it{did_you_mean(part, parts[country])}")
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
    as_of: Annotated[Any, AfterValidator(date_or_month)] = ""
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
    `daily`: one row a calendar day: date, orders, closed (bool), use (bool: open, complete, and part of the fit), cut
    (bool: the file begins or ends within this day).
    """

    name: str
    hourly: pd.DataFrame
    daily: pd.DataFrame
    datasheet: Mapping[str, Any] = field(default_factory=dict)

    def closed_on(self, dates: pd.DatetimeIndex) -> np.ndarray:
        """Which dates the shop is closed, by its weekdays and its datasheet."""
        return closed_dates(dates, self.datasheet) | np.isin(dates.day_of_week, self.closed_weekdays)

    @property
    def closed_weekdays(self) -> list[int]:
        """Weekdays (0 = Monday) without an order in at least four weeks, which chance would hardly leave empty."""
        return _closed_weekdays(self.daily)

    @property
    def cut_days(self) -> list[date]:
        """The first and the last day, where the file begins or ends within them."""
        return self.daily.loc[self.daily["cut"], "date"].dt.date.tolist() if "cut" in self.daily else []

    def per_order(self, measure: str) -> float | None:
        """The average of `lines`, `units`, `value` or `returns` per order, where the file has that column.

        >>> round(load_history("online_retail_hourly").per_order("lines"), 1)
        26.7
        """
        if measure not in self.hourly.columns or not self.hourly["orders"].sum():
            return None
        return float(self.hourly[measure].sum() / self.hourly["orders"].sum())


def _closed_weekdays(daily: pd.DataFrame) -> list[int]:
    weekday = daily["date"].dt.day_of_week
    closed = []
    for day in range(DAYS_PER_WEEK):
        days, others = daily[weekday == day], daily[weekday != day]
        # How often is a day of the others empty: as in the file, and at least as often as chance alone has it.
        empty = max((others["orders"].eq(0).sum() + 1) / (len(others) + 2), math.exp(-others["orders"].mean()))
        if len(days) >= 4 and not days["orders"].any() and DAYS_PER_WEEK * empty ** len(days) < BY_CHANCE:
            closed.append(day)
    return closed


def _breaks(days: pd.DataFrame, counted: np.ndarray) -> np.ndarray:
    """Days in runs without orders that are too long for chance, (days,); `counted` are those that should have some."""
    empty = (days["orders"].eq(0) & counted).to_numpy()
    run = pd.Series(np.cumsum(~empty))
    length = pd.Series(empty).groupby(run).transform("sum").to_numpy()
    rate = days["orders"].sum() / max((counted & ~(empty & (length >= DAYS_PER_WEEK))).sum(), 1)
    return empty & (len(days) * np.exp(-rate * length) < BY_CHANCE)


def _cut(hours: pd.DataFrame, days: pd.DataFrame, use: np.ndarray) -> np.ndarray:
    """Whether the first and the last day were cut short, (days,).

    A day is cut where the hours before its first order, or after its last one, would hardly be without any, or where
    its orders lie far below those of the four weeks beside it (on the log scale, by the median and its deviation).
    """
    cut = np.zeros(len(days), dtype=bool)
    at, hour = hours["hour_start"].dt.normalize(), hours["hour_start"].dt.hour
    for end, side, rest in ((0, slice(1, 29), hour.lt), (-1, slice(-29, -1), hour.gt)):
        beside = days[side][use[side]]
        own = hours[(at == days["date"].iloc[end]) & (hours["orders"] > 0)]
        if own.empty or len(beside) < LEAST_DAYS - 1:
            continue
        edge = hour[own.index].min() if end == 0 else hour[own.index].max()
        missing = hours.loc[rest(edge) & at.isin(beside["date"]), "orders"].sum() / len(beside)
        log = np.log(beside["orders"] + 0.5)
        spread = max(1.4826 * float((log - log.median()).abs().median()), float(np.exp(-log.median() / 2)))
        low = np.log(days["orders"].iloc[end] + 0.5) < log.median() - FAR_BELOW * spread
        cut[end] = low or len(days) * math.exp(-missing) < BY_CHANCE
    return cut


def history_path(name: str) -> Path:
    """A history given by path, or by name in `data/history`; refuses with the nearest name."""
    sheets = sorted((data_dir() / "history").glob("*.yaml"))
    known = {sheet.stem: sheet.with_suffix(".csv") for sheet in sheets}
    if name in known:
        return known[name]
    if Path(name).is_file():
        return Path(name)
    raise InputError(Note("no_history", name=name, near=did_you_mean(name, known)))


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
            raise InputError(Note("history_too_short", file=path.name, n=days, least=LEAST_DAYS))
        _loaded[stamp] = history
    return _loaded[stamp]


def _datasheet(path: Path) -> dict[str, Any]:
    """What is said of a history in the YAML file beside it; nothing where there is none, or it is a scenario's."""
    if not path.is_file():
        return {}
    try:
        loader = YamlLoader(path.read_text(encoding="utf-8"))
        content = loader.get_single_data() or {}
    except (yaml.YAMLError, ValueError):
        raise InputError(f"{path.name} beside the order history is not valid YAML in UTF-8") from None
    if not isinstance(content, dict):
        raise InputError(f"{path.name} holds no fields; it must hold fields such as 'time_column: order_time'")
    if "return_share" in content:  # A scenario, which must say it, may have the name of its history.
        return {}
    if loader.repeated:
        raise InputError(
            [f"{path.name} gives {key!r} more than once; it must be there once" for key, _ in loader.repeated]
        )
    return content


def _checked(datasheet: Mapping[str, Any], sheet: str) -> dict[str, Any]:
    """The fields of a datasheet that are not empty; a sentence for each that is unknown or wrong."""
    filled = {str(key): value for key, value in datasheet.items() if value is not None}
    try:
        Datasheet.model_validate(filled)
    except ValidationError as error:
        raise InputError([_sentence(item, sheet) for item in error.errors()]) from None
    return filled


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

    Cancelled, closed and unpaid orders are left out. `datasheet`: see `Datasheet`. Raises `InputError` for a wrong
    datasheet, an empty file, an unknown encoding, a missing column, times that are unreadable or ambiguous, wrong
    counts, an hour given twice, no orders, impossible baskets, and days that are missing without a reason.
    """
    datasheet = _checked(datasheet or {}, f"{Path(name).stem}.yaml")
    table = read_table(raw, name)
    columns = find_columns(table, datasheet, name)
    cells = orders_only(table, columns, name)
    times = order_times(cells["time"], columns["time"], name, datasheet.get("time_zone"))
    by_order = columns.keys() & {"number", "status", "cancelled_at"} or len(table.columns) == 1
    if "orders" not in columns and not by_order and (times == times.dt.floor("15min")).all():
        raise _no_counts(table, columns, name)
    cells = cells.assign(time=times, hour_start=times.dt.floor("h"))
    count = _counted_hours if "orders" in columns else _counted_orders
    hours = count(cells, columns, name)
    if not hours["orders"].any():
        raise InputError(f"{name}, column {columns['orders']}: 0 orders in every row; it must hold orders")
    for top, bottom, words, least, most in RATIOS:
        ratio = hours[top].sum() / hours[bottom].sum() if {top, bottom} <= set(hours.columns) else least
        if not least <= ratio <= most:
            allowed = f"{least:g} or more" if most == math.inf else f"{least:g} to {most:,.15g}"
            raise InputError(
                f"{name}, column {columns.get(top) or columns['number']}: {ratio:.6g} {words} on average; it must "
                f"be {allowed}, or the column left out"
            )
    return History(name, hours, _days(hours, datasheet, name), datasheet)


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
    never = days["date"].dt.day_of_week.isin(_closed_weekdays(days))
    closed = closed_dates(dates, datasheet) & days["orders"].eq(0) | never
    known_missing = np.zeros(len(days), dtype=bool)
    for entry in [*datasheet.get("missing", []), *datasheet.get("incomplete_days", [])]:
        known_missing |= _in_range(dates, str(entry))
    silent = ~dates.isin(counts.index) & ~closed & ~known_missing
    # A small shop has days without an order; a day is missing when chance would hardly leave it empty.
    usual = days.loc[days["orders"] > 0, "orders"].median()
    if silent.any() and len(days) * math.exp(-usual) < 0.05:
        gap = days.loc[silent, "date"].dt.strftime("%Y-%m-%d").to_list()
        notes = f"{Path(name).stem}.yaml"
        raise InputError(Note("days_without_rows", file=name, n=len(gap), first=gap[0], last=gap[-1], notes=notes))
    use = ~closed & ~known_missing
    use &= ~_breaks(days, use)
    cut = _cut(hours, days, use) & use
    return days.assign(closed=closed, use=use & ~cut, cut=cut)
