"""What does a shop's CSV say? Its columns, order times and numbers, from the bytes of the usual exports.

Cells are read as text, so that an order number keeps its digits and a sentence quotes a cell as it stands.
"""

import csv
import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.inputs.sheets import decoded
from ecteam.inputs.words import Note

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "time": (
        "hour_start",
        "order_time",
        "invoice_time",
        "paid_at",
        "created_at",
        "timestamp",
        "datetime",
        "InvoiceDate",
        "order_date",
        "date_created",
        "订单付款时间",
        "付款时间",
        "支付时间",
        "订单创建时间",
        "下单时间",
        "创建时间",
        "时间",
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
WRITE = "write times as 2026-03-05 14:30"


def read_table(raw: bytes, name: str) -> pd.DataFrame:
    """The rows of a CSV as text, with commas, semicolons or tabs between cells, in UTF-8 or GBK; blank rows left out.

    The index counts rows from 0 below the header, blank ones included: index + 2 is the row in a spreadsheet.
    """
    what = "it must be a CSV of order times or hourly counts"
    text = decoded(raw, name, what).lstrip("\ufeff\r\n")
    sep = max(",;\t", key=text.splitlines()[0].count)
    try:
        table = pd.read_csv(
            io.StringIO(text), sep=sep, dtype=str, keep_default_na=False, skip_blank_lines=False
        ).fillna("")  # fmt: skip
        header = [column.strip("\ufeff\t ") for column in next(csv.reader(io.StringIO(text), delimiter=sep))]
    except (pd.errors.ParserError, pd.errors.EmptyDataError, csv.Error):
        raise InputError(Note("no_csv", file=name)) from None
    if not isinstance(table.index, pd.RangeIndex):  # pandas makes an index of surplus cells and shifts the columns
        raise InputError(
            f"{name}: its rows have more cells than its header; give every column a name, and put a number or a text "
            f"with a comma in double quotes"
        )
    if len(table) < text.rstrip().count("\n"):
        _check_quotes(table, name)
    # pandas calls a second column of a name "name.1", so the header is read as it stands; blank headers do no harm.
    if twice := [column for i, column in enumerate(header) if column and column in header[:i]]:
        raise InputError(f"{name} has two columns {twice[0]!r}; each column must have a name of its own")
    table.columns = [str(column).strip("\ufeff\t ") for column in table.columns]
    table = table[(table != "").any(axis=1)]
    if table.empty:
        raise InputError(f"{name} has a header but no rows; {what}")
    return table


def _check_quotes(table: pd.DataFrame, name: str) -> None:
    """Refuse a cell that has swallowed rows, as a lone double quote makes it; a note of several lines is no harm."""
    for column in table.columns:
        row = rf"\n(?:[^\n]*[,;\t]){{{max(len(table.columns) - 1, 1)}}}"
        if (swallowed := table[column].str.contains(row)).any():
            raise InputError(
                f"{place(name, column, swallowed)}: the cell holds whole rows; put its text in a pair of double "
                f"quotes, with none inside"
            )


def find_columns(table: pd.DataFrame, datasheet: Mapping[str, Any], name: str) -> dict[str, str]:
    """What a column is for -> its header, by the datasheet (`time_column`, `orders_column` ...) or a usual name."""
    known = {_plain(column): column for column in reversed(table.columns)}
    found = {}
    for role, usual in COLUMNS.items():
        named = datasheet.get(f"{role}_column")
        if named and named not in table.columns:
            raise InputError(
                f"{name} has no column {named!r} for {WORDS.get(role, role)}{did_you_mean(named, table.columns)}"
            )
        header = named or next((known[_plain(column)] for column in usual if _plain(column) in known), None)
        if header:
            found[role] = header
    if "number" not in found and "lineitem_name" in known and "name" in known:
        found["number"] = known["name"]  # Shopify: a row an order line, its order number under "Name"
    if "time" not in found:
        usual = COLUMNS["time"]
        raise InputError(
            f"{name} has no column of order times: it has {', '.join(table.columns[:8])}; "
            f"name it one of {', '.join(usual[:3])}, {usual[-5]}"
        )
    if "orders" in found:  # Rows are hours, and their state, if any, is that of the shop.
        return {role: column for role, column in found.items() if role not in ("number", "status", "cancelled_at")}
    if _plain(found["time"]) == "hour_start":
        raise no_counts(table, found, name)
    return found


def no_counts(table: pd.DataFrame, columns: Mapping[str, str], name: str) -> InputError:
    """The refusal of a file of hours without a column of counts, which would be read as one order an hour."""
    others = [column for column in table.columns if column not in columns.values()]
    hints = [did_you_mean(usual, others) for usual in COLUMNS["orders"]]
    near = next((hint for hint in hints if hint.startswith("; did you mean")), "")
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
        _check_numbers_of_orders(cells["number"], columns["number"], name)
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


def _check_numbers_of_orders(cells: pd.Series, column: str, name: str) -> None:
    if (blank := cells == "").any():
        raise InputError(f"{place(name, column, blank)} is empty; every row must have the number of its order")
    # Excel keeps 15 digits of a number, so different orders would be taken for one.
    cut = cells.str.fullmatch(r"\d(?:\.\d+)?[Ee]\+\d+")
    if cut.any() or (cut := cells.str.fullmatch(r"\d{15}0{2,}")).all():
        raise InputError(
            f"{place(name, column, cut)}: {cells[cut].iloc[0]!r} is an order number that Excel has cut short; "
            f"use the export as it was before Excel saved it"
        )


def order_times(cells: pd.Series, column: str, name: str, zone: str | None = None) -> pd.Series:
    """The local times that the cells of a column say, all in one order of year, month and day.

    Year first; or day first or month first, whichever reads the whole column. With `zone` (such as Asia/Shanghai) times
    with an offset from UTC become that zone's. Raises `InputError` for what is no time, lacks the time of day, or can
    be read in two ways.
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


def _plain(column: str) -> str:
    return re.sub(r"[\s_-]+", "_", column.strip().lower())


def place(name: str, column: str, rows: pd.Series) -> str:
    """The first of these rows as a spreadsheet counts them, the header being row 1."""
    return f"{name} row {int(rows.index[rows][0]) + 2}, column {column}"
