"""What the tests of batches share: small fleets, a small notebook, and waiting for something to be so."""

import csv
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil

from ecteam.inputs.files import data_dir
from ecteam.publish.cluster import try_once
from ecteam.publish.fleet import read_fleet
from ecteam.publish.journal import LOCK
from ecteam.publish.report import Job

FIRST = 'scenario = ""\nchanges = {}\nlang = "en"'
PLAN = "from ecteam import plan_shop\nplan = plan_shop(scenario, **changes)\nname = plan.scenario.name\nname"
MONTHS = 1


def notebook(folder, *cells, name="small.ipynb", first=FIRST, plan=PLAN):
    """A report notebook that makes its plan and then runs `cells`, which know the shop by `name`."""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in (first, plan, *cells)])
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    book.cells[0].metadata["tags"] = ["parameters"]
    nbformat.write(book, Path(folder) / name)
    return Path(folder) / name


def fleet_file(folder, names, orders=30, **columns):
    """A fleet of start-ups that plan one month; further columns hold one value a row."""
    path = Path(folder) / "fleet.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["name", "scenario", "months", "orders_per_day", *columns])
        for i, name in enumerate(names):
            table.writerow([name, "tea_shop_startup", MONTHS, orders + i, *(values[i] for values in columns.values())])
    return path


def fleet_of(folder, names, **columns):
    return read_fleet(fleet_file(folder, names, **columns))


def wait_until(true, seconds=120.0):
    """Wait until `true()` is so and return what it gives."""
    end = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
    return found


def sentences(rows):
    return {row["name"]: row["sentence"] for row in rows if row["sentence"]}


def files(folder):
    """Everything in a folder of reports that is not inside a report."""
    return sorted(path.name for path in Path(folder).iterdir())


def assert_right(fleet, out, names, show_pay=False):
    """Each report's plan is, byte by byte, the one of its own row, and nothing unfinished lies about."""
    for shop in fleet.shops:
        if shop.name in names:
            folder = out / shop.folder
            assert (folder / "plan.json").read_text(encoding="utf-8") == shop.plan().to_json(show_pay)
            assert json.loads((folder / "manifest.json").read_text())["scenario"] == shop.name
            assert (folder / "report.html").stat().st_size > 1000
    assert [name for name in files(out) if name.startswith(".batch")] == [LOCK]


def job(folder, *cells, seconds=60.0):
    """The job of a shop whose notebook runs `cells`."""
    (folder / "work").mkdir(exist_ok=True)
    (shop,) = fleet_of(folder, ["A"]).shops
    return Job(shop, notebook(folder, *cells), folder / "work", seconds)


def report(job):
    """The outcome of a job, in a process of its own forked from the server of this test run."""
    return try_once(job, str(data_dir().resolve()))


def servers(process):
    """The living server from which a process has reports forked, if it was asked for a report, in a list."""
    alive = [child for child in process.children() if child.status() != psutil.STATUS_ZOMBIE]
    return [child for child in alive if any("forkserver" in word for word in child.cmdline())]


def run_python(code, *arguments, **options):
    """Start a Python that runs `code` with the same packages, its output to read."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"},
        **options,
    )  # fmt: skip


BATCH = """
import sys
from pathlib import Path
from ecteam.publish.batch import run_fleet
from ecteam.publish.fleet import read_fleet
if __name__ == "__main__":
    fleet, out, notebook, scheduler = sys.argv[1:5]
    where = {"scheduler": scheduler, "insecure": True} if scheduler else {}
    run_fleet(read_fleet(Path(fleet)), Path(out), notebook=Path(notebook), **where, workers=2)
"""
