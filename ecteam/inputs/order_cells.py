"""The cells of an order file as numbers: moments, states, keys of orders, quantities and values, part by part.

What is said in a cell is decided here; what it means for an order, in `order_lines`.
"""

import re
from collections import Counter
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecteam.inputs.checks import InputError
from ecteam.inputs.order_dialects import Columns, meaning, normal, usual_columns
from ecteam.inputs.order_files import OrderTable
from ecteam.inputs.order_times import LOCAL, NONE, READINGS, has_date, is_blank, read_clock, read_moments
from ecteam.inputs.tables import plain
from ecteam.inputs.words import Note

HEADER_AGAIN, TOTAL_ROW, NO_ORDER_ROW = 1, 2, 3
"""Rows that are no orders: a header that stands again among them, their sums, and what else a platform writes there."""
NUMBERS = ("quantity", "lines", "order_total", "line_total", "value", "unit_price", "orders", "returns", "returned")
"""Roles whose cells are numbers."""
NO_NUMBER = ("", "-", "--", "—", "N/A", "null", "nan", "None")
"""How a row without an order's number is written."""
NOT = ("false", "no", "n", "0", "否", "non", "nein", "não", "nee", "нет")
"""How a column of whether an order was cancelled says that it was not."""
BAD, COMMA, POINT = 1, 2, 4
"""What a number may be: none; one with a decimal comma; one with a point."""

Array = npt.NDArray[Any]


def read_cells(table: OrderTable, columns: Columns) -> tuple[dict[str, Array], Counter[str], int]:
    """The cells that are needed, as numbers: one array a name, one element a row that is not blank; how often
    each state stands there that is not known; and how many rows are blank in them."""
    places = columns.places
    states = _States(columns)
    parts, blank = [], 0
    for part in table.parts([at for role in places.values() for at in role if role]):
        cells = part.apply(_unpacked)
        filled = (cells != "").any(axis=1)
        cells, blank = cells[filled], blank + int((~filled).sum())
        if len(cells):
            parts.append(_as_numbers(table, columns, cells, states))
    if not parts:
        raise InputError(Note("no_rows", file=table.name, must=Note("order_file")))
    names = dict.fromkeys(name for part in parts for name in part)
    lengths = [len(part["row"]) for part in parts]

    def whole(name: str) -> Array:
        given = [part.get(name) for part in parts]
        missing = LOCAL if name.startswith("offset") else 0 if name.startswith(("rounded", "wrong")) else NONE
        return np.concatenate(
            [np.full(n, missing, np.int32) if one is None else one for one, n in zip(given, lengths, strict=True)]
        )

    rows = {}
    for name in names:
        rows[name] = whole(name)
        for part in parts:
            part.pop(name, None)
    # Excel keeps 15 digits of a number, so different orders would be taken for one.
    rounded = rows.pop("rounded", np.zeros(0, np.int8))
    number, cut = columns.one("number"), np.flatnonzero(rounded == IN_EXPONENTS)
    if not len(cut) and rounded.any() and rounded[rows["number"] != 0].all():
        cut = np.flatnonzero(rounded)
    if number is not None and len(cut):
        row, header = int(rows["row"][cut[0]]), table.headers[number]
        cell = table.cell(row, number).strip("' ")
        raise InputError(Note("order_number_cut", file=table.name, row=row, column=header, cell=cell))
    return rows, states.unknown, blank


_PACKED = re.compile(r"(?m)^[\s=\'\ufeff\u3000]|[ \t\r\u3000\ufeff]$")
_ROUNDED = re.compile(r"(?m)^(?:\d(?:\.\d+)?[Ee]\+\d+|\d{15}0{2,})$")
IN_EXPONENTS = 2


def _has(pattern: re.Pattern[str], cells: pd.Series) -> bool:
    """Whether any cell matches, asked of all of them at once: some hundred times faster than one by one."""
    return pattern.search("\n".join(cells.to_list())) is not None


def _unpacked(cells: pd.Series) -> pd.Series:
    """Cells without the blanks around them, the ="123" or the '123 that keep Excel from altering long numbers."""
    if not _has(_PACKED, cells):
        return cells
    cells = cells.str.strip("\ufeff\u3000 \t\r\n")
    return cells.str.replace(r"^(?:=\"(.*)\"|'(.*))$", r"\1\2", regex=True)


class _States:
    """States as flags; those that are not known are counted."""

    def __init__(self, columns: Columns) -> None:
        self._columns, self._known = columns, {"": 0}
        self.unknown: Counter[str] = Counter()

    def flags(self, cells: pd.DataFrame, orders: Array) -> Array:
        flags = np.zeros(len(cells), np.int32)
        for at in self._columns.places.get("state", ()):
            codes, states = pd.factorize(cells[at])
            for state in states:
                if state not in self._known:
                    self._known[state] = -1 if is_blank(state) else meaning(state, self._columns.dialect)
            found = np.array([self._known[state] for state in states], np.int32)
            for state, n in zip(states, np.bincount(codes[orders], minlength=len(states)), strict=True):
                if self._known[state] == 0 and state and n:
                    self.unknown[state] += int(n)
            flags |= np.maximum(found, 0)[codes]
        return flags


def _as_numbers(table: OrderTable, columns: Columns, cells: pd.DataFrame, states: _States) -> dict[str, Array]:
    places = columns.places
    times, number = places["time"], columns.one("number")
    totals = set(map(plain, usual_columns()["totals"].values()))
    why = np.zeros(len(cells), np.int8)
    dated = np.zeros(len(cells), bool)
    rows: dict[str, Array] = {"row": cells.index.to_numpy(np.int32)}
    for i, at in enumerate(times):
        moments = read_moments(cells[at])
        readable = has_date(moments).to_numpy()
        dated |= readable
        wrong = ~readable & ~moments["blank"].to_numpy()
        for name, usual in (("sure", NONE), *((one, NONE) for one in READINGS), ("second", NONE), ("offset", LOCAL)):
            if (moments[name] != usual).any():
                rows[f"{name}{i}"] = moments[name].to_numpy()
        if wrong.any():
            rows[f"wrong{i}"] = wrong
    odd = cells[~dated]
    labels = [at for at in (number, *times) if at is not None]
    for at in labels:
        words = odd[at].map(plain).str.rstrip(":_")
        why[np.flatnonzero(~dated)[words.isin(totals).to_numpy()]] = TOTAL_ROW
        why[np.flatnonzero(~dated)[(words == plain(table.headers[at])).to_numpy()]] = HEADER_AGAIN
    if columns.dialect and (skip := set(map(normal, columns.dialect.skip))):
        for at in {*labels[:1], *places.get("state", ()), *places.get("item", ())}:
            why[cells[at].map(normal).isin(skip).to_numpy()] = NO_ORDER_ROW
    rows["why"] = why
    if "clock" in places:
        rows["clock"] = read_clock(cells[places["clock"][0]])
    rows["flags"] = states.flags(cells, why == 0)
    for role, name in (("shipped", "sent"), ("cancelled_at", "stopped"), ("paid", "paid")):
        if role in places:
            rows[name] = _filled(cells, places[role])
    if number is not None:
        numbers = cells[number]
        rows["number"] = np.where(
            numbers.isin(NO_NUMBER), 0, pd.util.hash_array(numbers.to_numpy(object), categorize=False)
        )
        rows["credit"] = _credit_notes(numbers, columns)
        if _has(_ROUNDED, numbers):
            rows["rounded"] = np.where(numbers.str.contains("+", regex=False), IN_EXPONENTS, 1).astype(np.int8)
            rows["rounded"][~numbers.str.fullmatch(_ROUNDED.pattern[4:]).to_numpy(bool)] = 0
        if "item" in places:
            rows["item"] = sum(
                pd.util.hash_array(cells[at].to_numpy(object), categorize=False) * np.uint64(2 * i + 3)
                for i, at in enumerate(places["item"])
            )
    for role in NUMBERS:
        if role in places:
            rows[role], rows[f"bad_{role}"] = _numbers(cells[places[role][0]])
    if "currency" in places:
        rows["currency"] = pd.util.hash_array(cells[places["currency"][0]].to_numpy(object), categorize=False)
    return rows


def _filled(cells: pd.DataFrame, places: tuple[int, ...]) -> Array:
    filled = np.zeros(len(cells), bool)
    for at in places:
        codes, texts = pd.factorize(cells[at])
        filled |= np.array([not is_blank(text) and text.casefold() not in NOT for text in texts], bool)[codes]
    return filled


def _credit_notes(numbers: pd.Series, columns: Columns) -> Array:
    """Numbers of credit notes, such as C536379 among orders of the kind 536365."""
    letters = "".join((columns.dialect.cancelled_prefix if columns.dialect else []) or ["C"])
    if not _has(re.compile(rf"(?m)^[{letters}]\d+$"), numbers):
        return np.zeros(len(numbers), bool)
    return numbers.str.fullmatch(rf"[{letters}]\d+").to_numpy(bool)


def _numbers(cells: pd.Series) -> tuple[Array, Array]:
    """The numbers that cells say, NaN where blank; with or without signs of money and of thousands. 12,5 is 12.5."""
    values = pd.to_numeric(cells.where(cells != ""), errors="coerce").astype(float)
    kind = np.zeros(len(cells), np.int8)
    kind[(values % 1 > 0).to_numpy()] |= POINT
    odd = cells[values.isna() & (cells != "")]
    if len(odd):
        codes, texts = pd.factorize(odd)
        text = pd.Series(texts, dtype=object).str.normalize("NFKC").str.strip()
        text = text.str.replace(r"^\((.*)\)$", r"-\1", regex=True)
        text = text.str.replace(
            r"(?:\s|(?:us|rmb|hk|nt|ca|au)?\$|[¥￥€£元₫฿₹₱₩]|rp\.?|rm|r\$|s/|kr|zł|[a-z]{3})",
            "",
            regex=True,
            case=False,
        )
        thousands = text.str.fullmatch(r"-?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?")
        comma = text.str.fullmatch(r"-?\d{1,3}(?:\.\d{3})*,\d{1,2}|-?\d+,\d{1,2}")
        text = text.where(~thousands, text.str.replace(",", ""))
        text = text.where(~comma, text.str.replace(".", "").str.replace(",", "."))
        value = pd.to_numeric(text.where(text != ""), errors="coerce").to_numpy(float)
        blank = np.array([is_blank(word) for word in texts], bool)
        flags = np.where(comma, COMMA, 0) | np.where(np.isnan(value) & ~blank, BAD, 0)
        at = cells.index.get_indexer(odd.index)
        values = values.copy()
        values.iloc[at] = value[codes]
        if comma.any():  # 1.000 beside 12,50
            kind[cells.str.contains(".", regex=False).to_numpy(bool)] |= POINT
        kind[at] = (kind[at] & ~POINT) | flags[codes]
    kind[np.isinf(values.to_numpy())] |= BAD
    return values.to_numpy(), kind
