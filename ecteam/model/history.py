"""Read a shop's own orders: a CSV of order times or of hourly counts, in UTF-8 or GBK, checked before it is used."""

import io
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from ecteam.errors import InputError, did_you_mean
from ecteam.files import data_dir

TIME_COLUMNS = (
    "hour_start",
    "order_time",
    "invoice_time",
    "paid_at",
    "created_at",
    "timestamp",
    "datetime",
    "InvoiceDate",
    "订单付款时间",
    "付款时间",
    "支付时间",
    "订单创建时间",
    "下单时间",
    "创建时间",
    "时间",
)
ORDERS_COLUMNS = ("orders", "order_count", "订单数", "订单量")
ID_COLUMNS = ("order_id", "invoice_no", "InvoiceNo", "订单编号", "订单号")
STATUS_COLUMNS = ("kind", "order_status", "status", "订单状态")
CANCELLED = {"cancel_note", "cancelled", "canceled", "closed", "refunded", "交易关闭", "已取消", "已关闭"}
MEASURES = {
    "lines": ("order_lines", "lines", "行数"),
    "units": ("units", "pieces", "宝贝总数量", "件数"),
    "value": (
        "revenue_gbp",
        "revenue_cny",
        "revenue",
        "value_gbp",
        "value_cny",
        "买家实际支付金额",
        "实付金额",
    ),
    "returns": ("cancel_notes", "returns", "退货数"),
}


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

    >>> history = load_history("online_retail_hourly")
    >>> int(history.hourly["orders"].sum()), len(history.daily)
    (19771, 374)
    """
    path = history_path(name)
    sheet = path.with_suffix(".yaml")
    stamp = (str(path.resolve()), path.stat().st_mtime_ns, sheet.stat().st_mtime_ns if sheet.is_file() else 0)
    if stamp not in _loaded:
        datasheet = yaml.safe_load(sheet.read_text(encoding="utf-8")) if sheet.is_file() else {}
        _loaded[stamp] = read_history(path.read_bytes(), path.name, datasheet or {})
    return _loaded[stamp]


def read_history(raw: bytes, name: str, datasheet: Mapping[str, Any] | None = None) -> History:
    """Orders by hour from the bytes of a CSV: a row an order (or order line), or a row an hour with a count.

    Cancelled orders are left out. Raises `InputError` for an empty file, an unknown encoding, a missing column,
    unreadable times, negative counts, an hour given twice, and days that are missing without a reason.
    """
    datasheet = datasheet or {}
    table = _read_csv(raw, name)
    time_column = _find(table, "order times", datasheet.get("time_column"), TIME_COLUMNS, name, needed=True)
    orders_column = _find(table, "orders", datasheet.get("orders_column"), ORDERS_COLUMNS, name)
    times = pd.to_datetime(table[time_column], errors="coerce", format="mixed")
    if times.isna().any():
        row = int(np.flatnonzero(times.isna())[0])
        raise InputError(
            f"{name} row {row + 2}, column {time_column}: {table[time_column].iloc[row]!r} is no date and time"
        )
    if times.dt.tz is not None:
        times = times.dt.tz_localize(None)
    table = table.assign(hour_start=times.dt.floor("h"))
    table = _counted_hours(table, orders_column, name) if orders_column else _counted_orders(table)
    return History(name, table, _days(table, datasheet, name), datasheet)


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


def _read_csv(raw: bytes, name: str) -> pd.DataFrame:
    if not raw.strip():
        raise InputError(f"{name} is empty; it must be a CSV of order times or hourly counts")
    if b"\x00" in raw[:4096]:
        raise InputError(f"{name} is neither UTF-8 nor GBK text; save it as CSV in UTF-8")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise InputError(f"{name} is neither UTF-8 nor GBK text; save it as CSV in UTF-8")
    try:
        table = pd.read_csv(io.StringIO(text))
    except (pd.errors.ParserError, pd.errors.EmptyDataError):
        raise InputError(f"{name} is no table of comma-separated values") from None
    table.columns = [str(column).strip() for column in table.columns]
    if table.empty:
        raise InputError(f"{name} has a header but no rows; it must be a CSV of order times or hourly counts")
    return table


def _find(
    table: pd.DataFrame, what: str, named: str | None, usual: tuple[str, ...], name: str, needed: bool = False
) -> str | None:
    if named:
        if named in table.columns:
            return named
        raise InputError(f"{name} has no column {named!r} for {what}{did_you_mean(named, table.columns)}")
    found = next((column for column in usual if column in table.columns), None)
    if found is None and needed:
        raise InputError(
            f"{name} has no column of {what}: it has {', '.join(table.columns[:8])}; "
            f"name it one of {', '.join(usual[:3])}, {usual[-5]}"
        )
    return found


def _counted_hours(table: pd.DataFrame, orders_column: str, name: str) -> pd.DataFrame:
    """Hourly counts as they stand, once an hour."""
    columns = {"orders": orders_column} | {
        measure: found for measure, usual in MEASURES.items() if (found := next((c for c in usual if c in table), None))
    }
    hours = pd.DataFrame({"hour_start": table["hour_start"]})
    for measure, column in columns.items():
        hours[measure] = pd.to_numeric(table[column], errors="coerce")
        if (bad := hours[measure].isna() | (hours[measure] < 0)).any():
            row = int(np.flatnonzero(bad)[0])
            raise InputError(
                f"{name} row {row + 2}, column {column}: {table[column].iloc[row]!r}; it must be a number, 0 or more"
            )
    if (twice := hours["hour_start"].duplicated()).any():
        row = int(np.flatnonzero(twice)[0])
        raise InputError(
            f"{name} row {row + 2}: the hour {hours['hour_start'].iloc[row]:%Y-%m-%d %H:00} is there twice "
            f"({int(twice.sum())} such rows); each hour must stand once"
        )
    return hours.sort_values("hour_start", ignore_index=True)


def _counted_orders(table: pd.DataFrame) -> pd.DataFrame:
    """One row an order (or an order line, where an order number repeats) counted by hour."""
    status = next((column for column in STATUS_COLUMNS if column in table.columns), None)
    kept = table if status is None else table[~table[status].astype(str).str.strip().isin(CANCELLED)]
    number = next((column for column in ID_COLUMNS if column in table.columns), None)
    measures = {
        measure: found
        for measure, usual in MEASURES.items()
        if measure != "returns" and (found := next((c for c in usual if c in table), None))
    }
    kept = kept.assign(**{m: pd.to_numeric(kept[c], errors="coerce").fillna(0) for m, c in measures.items()})
    if number is not None:
        cancelled = kept[number].astype(str).str.startswith("C")
        kept = kept[~cancelled].assign(lines=kept.get("lines", 1))
        measures["lines"] = "lines"
        sums = dict.fromkeys(measures, "sum")
        kept = kept.groupby(number, sort=False).agg({"hour_start": "first", **sums})
    by_hour = kept.assign(orders=1).groupby("hour_start")[["orders", *measures]].sum()
    return by_hour.reset_index()


def _days(hours: pd.DataFrame, datasheet: Mapping[str, Any], name: str) -> pd.DataFrame:
    """Every calendar day with its orders; refuses days that are missing without a reason."""
    counts = hours.groupby(hours["hour_start"].dt.normalize())["orders"].sum()
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
            f"{name} has no rows on {len(gap)} days, the first {gap.iloc[0]:%Y-%m-%d}, the last "
            f"{gap.iloc[-1]:%Y-%m-%d}; add them (0 orders if closed), or list them under 'closed' or 'missing' in "
            f"{Path(name).stem}.yaml beside it"
        )
    return days.assign(closed=closed, use=~closed & ~known_missing)
