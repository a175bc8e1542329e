"""Is this machine ready for the workshop? Versions, fonts, memory, disk and network, each with what to do if not.

A team's own division of the work: the plan's duties with some of them, whole, at other people.
"""

import os
import platform
import re
import shutil
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any

import pandas as pd
from packaging.requirements import Requirement

from ecteam.inputs.words import text
from ecteam.organisation import resilience
from ecteam.plan.people import kept_apart, problem_by_skills
from ecteam.plan.plan import Plan
from ecteam.view.fonts import FAMILY, FILE
from ecteam.view.table import Html, filled
from ecteam.workshop.answers import key_of
from ecteam.workshop.cases import load_case

LEAST_PYTHON = (3, 11)
LEAST_MEMORY_GB, LEAST_DISK_GB = 1.0, 1.0
"""What one learner needs: a kernel with a plan, JupyterLab and a browser; the packages and some room."""
GB = 1024**3


def machine() -> list[tuple[bool, str, str]]:
    """What the workshop needs of a machine, looked at now: whether it is well, what was found, what to do if not.

    >>> all(isinstance(fine, bool) for fine, *_ in machine())
    True
    """
    python, where = ".".join(map(str, sys.version_info[:3])), f"{platform.system()} {platform.machine()}"
    old, font, memory = _old_packages(), FILE.is_file() and FILE.stat().st_size > 0, _free_memory()
    disk, heads = shutil.disk_usage(Path.cwd()).free / GB, load_case("tea").plan.totals["heads_last_month"]
    lines: list[tuple[bool, str, dict[str, Any]]] = [
        (sys.version_info >= LEAST_PYTHON, "python", {"version": f"Python {python}", "machine": where}),
        (not old, "packages", {"version": version("ecteam"), "old": old}),
        (font, "font", {"font": FAMILY if font else text("room.no_font")}),
        *([] if memory is None else [(memory >= LEAST_MEMORY_GB, "memory", {"gigabytes": memory})]),
        (disk >= LEAST_DISK_GB, "disk", {"gigabytes": disk}),
        (os.access(Path.cwd(), os.W_OK) and _port_opens(), "folder", {}),
        (heads > 0, "plan", {"heads": heads}),
    ]
    return [
        (
            fine,
            text(f"room.{key}", **found),
            text("room.again" if key in ("font", "plan") else f"room.{key}.do", **found),
        )
        for fine, key, found in lines
    ]


def run_sheet() -> Html:
    """The lines as a notebook shows them; the first says whether all is well.

    >>> "127.0.0.1" in run_sheet()
    True
    """
    lines = machine()
    wrong = sum(not fine for fine, *_ in lines)
    top = text("room.wrong", wrong=wrong, lines=len(lines)) if wrong else text("room.ready")
    return filled(Path(__file__).with_name("template") / "run_sheet.html.j2", top=top, lines=lines)


def _old_packages() -> list[str]:
    """The packages of ecteam that are missing or older than it asks for."""
    old = []
    for requirement in map(Requirement, requires("ecteam") or []):
        try:
            if not (requirement.marker or requirement.specifier.contains(version(requirement.name), prereleases=True)):
                old.append(requirement.name)
        except PackageNotFoundError:
            old.append(requirement.name)
    return old


def _free_memory() -> float | None:
    """Free memory in GB, where the system tells it without a further package."""
    system = Path("/proc/meminfo")
    free = re.search(r"MemAvailable:\s+(\d+)", system.read_text()) if system.is_file() else None
    return int(free[1]) / 1024**2 if free else None


def _port_opens() -> bool:
    """Whether a port of this machine can be opened, which JupyterLab needs."""
    try:
        with socket.socket() as port:
            port.bind(("127.0.0.1", 0))
    except OSError:
        return False
    return True


@dataclass(frozen=True, eq=False)
class Division:
    """Who does what in the last month of a plan, after duties have moved; judged by the limits of the people there."""

    plan: Plan
    moves: Mapping[str, str]

    @cached_property
    def seats(self) -> pd.DataFrame:
        """The seats of the last month, all filled."""
        return self.plan.organised().filled

    @cached_property
    def people(self) -> pd.DataFrame:
        """One row a person and duty: person, duty, hours (a month), accountable."""
        planned = self.plan.organised().people[["person", "duty", "hours", "accountable"]]
        stays = ~planned["duty"].isin(list(self.moves))
        whole = planned[~stays].groupby("duty", sort=False)["hours"].sum().reset_index()
        rows = whole.assign(person=whole["duty"].map(dict(self.moves)), accountable=True)
        return pd.concat([planned[stays], rows[planned.columns]], ignore_index=True) if len(rows) else planned

    @cached_property
    def limits(self) -> pd.DataFrame:
        """The limits that the division breaks, where people wear what they can: limit, person, duty, words."""
        return problem_by_skills(self.plan).in_month(len(self.plan.months) - 1).limits(self.people, 0)

    @property
    def spared(self) -> pd.DataFrame:
        """The seats whose people have no work left: they need not be filled."""
        return self.seats[~self.seats["person"].isin(self.people["person"])]

    def saved(self) -> float:
        """What the posts that need not be filled would have cost in all months of the plan; 0 where a limit breaks."""
        if len(self.limits):
            return 0.0
        months = [self.plan.months[-1].ordinal - month.ordinal + 1 for month in self.spared["opened"]]
        return float((self.spared["cost_per_month"] * months).sum())

    def owned_share(self) -> float:
        """The share of duties whose one owner works on it, may do it and has the hours, with no limit broken."""
        broken = self.limits
        duties = set(self.people["duty"])
        overloaded = broken.loc[broken["duty"] == "", "person"]
        theirs = self.people.loc[self.people["person"].isin(overloaded) & self.people["accountable"], "duty"]
        return 1 - len({*broken["duty"], *theirs} & duties) / len(duties)

    def covered_share(self) -> float:
        """The share of everybody's hours that the others could take over if one person left."""
        here = self.plan.organised()
        terms = {"keep_apart": kept_apart(self.plan.inputs), "days_to_fill": here.days_to_fill}
        removed = resilience.remove_one(self.people, self.seats, here.may_do, **terms)
        return float(removed["covered_hours"].sum() / removed["hours"].sum())


def moves_of(plan: Plan, made: Mapping[str, str]) -> dict[str, str]:
    """Moved duties by their keys, from what somebody wrote in either language; raises `NotYet` for unknown names."""
    here = plan.organised()
    seats = problem_by_skills(plan).seats
    people: list[Any] = seats["person"].tolist()
    spelled = dict(zip(seats["zh"], people, strict=True))
    return {
        key_of(duty, here.people["duty"].unique(), "duty"): key_of(name, people, "person", spelled)
        for duty, name in made.items()
    }
