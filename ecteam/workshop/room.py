"""Is this machine ready for the workshop? Versions, fonts, memory, disk and network, each with what to do if not."""

import os
import platform
import re
import shutil
import socket
import sys
from collections.abc import Iterator
from html import escape
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import NamedTuple

from ecteam.inputs.labels import Language
from ecteam.view.fonts import FAMILY, FILE
from ecteam.view.tables import Html
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


def run_sheet(lang: Language = "en") -> Html:
    """The lines as a notebook shows them; the first says whether all is well."""
    lines, column = machine(), 0 if lang == "en" else 1
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
