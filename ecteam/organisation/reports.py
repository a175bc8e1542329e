"""Which report goes from whom to whom, how often, and what does it cost in hours?"""

from functools import cache
from pathlib import Path
from typing import Literal

import pandas as pd
from pydantic import Field, model_validator

from ecteam.inputs.calendar_units import WEEKS_PER_MONTH
from ecteam.inputs.files import data_dir
from ecteam.inputs.tables import Named, Positive, Ranged, RoleRow, load


class _ReportRow(Ranged[Positive], Named):
    report: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    from_role: str
    to_role: str
    frequency: Literal["daily", "weekly", "fortnightly", "monthly", "quarterly"]
    unit: Literal["hours a report"]

    @model_validator(mode="after")
    def _makes_sense(self) -> "_ReportRow":
        if self.from_role == self.to_role:
            raise ValueError(f"from_role and to_role are both {self.to_role!r}; a report goes to somebody else")
        return self


@cache
def read_reports(path: Path | None = None, roles: Path | None = None) -> pd.DataFrame:
    """Which reports does a shop write: report, from_role, to_role, frequency, low, typical, high (hours a report) ...?

    >>> read_reports().set_index("report").loc["books_closed", ["from_role", "to_role", "frequency"]].to_list()
    ['accountant', 'finance_manager', 'monthly']
    """
    known = load(roles or data_dir() / "assumptions" / "roles.csv", RoleRow)["role"]
    table = load(
        path or data_dir() / "organisation" / "reports.csv",
        _ReportRow,
        key="report",
        refs={"from_role": known, "to_role": known},
    )
    return table.drop(columns=["file", "row"])


def reporting_cadence(
    people: pd.DataFrame,
    seats: pd.DataFrame,
    tree: pd.DataFrame,
    *,
    working_days_per_month: float,
) -> pd.DataFrame:
    """Which report does each post give, to whom, how often, and how many hours a month does that take?

    `people`, one month of person, role (of the duty), hours; `seats`: person, hired_as, vacant; `tree` of
    `reporting_tree`. Returns one row a report whose post exists: report, en, zh, giver, taker (persons), from_role,
    to_role, frequency, times_per_month, hours_per_report, hours_per_month. The giver stands highest in the tree of
    those of the role, else works most on its duties; so does the taker, and where that is nobody, or the giver, the
    giver's manager is. What the one at the top would report to himself or herself is no report.

    >>> from ecteam.organisation.lines import reporting_tree
    >>> seats = pd.DataFrame({"person": ["Li", "Wang"], "hired_as": ["owner", "accountant"],
    ...                       "department": ["operations", "finance"], "vacant": False})
    >>> people = pd.DataFrame({"person": ["Li", "Wang"], "role": ["owner", "accountant"], "hours": [40.0, 90.0]})
    >>> cadence = reporting_cadence(people, seats, reporting_tree(seats), working_days_per_month=21)
    >>> cadence[["report", "giver", "taker", "hours_per_month"]]
             report giver taker  hours_per_month
    0  books_closed  Wang    Li              2.0
    """
    table = read_reports()
    times = {
        "daily": working_days_per_month,
        "weekly": WEEKS_PER_MONTH,
        "fortnightly": WEEKS_PER_MONTH / 2,
        "monthly": 1.0,
        "quarterly": 1 / 3,
    }
    wearer = _wearers(people, seats, tree)
    manager = tree.set_index("person")["manager"]
    giver = table["from_role"].map(wearer)
    above = giver.map(manager)
    taker = table["to_role"].map(wearer)
    taker = taker.where(taker.notna() & (taker != giver), above)
    rows = table[["report", "en", "zh", "from_role", "to_role", "frequency"]].assign(
        times_per_month=table["frequency"].map(times), hours_per_report=table["typical"]
    )
    rows.insert(3, "giver", giver)
    rows.insert(4, "taker", taker)
    rows["hours_per_month"] = rows["times_per_month"] * rows["hours_per_report"]
    return rows[giver.notna() & taker.notna() & (taker != "")].reset_index(drop=True)


def _wearers(people: pd.DataFrame, seats: pd.DataFrame, tree: pd.DataFrame) -> dict[str, str]:
    """Role -> who answers for it: the highest of those hired for it who are there, else who works most on it."""
    most = people.groupby(["role", "person"], sort=False)["hours"].sum().reset_index()
    most = most.sort_values("hours", ascending=False, kind="stable").drop_duplicates("role")
    there = seats[~seats["vacant"].astype(bool)]
    layer = there["person"].map(tree.set_index("person")["layer"])
    hired = there.assign(layer=layer).sort_values("layer", kind="stable").drop_duplicates("hired_as")
    worn = dict(zip(most["role"], most["person"], strict=True))
    return worn | dict(zip(hired["hired_as"], hired["person"], strict=True))
