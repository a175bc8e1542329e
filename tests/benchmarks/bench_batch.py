"""What issue 8 asks of fleets: reports a minute against plain papermill and against plain Python, memory, a check."""

import csv
import itertools
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import yaml

from ecteam.inputs.files import data_dir, notebooks_dir
from ecteam.publish.batch import run_fleet
from ecteam.publish.cluster import try_once
from ecteam.publish.fleet import Fleet, fleet_path, read_fleet
from ecteam.publish.report import NOTEBOOK, SCENARIO, Job
from ecteam.publish.workers import ONE_THREAD
from tests.benchmarks.result import Result

SHOPS = int(os.environ.get("ECTEAM_BENCH_SHOPS", "24"))
PLAIN = 12
"""Reports of the plain loop: one of each shop of the sample fleet, of which large ones take twice as long as small."""

# What people write first: papermill in a loop, then nbconvert.
LOOP = """
import sys, papermill
from nbconvert import HTMLExporter
notebook, out, *scenarios = sys.argv[1:]
for i, scenario in enumerate(scenarios):
    papermill.execute_notebook(notebook, f"{out}/{i}.ipynb", {"scenario": scenario}, progress_bar=False)
    page, _ = HTMLExporter(exclude_input=True).from_filename(f"{out}/{i}.ipynb")
    open(f"{out}/{i}.html", "w", encoding="utf-8").write(page)
"""
# The same cells as plain Python, imports paid once a process: values of a last line are shown as a notebook shows them.
CELLS = """
import ast, sys
import nbformat
from IPython.core.interactiveshell import InteractiveShell
notebook, *scenarios = sys.argv[1:]
show = InteractiveShell.instance().display_formatter.format
cells = [c for c in nbformat.read(notebook, as_version=4).cells if c.cell_type == "code"]
compiled = []
for cell in cells:
    tree = ast.parse(cell.source)
    last = ast.Expression(tree.body.pop().value) if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    compiled.append((compile(tree, "cell", "exec"), last and compile(last, "cell", "eval")))
for scenario in scenarios:
    space = {}
    for i, (body, last) in enumerate(compiled):
        exec(body, space)
        if last:
            show(eval(last, space))
        if "parameters" in cells[i].metadata.get("tags", []):
            space["scenario"] = scenario
"""


def fleet(folder: Path, shops: int) -> Fleet:
    """The sample fleet again and again, every shop with orders of its own."""
    with fleet_path("tea_shops").open(encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    orders = header.index("orders_per_day")
    with (folder / "fleet.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(header)
        for i, row in enumerate(itertools.islice(itertools.cycle(rows), shops)):
            table.writerow([f"{row[0]} {i}", *row[1:orders], float(row[orders]) + i / 10, *row[orders + 1 :]])
    return read_fleet(folder / "fleet.csv")


def python(code: str, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments], stderr=subprocess.DEVNULL, env=os.environ | ONE_THREAD
    )


def finish(*processes: subprocess.Popen[bytes]) -> None:
    for process in processes:
        if process.wait():
            raise RuntimeError("a process of the benchmark failed")


def seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


class Memory:
    """The most memory that this process's descendants hold at once, shared pages counted once for each that maps
    them by its share (PSS)."""

    def __enter__(self) -> "Memory":
        self.most, self.ended = 0, threading.Event()
        self.thread = threading.Thread(target=self._watch)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self.thread.join()

    def _watch(self) -> None:
        # To count pages holds up the process that has them.
        while not self.ended.wait(5.0):
            held = 0
            for process in [psutil.Process(), *psutil.Process().children(recursive=True)]:
                try:
                    held += process.memory_full_info().pss
                except (psutil.NoSuchProcess, psutil.AccessDenied):
                    # It has ended since it was listed.
                    continue
            self.most = max(self.most, held)


def benchmarks() -> Iterator[Result]:
    notebook = notebooks_dir() / NOTEBOOK
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shops = fleet(folder, SHOPS)
        scenarios = []
        for shop in shops.shops:
            # Each row as a scenario file of its own, which all ways can read; the rates of three shops aside.
            job = Job(shop, notebook, folder, 60)
            scenarios.append(folder / f"{shop.row}.{SCENARIO}")
            scenarios[-1].write_text(yaml.safe_dump(job["scenario"], allow_unicode=True), encoding="utf-8")
        paths = [str(path) for path in scenarios]
        plain = seconds(lambda: finish(python(LOOP, str(notebook), name, *paths[:PLAIN]))) / PLAIN
        with Memory() as memory:
            batch = seconds(lambda: run_fleet(shops, folder / "out", notebook=notebook))
        cells = seconds(lambda: finish(*(python(CELLS, str(notebook), *paths[i::2]) for i in (0, 1))))
        yield Result(f"reports a minute, {SHOPS} shops, two workers", 60 * SHOPS / batch, "/min", at_least=0)
        yield Result("plain papermill and nbconvert in a loop, a minute", 60 / plain, "/min", at_least=0)
        yield Result("batch against that loop", plain * SHOPS / batch, "times", at_least=5)
        yield Result("time against the same cells in two Pythons", batch / cells, "times", at_most=1.6)
        yield Result("memory of the fleet run (PSS)", memory.most / 1e9, "GB", at_most=2)
        data = str(data_dir().resolve())
        warm = [seconds(lambda s=shop: try_once(Job(s, notebook, folder, 60), data)) for shop in shops.shops[:6]]
        yield Result("one report, warm", min(warm), "s", at_most=1.5)
        fleet(folder, 10_000)
        check = [sys.executable, "-m", "ecteam.cli", "check", str(folder / "fleet.csv")]
        checked = min(seconds(lambda: subprocess.run(check, check=True, capture_output=True)) for _ in range(3))
        yield Result("ecteam check of 10,000 rows", checked, "s", at_most=3)
