"""A shop's own forecast: twelve monthly figures, or one for each day, typed or in a csv or xlsx file."""

import csv
import io
import re
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecteam.inputs.calendar_units import DAYS_PER_YEAR, MONTHS_PER_YEAR
from ecteam.inputs.checks import InputError
from ecteam.inputs.tables import decoded, read_workbook
from ecteam.inputs.words import Note

MUST = Note("own_forecast_file")


def typed_figures(text: str) -> list[float] | None:
    """The figures of a list that was typed, such as "1200, 1300, 1250"; None for a text that is none.

    >>> typed_figures("1200, 1300.5"), typed_figures("forecast.csv")
    ([1200.0, 1300.5], None)
    """
    if not re.fullmatch(r"\s*\[?[\d.,;\s]+\]?\s*", text):
        return None
    try:
        return [float(part) for part in re.split(r"[,;\s]+", text.strip(" []\n")) if part]
    except ValueError:
        return None


def own_orders(text: str, months: pd.PeriodIndex) -> tuple[npt.NDArray[np.float64], bool]:
    """Orders of each month of a plan, or of each day of it (True), out of typed figures or a file.

    Figures without dates begin with the first month of the plan. Raises `InputError` for what is no forecast, a figure
    below 0, and months or days of the plan that it does not have.
    """
    name = Path(text).name if typed_figures(text) is None else "orders_per_month"
    dates, figures = (None, typed_figures(text)) if typed_figures(text) is not None else _in_file(Path(text))
    assert figures is not None
    if any(figure < 0 for figure in figures) or not any(figures):
        raise InputError(Note("own_forecast_figures", name=name, must=MUST))
    days = pd.date_range(months[0].start_time, months[-1].end_time.normalize())
    daily = len(figures) >= DAYS_PER_YEAR or (dates is not None and any(len(date) > len("2027-01") for date in dates))
    if dates is not None:
        wanted = [f"{day:%Y-%m-%d}" for day in days] if daily else [str(month) for month in months]
        known = dict(zip(dates, figures, strict=True))
        if missing := [date for date in wanted if date not in known]:
            raise InputError(Note("own_forecast_gaps", name=name, n=len(missing), first=missing[0]))
        return np.array([known[date] for date in wanted]), daily
    needed = len(days) if daily else len(months)
    if len(figures) < max(needed, MONTHS_PER_YEAR):
        raise InputError(Note("own_forecast_short", name=name, n=len(figures), needed=needed, must=MUST))
    return np.array(figures[:needed]), daily


def _in_file(path: Path) -> tuple[list[str] | None, list[float]]:
    """The dates (2027-01 or 2027-01-31; None where it has none) and figures in a file of one or two columns."""
    try:
        raw = path.expanduser().read_bytes()
    except OSError:
        raise InputError(Note("no_own_forecast", name=str(path), must=MUST)) from None
    if raw.startswith(b"PK"):
        rows = [[_written(cell) for cell in row] for row in next(read_workbook(raw, path.name)).rows]
    else:
        text = decoded(raw, path.name, MUST)
        rows = list(csv.reader(io.StringIO(text), delimiter=max(",;\t", key=text.count)))
    rows = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    rows = [row for row in rows if row]
    if rows and not re.fullmatch(r"[\d.]+", rows[0][-1]):
        rows = rows[1:]  # the header
    wide = {len(row) for row in rows}
    try:
        if wide not in ({1}, {2}):
            raise ValueError
        figures = [float(row[-1]) for row in rows]
        dates = [_date(row[0]) for row in rows] if wide == {2} else None
    except ValueError:
        raise InputError(Note("own_forecast_figures", name=path.name, must=MUST)) from None
    if dates and len(set(dates)) < len(dates):
        raise InputError(Note("own_forecast_figures", name=path.name, must=MUST))
    return dates, figures


def _written(cell: object) -> str:
    return "" if cell is None else str(cell)


def _date(text: str) -> str:
    """2027-1-5, 2027/01/05 or 2027-01 as ISO has it."""
    found = re.fullmatch(r"(20\d\d)[-/.](\d{1,2})(?:[-/.](\d{1,2}))?(?: 00:00:00)?", text)
    if not found:
        raise ValueError(text)
    return "-".join([found[1], *(part.zfill(2) for part in found.groups()[1:] if part)])
