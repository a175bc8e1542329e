"""Count orders by the hour from the rows of an order file: what is an order, when it was made, and what it holds.

An order counts once, whatever its lines. What was never paid, was cancelled, or was refunded before it was sent does
not count; what is left out is counted by reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from ecteam.inputs.checks import InputError
from ecteam.inputs.order_cells import BAD, COMMA, NO_ORDER_ROW, NUMBERS, POINT, Array, read_cells
from ecteam.inputs.order_dialects import (
    CANCELLED,
    PART_REFUNDED,
    REFUNDED,
    RETURN_EVENT,
    RETURNED,
    SHIPPED,
    UNPAID,
    Columns,
    usual_word,
)  # fmt: skip
from ecteam.inputs.order_files import OrderTable
from ecteam.inputs.order_times import DAY_SECONDS, LOCAL, NONE, READINGS, Moments, Unclear, has_date, resolve
from ecteam.inputs.tables import plain
from ecteam.inputs.words import Note

MEASURES = ("lines", "units", "value", "returns")
MOST_A_DAY = 1_000_000
"""Orders in one day, as for the `orders_per_day` of a scenario."""
REASONS = (
    "header_again", "total_row", "no_order_row", "repeated_line", "credit_note", "return_line", "cancelled", "unpaid",
    "refunded_before_sent",
)  # fmt: skip
"""Why a row is left out; the first five are rows, the others orders."""
REPEATED_LINE, CREDIT_NOTE, RETURN_LINE, GONE, NEVER_PAID, NOT_SENT = range(NO_ORDER_ROW + 1, 10)
SAME_BY_CHANCE = 0.001
"""How often the lines of all orders may agree in their amounts by chance, which are then taken for those of lines."""
SECONDS_PER_HOUR = 3600
SHIFT_OF_SUMMER_TIME = 60
"""Minutes between two offsets of one place."""


@dataclass(frozen=True)
class Counted:
    """Orders by hour with their measures; whether the hours are known; what was left out, by reason; what to say."""

    hours: pd.DataFrame
    clock: bool
    left_out: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()


def count(table: OrderTable, columns: Columns, datasheet: Mapping[str, Any]) -> Counted:
    """The orders of a table by the hour. Raises `InputError` for what cannot be read in one way only."""
    rows, unknown, blank = read_cells(table, columns)
    at = columns.one("quantity")
    guessed = at is not None and plain(table.headers[at]) == "items" and "units_column" not in datasheet
    if guessed and np.isnan(rows["quantity"]).all():  # "items" stands over numbers or over texts.
        del rows["quantity"]
    read = _Rows(table, columns, datasheet, rows)
    if "orders" in columns.places:
        return read.counts()
    notes = [Note("order_state_unknown", state=state, n=n) for state, n in unknown.most_common(5)]
    if "number" not in columns.places and len(table.headers) > 2:
        notes.append(Note("order_each_row"))
    counted = read.orders(notes)
    if blank and "number" not in columns.places and len(table.headers) > 1:
        return replace(counted, left_out={**counted.left_out, "no_order_row": blank})
    return counted


class _Rows:
    """The rows of a table as numbers, and what they come to."""

    def __init__(
        self, table: OrderTable, columns: Columns, datasheet: Mapping[str, Any], rows: dict[str, Array]
    ) -> None:
        self.table, self.columns, self.datasheet, self.rows = table, columns, datasheet, rows
        self.notes: list[Note] = []

    def _header(self, role: str, i: int = 0) -> str:
        return self.table.headers[self.columns.places[role][i]]

    def refuse(self, key: str, at: int, role: str, i: int = 0, **values: Any) -> InputError:
        """The refusal of a row: what is wrong with the cell of a role."""
        row, place = int(self.rows["row"][at]), self.columns.places[role][i]
        cell = self.table.cell(row, place).strip()
        return InputError(
            Note(key, file=self.table.name, row=row, column=self.table.headers[place], cell=cell, **values)
        )

    # When

    def times(self, codes: Array | None = None) -> tuple[pd.Series, bool]:
        """The moment of each row, NaT where none is written, and whether hours are known.

        `codes`: the order of each row, where several may be of one. Exports write a moment on the first line of an
        order only: the others take it from there, before another column is asked.
        """
        found: pd.Series | None = None
        clock = True
        sheet, dialect = self.datasheet, self.columns.dialect
        for i in range(len(self.columns.places["time"])):
            moments = self._moments(i)
            if found is not None and not has_date(moments).any():
                continue
            choices = [sheet["day_first"]] if "day_first" in sheet else [dialect.day_first if dialect else None, None]
            resolved = self._resolved(i, moments, choices)
            asked = resolved.times if found is None else resolved.times[found.isna()]
            clock &= resolved.clock or asked.isna().all()
            self.notes += [note for note in resolved.notes if note not in self.notes]
            times = resolved.times
            if codes is not None and times.isna().any():
                times = times.fillna(times.groupby(codes).transform("first"))
            found = times if found is None else found.fillna(times)
        assert found is not None
        return found, clock

    def _moments(self, i: int) -> pd.DataFrame:
        names = ("sure", *READINGS, "second", "offset")
        nothing = np.full(len(self.rows["row"]), NONE, np.int32)
        nowhere = np.full(len(nothing), LOCAL, np.int32) if f"offset{i}" not in self.rows else nothing
        moments = pd.DataFrame(
            {name: self.rows.get(f"{name}{i}", nowhere if name == "offset" else nothing) for name in names}, copy=False
        )
        if "clock" in self.rows and (moments["second"] == NONE).all():
            moments["second"] = self.rows["clock"]
        return moments

    def _resolved(self, i: int, moments: pd.DataFrame, choices: list[bool | None]) -> Moments:
        dialect = self.columns.dialect
        zone = self.datasheet.get("time_zone", "")
        written = self.datasheet.get("times_in", "") or self._written(i)
        kinds = np.unique(moments.loc[moments["second"] != NONE, "offset"])
        spread = int(np.ptp(kinds)) if len(kinds) else 0
        platform_says = dialect.time_zone if dialect else ""
        own = platform_says == "shop" or (
            platform_says == "offset" and len(kinds) == 2 and spread == SHIFT_OF_SUMMER_TIME
        )
        for choice in choices:
            own_clock = own and not zone and written != "UTC"
            how: dict[str, Any] = {"day_first": choice, "zone": zone, "written": written, "own_clock": own_clock}
            try:
                return resolve(moments, **how)
            except Unclear as unclear:
                if unclear.key == "order_time_utc" and dialect:
                    # The days are those of UTC, and its hours are not the shop's.
                    days = resolve(moments, **(how | {"zone": "UTC"}))
                    return Moments(days.times, False, (Note("order_days_in_utc"),))
                if choice is choices[-1]:
                    at = -1 if unclear.rows is None else int(unclear.rows[0])
                    values = unclear.values | {"notes": f"{self.table.name.rpartition('.')[0]}.yaml"}
                    if at < 0:
                        raise InputError(
                            Note(unclear.key, file=self.table.name, column=self._header("time", i), **values)
                        ) from None
                    raise self.refuse(unclear.key, at, "time", i, **values) from None
        raise AssertionError("the last choice returns or raises")

    def _written(self, i: int) -> str:
        """The zone of times without an offset, as the header or the platform says; "" for the shop's own clock."""
        words = plain(self._header("time", i)).replace("(", "_").replace(")", "_").split("_")
        dialect = self.columns.dialect
        if "utc" in words or "gmt" in words or (dialect and dialect.time_zone.upper() == "UTC"):
            return "UTC"
        return dialect.time_zone if dialect and "/" in dialect.time_zone else ""

    # What

    def measure(self, role: str, kept: Array, *, signed: bool, whole: bool = False) -> Array:
        """The numbers of a role in the rows that are kept; refuses what is none."""
        values, kind = self.rows[role], self.rows[f"bad_{role}"]
        bad = (kind & BAD) > 0
        if ((kind & COMMA) > 0).any():  # Beside 12,50 a 1.234 would be a thousand: no guess.
            bad |= (kind & POINT) > 0
        if not signed:
            bad |= (values < 0) | np.isnan(values)
        if (bad := bad & kept).any():
            raise self.refuse("order_number_signed" if signed else "order_number_positive", int(np.argmax(bad)), role)
        if whole and (part := kept & (values % 1 != 0)).any():
            raise self.refuse("order_number_whole", int(np.argmax(part)), role)
        return values

    def orders(self, notes: list[Note]) -> Counted:
        rows, places = self.rows, self.columns.places
        n = len(rows["row"])
        why = rows["why"].copy()
        numbered = "number" in rows
        codes = pd.factorize(rows["number"])[0] if numbered else np.arange(n)
        many = bool(numbered and n and int(codes.max()) + 1 < n)
        times, clock = self.times(codes if many else None)
        dated = times.notna().to_numpy()
        blank = rows.pop("number") == 0 if numbered else np.zeros(n, bool)
        nothing = np.zeros(n, bool)
        flags, stopped, sent = rows["flags"], rows.get("stopped", nothing), rows.get("sent", nothing)
        if numbered:
            self._set_aside_rows_below(why, dated, blank)
            if (lost := blank & (why == 0)).any():
                raise self.refuse("order_number_blank", int(np.argmax(lost)), "number")
        if many:
            if (silent := flags == 0).any() and not silent.all():  # A state stands on the first line only, too.
                first = pd.Series(flags).where(~silent).groupby(codes).transform("first")
                flags = np.where(silent, first.fillna(0), flags).astype(np.int32)
            groups = pd.Series(stopped).groupby(codes)
            stopped = groups.transform("any").to_numpy() if stopped.any() else stopped
            sent = pd.Series(sent).groupby(codes).transform("any").to_numpy() if sent.any() else sent
            why[(why == 0) & self._repeated(codes, times)] = REPEATED_LINE
        open_rows = why == 0

        def leave_out(which: Array, reason: int) -> None:
            why[open_rows & (why == 0) & which] = reason

        if numbered and rows["credit"].any() and not rows["credit"][open_rows].all():
            leave_out(rows["credit"].astype(bool), CREDIT_NOTE)
        quantity = rows.get("quantity")
        back = (flags & RETURN_EVENT) > 0
        if quantity is not None and numbered:
            back |= quantity < 0
        leave_out(back, RETURN_LINE)
        leave_out(stopped | ((flags & CANCELLED) > 0), GONE)
        leave_out((flags & UNPAID) > 0, NEVER_PAID)
        if "paid" in rows:
            paid = rows["paid"].astype(bool)
            leave_out(~(pd.Series(paid).groupby(codes).transform("any").to_numpy() if many else paid), NEVER_PAID)
        refunded = (flags & REFUNDED) > 0
        gone_out = sent | ((flags & (SHIPPED | RETURNED)) > 0)
        if "shipped" in places:
            leave_out(refunded & ~gone_out, NOT_SENT)
        kept = why == 0
        if not kept.any():
            raise InputError(Note("order_none_left", file=self.table.name))
        self._refuse_unreadable(kept, times)
        came_back = refunded | ((flags & RETURNED) > 0) | back
        if "returned" in rows:
            came_back |= rows["returned"] > 0
        hours = self._by_hour(codes, times, kept, came_back, many)
        tells = bool(came_back[open_rows].any()) and bool(
            (refunded | ((flags & (RETURNED | PART_REFUNDED)) > 0) | back).any()
        )
        if not tells and "returns" in hours:
            hours = hours.drop(columns="returns")
        return Counted(hours, clock, self._left_out(why, codes, kept), (*self.notes, *notes))

    def _set_aside_rows_below(self, why: Array, dated: Array, blank: Array) -> None:
        """Rows without number and moment, and those below the last order that hold nothing of one, are no orders."""
        rows = self.rows
        why[(why == 0) & blank & ~dated] = NO_ORDER_ROW
        nothing = ~dated & (rows["flags"] == 0)
        for role in NUMBERS:
            if role in rows:
                nothing &= np.isnan(rows[role])
        last = np.flatnonzero(dated)[-1] if dated.any() else len(why)
        why[last + 1 :][(why[last + 1 :] == 0) & nothing[last + 1 :]] = NO_ORDER_ROW

    def _repeated(self, codes: Array, times: pd.Series) -> Array:
        """Lines of an order that stand again further below, as where two exports were joined."""
        block = np.cumsum(np.r_[True, codes[1:] != codes[:-1]])
        first = pd.Series(block).groupby(codes).transform("first").to_numpy()
        if (block == first).all():
            return np.zeros(len(codes), bool)
        names = [role for role in ("item", *NUMBERS, "flags") if role in self.rows]
        line = pd.DataFrame({name: self.rows[name] for name in names} | {"order": codes, "time": times.to_numpy()})
        line["nth"] = line.assign(block=block).groupby([*line.columns, "block"], dropna=False, sort=False).cumcount()
        return line.duplicated().to_numpy() & (block != first)

    def _refuse_unreadable(self, kept: Array, times: pd.Series) -> None:
        lost = kept & times.isna().to_numpy()
        if not lost.any():
            return
        at = int(np.argmax(lost))
        for i in range(len(self.columns.places["time"])):
            wrong = lost & (self.rows.get(f"wrong{i}", lost & False) == 1)
            if wrong.any():
                raise self.refuse("order_time_none", int(np.argmax(wrong)), "time", i, n=int(wrong.sum()))
        raise self.refuse("order_time_blank", at, "time", n=int(lost.sum()))

    def _by_hour(self, codes: Array, times: pd.Series, kept: Array, came_back: Array, many: bool) -> pd.DataFrame:
        rows = self.rows
        columns, how = {"back": came_back.astype(float)}, {"back": "max"}
        if "lines" in rows:
            columns["lines"] = self.measure("lines", kept, signed=True)
            how["lines"] = "max" if self._of_order("lines") else "sum"
        elif many:  # Where the number of an order repeats, a row is a line of it.
            columns["lines"], how["lines"] = np.ones(len(codes)), "sum"
        if "quantity" in rows:
            if (minus := kept & (rows["quantity"] < 0)).any():
                raise self.refuse("order_number_positive", int(np.argmax(minus)), "quantity")
            columns["units"] = self.measure("quantity", kept, signed=True)
            how["units"] = "max" if self._of_order("quantity") else "sum"
        if value := self._value(codes, kept):
            columns["value"], how["value"] = value
        orders = pd.DataFrame({name: column[kept] for name, column in columns.items()}, copy=False)
        seconds = times.to_numpy()[kept].astype("datetime64[s]").astype(np.int64)
        if many:
            numbers = codes[kept]
            self._refuse_number_used_again(numbers, seconds, kept)
            grouped = orders.assign(second=seconds).groupby(numbers, sort=False)
            orders = grouped.agg(how | {"second": "min"})
            orders["back"] = orders["back"].astype(bool) | orders.index.isin(codes[~kept & came_back])
            seconds = orders.pop("second").to_numpy()
        hour, first = seconds // SECONDS_PER_HOUR, seconds.min() // SECONDS_PER_HOUR
        counts = np.bincount(hour - first)
        found = np.flatnonzero(counts)
        starts = ((found + first) * SECONDS_PER_HOUR).astype("datetime64[s]")
        by_hour = pd.DataFrame({"hour_start": starts, "orders": counts[found]})
        for name in ("lines", "units", "value", "back"):
            if name in orders and orders[name].notna().any():
                total = np.bincount(hour - first, weights=np.nan_to_num(orders[name].to_numpy(float)))
                by_hour["returns" if name == "back" else name] = total[found]
        return by_hour

    def _of_order(self, role: str) -> bool:
        """Whether a column repeats a total of the order on each of its lines."""
        return plain(self._header(role)) in ("宝贝种类", "宝贝总数量")

    def _value(self, codes: Array, kept: Array) -> tuple[Array, str] | None:
        """What each row is worth, and whether that is to be summed over an order or stands on each of its lines."""
        rows = self.rows
        # Lines beyond the first of their order: without any, a line is an order.
        further = int(kept.sum()) - np.count_nonzero(np.bincount(codes[kept]))

        def differs(values: Array) -> bool:
            """Whether the lines of some order have different values."""
            if not further:
                return False
            spread = pd.Series(values[kept]).groupby(codes[kept], sort=False).agg(["min", "max"])
            return bool((spread["min"] < spread["max"]).any())

        def agree_by_chance(values: Array) -> bool:
            """Whether the lines of every order may have the same value as if drawn from those of the file."""
            alike = (pd.Series(values[kept]).value_counts(normalize=True) ** 2).sum()
            return bool(alike**further > SAME_BY_CHANCE)

        if "currency" in rows and len(np.unique(rows["currency"][kept])) > 2:
            self.notes.append(Note("order_currencies"))
            return None
        if "value" in rows:
            values = self.measure("value", kept, signed=True)
            if further and not differs(values):
                raise InputError(Note("order_value_unclear", file=self.table.name, column=self._header("value")))
            return values, "sum"
        for role, way in (("order_total", "max"), ("line_total", "sum")):
            if role in rows and not np.isnan(rows[role][kept]).all():
                values = self.measure(role, kept, signed=True)
                if self.columns.dialect:
                    return values, way
                # A table of one's own may call a line's amount a total, and an order's total "revenue".
                if role == "order_total":
                    return values, "sum" if differs(values) else way
                of_line = {"line", "item"} & set(usual_word(self._header(role)).split("_"))
                return values, way if not further or of_line or differs(values) or agree_by_chance(values) else "max"
        if "unit_price" in rows and not np.isnan(rows["unit_price"][kept]).all():
            return self.measure("unit_price", kept, signed=True) * rows.get("quantity", 1), "sum"
        return None

    def _refuse_number_used_again(self, numbers: Array, seconds: Array, kept: Array) -> None:
        """A till that begins at 1 each day would lose its orders; the numbers of a known platform are its orders'."""
        if self.columns.dialect:
            return
        first = pd.Series(seconds).groupby(numbers, sort=False).transform("min").to_numpy()
        late = np.flatnonzero(seconds - first > DAY_SECONDS)
        if len(late):
            one, other = (str(pd.Timestamp(moment[late[0]], unit="s")) for moment in (first, seconds))
            at = int(np.flatnonzero(kept)[late[0]])
            raise self.refuse("order_number_again", at, "number", first=one, second=other)

    def _left_out(self, why: Array, codes: Array, kept: Array) -> dict[str, int]:
        """How many rows, or orders of which nothing is kept, were left out for which reason."""
        found = {}
        gone = np.zeros(int(codes.max()) + 1, bool) if len(codes) else np.zeros(0, bool)
        gone[codes[kept]] = True
        for code, reason in enumerate(REASONS, start=1):
            which = why == code
            if code > REPEATED_LINE and code != RETURN_LINE:
                n = len(np.unique(codes[which & ~gone[codes]]))
            else:
                n = int(which.sum())
            if n:
                found[reason] = n
        return found

    # Counts

    def counts(self) -> Counted:
        """Counts as they stand, once an hour or once a day."""
        rows, places = self.rows, self.columns.places
        why = rows["why"].copy()
        times, clock = self.times()
        kept = why == 0
        self._refuse_unreadable(kept, times)
        hours = pd.DataFrame({"hour_start": times.dt.floor("h")})
        names = {"orders": "orders", "lines": "lines", "quantity": "units", "returns": "returns"}
        names |= {role: "value" for role in ("value", "line_total", "order_total") if role in places}
        for role, name in names.items():
            if role in rows and name not in hours:
                hours[name] = self.measure(role, kept, signed=False, whole=role == "orders")
        hours = hours[kept].copy()
        if (twice := hours["hour_start"].duplicated()).any():
            offset = self._moments(0)["offset"][kept]
            if not pd.DataFrame({"hour": hours["hour_start"], "offset": offset}).duplicated().any():
                hours = hours.groupby("hour_start", as_index=False).sum()  # The hour that summer time has twice.
            else:
                at = int(hours.index[twice][0])
                hour = f"{hours['hour_start'][at]:%Y-%m-%d %H:00}"
                raise self.refuse("order_hour_twice", at, "time", hour=hour, n=int(twice.sum()))
        days = hours["hour_start"].dt.normalize()
        if (many := hours.groupby(days)["orders"].cumsum() > MOST_A_DAY).any():
            at = int(hours.index[many][0])
            raise self.refuse("order_count_most", at, "orders", day=f"{days[at]:%Y-%m-%d}", most=MOST_A_DAY)
        if not hours["orders"].any():
            raise InputError(Note("order_counts_zero", file=self.table.name, column=self._header("orders")))
        return Counted(
            hours.sort_values("hour_start", ignore_index=True), clock, self._left_out(why, np.arange(len(why)), kept),
            tuple(self.notes),
        )  # fmt: skip
