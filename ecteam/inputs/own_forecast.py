"""A shop's own forecast: monthly or daily figures, typed or in a csv or xlsx file, kept as a text of its figures, each
with its month or day before it where it has one: "1200, 1300" or "2027-01 1200, 2027-02 1300".
"""

import re
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecteam.inputs.calendar_units import DAYS_PER_YEAR, MONTHS_PER_YEAR
from ecteam.inputs.checks import InputError
from ecteam.inputs.tables import read_sheets
from ecteam.inputs.words import Note

MUST = Note("own_forecast_file")
_DATE = r"20\d\d[-/.]\d{1,2}(?:[-/.]\d{1,2})?"
_ENTRY = rf"(?:(?P<date>{_DATE})(?: 00:00:00)?[ \t:]+)?(?P<figure>\d+(?:\.\d+)?)"


def figures_in(text: str) -> list[tuple[str, float]]:
    """The figures in a text, each with its month or day or an empty text; raises `InputError` for what is none."""
    entries = [re.fullmatch(_ENTRY, part.strip()) for part in re.split(r"[,;\n]", text.strip(" []\n,;"))]
    rows = [(_iso(entry["date"]), float(entry["figure"])) for entry in entries if entry]
    dates = [date for date, _ in rows if date]
    uneven = len({len(date) for date, _ in rows}) > 1 or len(set(dates)) < len(dates)
    if len(rows) < len(entries) or uneven or not any(figure for _, figure in rows):
        raise InputError(Note("own_forecast_figures", must=MUST))
    if len(rows) < MONTHS_PER_YEAR:
        raise InputError(Note("own_forecast_short", n=len(rows), needed=MONTHS_PER_YEAR, must=MUST))
    return rows


def figures_text(given: str) -> str:
    """The text of an own forecast that was typed, or lies in a file; raises `InputError` as `figures_in`."""
    if re.fullmatch(r"[\[\]\d.,;:/\s-]+", given):
        rows = figures_in(given)
    else:
        rows = figures_in("\n".join(_lines(Path(given).expanduser())))
    return ", ".join(f"{date} {figure:.15g}".strip() for date, figure in rows)


def own_orders(text: str, months: pd.PeriodIndex) -> tuple[npt.NDArray[np.float64], bool]:
    """Orders of each month of a plan, or of each day of it (True).

    Figures without dates begin with the first month of the plan. Raises `InputError` for months or days of the plan
    that they lack.
    """
    rows = figures_in(text)
    days = pd.date_range(months[0].start_time, months[-1].end_time.normalize())
    daily = len(rows[0][0]) > len("2027-01") or (not rows[0][0] and len(rows) >= DAYS_PER_YEAR)
    wanted = [f"{day:%Y-%m-%d}" for day in days] if daily else [str(month) for month in months]
    figures = dict(rows) if rows[0][0] else dict(zip(wanted, (figure for _, figure in rows), strict=False))
    if missing := [date for date in wanted if date not in figures]:
        raise InputError(Note("own_forecast_gaps", n=len(missing), first=missing[0]))
    return np.array([figures[date] for date in wanted]), daily


def _lines(path: Path) -> list[str]:
    """The rows of a file, the header left out, their cells with blanks between them."""
    try:
        raw = path.read_bytes()
    except (OSError, ValueError):
        raise InputError(Note("no_own_forecast", name=str(path), must=MUST)) from None
    lines: list[str] = []
    for sheet in read_sheets(raw, path.name, what=MUST):  # of a text, one a separator
        lines = [line for row in sheet.cells if (line := " ".join(filter(None, row)))]
        if any(re.fullmatch(_ENTRY, line) for line in lines):
            break
    return lines if not lines or re.fullmatch(_ENTRY, lines[0]) else lines[1:]


def _iso(date: str | None) -> str:
    """2027-1-5 or 2027/01/05 as ISO has it."""
    return "-".join(part.zfill(2) for part in re.split(r"[-/.]", date)) if date else ""
