"""The invented order histories of the cases: drawn by a recipe that their datasheets state, the same for ever."""

import numpy as np
import pandas as pd

FIRST_DAY, DAYS = "2026-08-03", 91
"""Thirteen weeks from a Monday, without a sales event of the calendar."""
HOURS = {
    "shop": [1, 0, 0, 0, 0, 0, 1, 2, 4, 6, 7, 7, 6, 6, 6, 6, 6, 5, 5, 7, 9, 9, 7, 4],
    "live": [6, 1, 0, 0, 0, 0, 0, 1, 2, 3, 3, 4, 4, 4, 4, 4, 4, 4, 7, 16, 20, 22, 18, 10],
    "office": [0, 0, 0, 0, 0, 0, 0, 1, 8, 14, 15, 11, 4, 9, 13, 12, 9, 4, 1, 1, 0, 0, 0, 0],
    "night": [7, 4, 2, 1, 1, 1, 1, 2, 3, 4, 5, 5, 6, 5, 5, 5, 5, 5, 6, 7, 9, 10, 10, 9],
}
WEEK = {
    "shop": [0.95, 0.95, 0.95, 0.98, 1.02, 1.1, 1.05],
    "live": [0.2, 1.0, 1.0, 1.0, 1.15, 1.35, 1.3],
    "office": [1.35, 1.3, 1.25, 1.25, 1.15, 0.5, 0.2],
    "night": [0.9, 0.9, 0.9, 0.95, 1.1, 1.15, 1.1],
}
CASES = {
    "tea": ("shop", 60, 0.15, 1),
    "womenswear": ("live", 420, 0.25, 2),
    "electronics": ("shop", 300, 0.12, 3),
    "packaging": ("office", 45, 0.1, 4),
    "virtual": ("night", 900, 0.1, 5),
}
"""Case -> its rhythm, orders a day, spread of the days' levels (share), seed."""


def made_orders(case: str) -> pd.DataFrame:
    """Orders by hour, only hours with orders: hour_start, orders.

    A day's level is the mean times its weekday's share and a gamma draw of mean 1; an hour's orders are Poisson.

    >>> made_orders("tea").head(2)
             hour_start  orders
    0  2026-08-03T07:00       1
    1  2026-08-03T08:00       4
    """
    rhythm, orders_per_day, spread, seed = CASES[case]
    draw = np.random.default_rng(seed)
    hours = np.array(HOURS[rhythm], dtype=float)
    levels = draw.gamma(1 / spread**2, spread**2, size=DAYS) * np.resize(WEEK[rhythm], DAYS) * orders_per_day
    orders = draw.poisson(levels[:, None] * hours / hours.sum()).ravel()
    start = pd.date_range(FIRST_DAY, periods=orders.size, freq="h").strftime("%Y-%m-%dT%H:%M")
    return pd.DataFrame({"hour_start": start, "orders": orders})[orders > 0].reset_index(drop=True)
