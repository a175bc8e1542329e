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
from html import escape
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from packaging.requirements import Requirement

from ecteam.inputs.words import language
from ecteam.organisation import resilience
from ecteam.plan.people import PlanAssignment, kept_apart, problem_by_skills
from ecteam.plan.plan import Plan
from ecteam.view.fonts import FAMILY, FILE
from ecteam.view.table import Html
from ecteam.workshop.answers import key_of
from ecteam.workshop.cases import load_case

LEAST_PYTHON = (3, 11)
LEAST_MEMORY_GB, LEAST_DISK_GB = 1.0, 1.0
"""What one learner needs: a kernel with a plan, JupyterLab and a browser; the packages and some room."""
GB = 1024**3


class Line(NamedTuple):
    """One line of the run sheet: whether it is well, what was found, what to do if it is not; in both languages."""

    fine: bool
    found: tuple[str, str]
    do: tuple[str, str]


AGAIN = ("run the start script again", "请重新运行启动脚本")


def machine() -> list[Line]:
    """What the workshop needs of a machine, looked at now.

    >>> all(isinstance(line.fine, bool) for line in machine())
    True
    """
    python = f"Python {'.'.join(map(str, sys.version_info[:3]))}"
    where = f"{platform.system()} {platform.machine()}"
    old, font, memory = _old_packages(), FILE.is_file() and FILE.stat().st_size > 0, _free_memory()
    disk, heads = shutil.disk_usage(Path.cwd()).free / GB, load_case("tea").plan.totals["heads_last_month"]
    lines = [
        Line(
            sys.version_info >= LEAST_PYTHON,
            (f"{python} on {where}", f"{python}（{where}）"),
            ("install Python 3.11 or newer", "请安装 Python 3.11 或更新版本"),
        ),
        Line(
            not old,
            (f"ecteam {version('ecteam')} with its packages", f"ecteam {version('ecteam')} 及其依赖包"),
            (
                f"run the start script again; missing or too old: {', '.join(old)}",
                f"重新运行启动脚本；缺少或过旧：{'、'.join(old)}",
            ),
        ),
        Line(
            font,
            (f"Chinese in pictures: {FAMILY if font else 'no font'}", f"图中中文字体：{FAMILY if font else '没有'}"),
            AGAIN,
        ),
        Line(
            disk >= LEAST_DISK_GB,
            (f"{disk:.1f} GB of disk free", f"可用磁盘 {disk:.1f} GB"),
            ("make room on the disk", "请清理磁盘"),
        ),
        Line(
            os.access(Path.cwd(), os.W_OK) and _port_opens(),
            ("this folder can be written, and 127.0.0.1 answers", "文件夹可写，127.0.0.1 可用"),
            (
                "copy the lessons to a folder of your own; ask for help with the firewall",
                "把课程复制到自己的文件夹；防火墙问题请找助教",
            ),
        ),
        Line(heads > 0, (f"the tea shop is planned: {heads:.0f} people", f"茶叶店规划完成：{heads:.0f} 人"), AGAIN),
    ]
    if memory is not None:
        free = (f"{memory:.1f} GB of memory free", f"可用内存 {memory:.1f} GB")
        lines.insert(3, Line(memory >= LEAST_MEMORY_GB, free, ("close other programs", "请关闭其他程序")))
    return lines


def run_sheet() -> Html:
    """The lines as a notebook shows them; the first says whether all is well.

    >>> "127.0.0.1" in run_sheet()
    True
    """
    lines, column = machine(), 0 if language() == "en" else 1
    top = ("This machine is ready.", "这台电脑可以上课。")
    if wrong := sum(not line.fine for line in lines):
        top = (f"Not ready: {wrong} of {len(lines)} lines need a hand.", f"还差 {wrong} 项（共 {len(lines)} 项）。")
    rows = "".join(
        f"<li style='color:{'#00795c' if line.fine else '#a33b00'}'>{'✓' if line.fine else '✗'} "
        f"{escape(line.found[column])}{'' if line.fine else ' → ' + escape(line.do[column])}</li>"
        for line in lines
    )
    return Html(f"<div role='status'><b>{escape(top[column])}</b><ul style='list-style:none'>{rows}</ul></div>")


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
    def wish(self) -> PlanAssignment:
        """The work of the last month, for people who wear what their skills allow."""
        plan = self.plan
        return problem_by_skills(plan).in_month(len(plan.months) - 1)

    def limits(self) -> pd.DataFrame:
        """The limits that the division breaks: limit, person, duty, words."""
        return self.wish.limits(self.people, 0)

    @property
    def spared(self) -> pd.DataFrame:
        """The seats whose people have no work left: they need not be filled."""
        return self.seats[~self.seats["person"].isin(self.people["person"])]

    def saved(self) -> float:
        """What the posts that need not be filled would have cost in all months of the plan; 0 where a limit breaks."""
        if len(self.limits()):
            return 0.0
        months = [self.plan.months[-1].ordinal - month.ordinal + 1 for month in self.spared["opened"]]
        return float((self.spared["cost_per_month"] * months).sum())

    def owned_share(self) -> float:
        """The share of duties whose one owner works on it, may do it and has the hours, with no limit broken."""
        broken = self.limits()
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
        key_of(duty, here.people["duty"].unique(), ("duty", "职责")): key_of(name, people, ("person", "人"), spelled)
        for duty, name in made.items()
    }
