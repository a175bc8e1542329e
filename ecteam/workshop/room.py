"""Is this machine ready for the workshop? Versions, fonts, memory, disk and network, each with what to do if not.

A team's own division of the work: the plan's duties with some of them, whole, at other people.
"""

import os
import platform
import re
import shutil
import socket
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

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
    """One line of the run sheet: whether it is well, what was found, what to do if it is not."""

    fine: bool
    found: tuple[str, str]
    do: tuple[str, str]


def machine() -> list[Line]:
    """What the workshop needs of a machine, looked at now.

    >>> all(isinstance(line.fine, bool) for line in machine())
    True
    """
    return [*_python(), _packages(), _font(), *_memory(), _disk(), _loopback(), _model()]


def run_sheet() -> Html:
    """The lines as a notebook shows them; the first says whether all is well."""
    lines, column = machine(), 0 if language() == "en" else 1
    wrong = [line for line in lines if not line.fine]
    top = (
        ("This machine is ready.", "这台电脑可以上课。")
        if not wrong
        else (
            f"Not ready: {len(wrong)} of {len(lines)} lines need a hand.",
            f"还差 {len(wrong)} 项（共 {len(lines)} 项）。",
        )
    )
    rows = "".join(
        f"<li style='color:{'#00795c' if line.fine else '#a33b00'}'>{'✓' if line.fine else '✗'} "
        f"{escape(line.found[column])}{'' if line.fine else ' → ' + escape(line.do[column])}</li>"
        for line in lines
    )
    return Html(f"<div role='status'><b>{escape(top[column])}</b><ul style='list-style:none'>{rows}</ul></div>")


def _python() -> Iterator[Line]:
    here = ".".join(map(str, sys.version_info[:3]))
    where = f"{platform.system()} {platform.machine()}"
    yield Line(
        sys.version_info >= LEAST_PYTHON,
        (f"Python {here} on {where}", f"Python {here}（{where}）"),
        ("install Python 3.11 or newer", "请安装 Python 3.11 或更新版本"),
    )


def _packages() -> Line:
    """The packages that ecteam asks for, against what it asks of them."""
    old = []
    for asked in requires("ecteam") or []:
        found = re.match(r"([\w.-]+)>=([\d.]+)(?!.*extra)", asked)
        if found and not _reaches(found[1], found[2]):
            old.append(found[1])
    mine = version("ecteam")
    return Line(
        not old,
        (f"ecteam {mine} with its packages", f"ecteam {mine} 及其依赖包"),
        (
            f"run the start script again; missing or too old: {', '.join(old)}",
            f"重新运行启动脚本；缺少或过旧：{'、'.join(old)}",
        ),
    )


def _reaches(package: str, least: str) -> bool:
    try:
        have = version(package)
    except PackageNotFoundError:
        return False
    numbers = [[int(part) for part in re.findall(r"\d+", text)[:3]] for text in (have, least)]
    return numbers[0] >= numbers[1]


def _font() -> Line:
    fine = FILE.is_file() and FILE.stat().st_size > 0
    return Line(
        fine,
        (f"Chinese in pictures: {FAMILY if fine else 'no font'}", f"图中中文字体：{FAMILY if fine else '没有'}"),
        ("run the start script again", "请重新运行启动脚本"),
    )


def _memory() -> Iterator[Line]:
    """Free memory, where the system tells it without a further package."""
    told = Path("/proc/meminfo")
    if told.is_file():
        free = int(re.search(r"MemAvailable:\s+(\d+)", told.read_text())[1]) / 1024**2  # type: ignore[index]
        yield Line(
            free >= LEAST_MEMORY_GB,
            (f"{free:.1f} GB of memory free", f"可用内存 {free:.1f} GB"),
            ("close other programs", "请关闭其他程序"),
        )


def _disk() -> Line:
    free = shutil.disk_usage(Path.cwd()).free / GB
    return Line(
        free >= LEAST_DISK_GB,
        (f"{free:.1f} GB of disk free", f"可用磁盘 {free:.1f} GB"),
        ("make room on the disk", "请清理磁盘"),
    )


def _loopback() -> Line:
    """Whether this folder can be written and a port of this machine can be opened: JupyterLab needs both."""
    fine = os.access(Path.cwd(), os.W_OK)
    try:
        with socket.socket() as port:
            port.bind(("127.0.0.1", 0))
    except OSError:
        fine = False
    return Line(
        fine,
        ("this folder can be written, and 127.0.0.1 answers", "文件夹可写，127.0.0.1 可用"),
        (
            "copy the lessons to a folder of your own; ask for help with the firewall",
            "把课程复制到自己的文件夹；防火墙问题请找助教",
        ),
    )


def _model() -> Line:
    heads = load_case("tea").plan.totals()["heads_last_month"]
    return Line(
        heads > 0,
        (f"the tea shop is planned: {heads:.0f} people", f"茶叶店规划完成：{heads:.0f} 人"),
        ("run the start script again", "请重新运行启动脚本"),
    )


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
        may_do = self.plan.organised().may_do
        removed = resilience.remove_one(self.people, self.seats, may_do, keep_apart=kept_apart(self.plan.inputs))
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
