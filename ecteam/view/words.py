"""Labels for people, in English and Chinese, and numbers as people read them."""

from functools import cache
from typing import Literal

import pandas as pd

from ecteam.assumptions import load_assumptions
from ecteam.errors import InputError, did_you_mean
from ecteam.files import data_dir

Language = Literal["en", "zh"]


@cache
def _labels() -> dict[str, tuple[str, str]]:
    table = pd.read_csv(data_dir() / "labels.csv", keep_default_na=False)
    tables = load_assumptions()
    found = {
        key: (row.en, row.zh)
        for frame in (tables.drivers, tables.duties, tables.roles)
        for key, row in frame.iterrows()
    }
    return found | {key: (en, zh) for key, en, zh in table.itertuples(index=False)}


def label(key: str, lang: Language = "en") -> str:
    """What people call a key of ours: a role, duty, driver, department, cost item or table column.

    >>> label("customer_service"), label("customer_service", "zh")
    ('Customer service', '客服')
    """
    if key not in _labels():
        raise InputError(f"there is no label for {key!r}{did_you_mean(key, _labels())}")
    return _labels()[key][0 if lang == "en" else 1]


def number(value: float) -> str:
    """A number with three significant digits or more, thousands grouped, and no digits that say nothing.

    >>> [number(v) for v in (1234567.8, 1234.5, 12.345, 0.01234, 3.0)]
    ['1,234,568', '1,234', '12.3', '0.0123', '3']
    """
    if value != value:
        return "–"
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:,.3g}"
