"""Who does what: a start-up that a slider waits for, and a large team over a year."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from ecteam.people.assign import assign_people
from tests.benchmarks.result import Result, best_seconds


def benchmarks() -> Iterator[Result]:
    assign_people(**wish(2, 3))
    for heads, duties, months, roles, at_most in (
        (6, 25, 1, 1, 0.15),
        (6, 25, 12, 1, 1),
        (20, 40, 1, 1, 0.5),
        (50, 60, 1, 1, 1),
        (50, 60, 12, 8, 2),
        (300, 60, 12, 20, 5),
    ):
        case = wish(heads, duties, months, roles)
        seconds = best_seconds(lambda case=case: assign_people(**case), 3)
        yield Result(f"people there: {heads} heads, {duties} duties, {months} months", seconds, "s", at_most=at_most)
    for heads, duties, months, roles, at_most in ((8, 25, 1, 1, 0.15), (300, 60, 12, 20, 5)):
        case = wish(heads, duties, months, roles, on_board=False)
        seconds = best_seconds(lambda case=case: assign_people(**case), 2)
        yield Result(f"{heads} candidates, {duties} duties, {months} months", seconds, "s", at_most=at_most)


def wish(heads: int, duties: int, months: int = 1, roles: int = 1, *, on_board: bool = True) -> dict[str, Any]:
    """A team that grows by 2 % a month and has 7 % of its time to spare in the fullest one; roles do not mix."""
    rng = np.random.default_rng(0)
    post = np.sort(rng.integers(0, 13, duties))
    role, its_role = np.arange(duties) % roles, np.arange(heads) % roles
    hours = rng.uniform(5, 60, (duties, 1)) * (1 + 0.02 * np.arange(months)) * rng.uniform(0.85, 1, (duties, months))
    for one in range(roles):
        mine = role == one
        room = (its_role == one).sum() - 0.05 * (len(np.unique(post[mine])) - 1)
        hours[mine] *= 0.93 * 130 * max(room, 0.5) / hours[mine].sum(axis=0).max()
    return {
        "duties": pd.DataFrame(
            {"post": post.astype(str), "role": role.astype(str)}, index=[f"duty {d}" for d in range(duties)]
        ),
        "hours": hours,
        "seats": pd.DataFrame(
            {
                "person": [f"person {s}" for s in range(heads)],
                "hired_as": its_role.astype(str),
                "department": "operations",
                "cost_per_month": 9000.0 + 500 * its_role,
                "on_board": on_board,
            }
        ),
        "productive_hours": 130.0,
        "months": pd.period_range("2027-01", periods=months, freq="M"),
        "may": its_role[:, None] == role,
        "hat_loss_share": 0.05,
        "owner_hours": 1.0,
    }
