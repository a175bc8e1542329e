"""What an employer's contributions are reckoned from, as a table: for those who check them with their own hands."""

from typing import Any

import numpy as np
import pandas as pd

from ecteam.pay.country_pack import Pack
from ecteam.pay.payroll_place import as_pack, known_day

FIGURES = ("rate", "floor", "cap", "threshold", "amount")


def employer_charges(place: str | Pack, on: Any) -> pd.DataFrame:
    """What does each contribution take of an employer, in each of some months?

    Parameters: payroll pack, and months (datetime64). Returns, for each distinct month, a row for every charge that is
    not a matter of choice: month, item, en, zh, base, period, rate, floor, cap, threshold, amount (NaN where the law
    sets none), to (the unit of the currency it is rounded to) and mode (half_up, half_down, down, up).

    A charge is max(min(max(pay, floor), cap) - threshold, 0) x rate + amount, rounded.

    >>> table = employer_charges("cn/hangzhou", np.array(["2026-08"], dtype="datetime64[M]"))
    >>> table.set_index("item").loc["pension", ["rate", "floor", "cap"]].tolist()
    [0.16, 4986.0, 25299.0]
    """
    pack = as_pack(place)
    rows = []
    for month in np.unique(np.asarray(on, dtype="datetime64[M]")):
        day = known_day(pack, month.astype("datetime64[D]").item())
        for key, item in pack.items.items():
            for charge in () if item.optional else item.employer:
                names = charge.model_dump()
                figures = {f: float(pack.value(names[f], day)) if names[f] else np.nan for f in FIGURES}
                about = {"month": month, "item": key, "en": item.name["en"], "zh": item.name["zh"]}
                about |= {"base": item.base, "period": item.period}
                rows.append(about | figures | {"to": float(item.rounding.to), "mode": item.rounding.mode})
    return pd.DataFrame(rows)
