"""Cells that run in the process itself show what a kernel shows; a preloaded process ends with who asked it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import nbformat
import psutil
import pytest

from ecteam.publish import preloaded
from ecteam.publish.one_report import job_of
from tests.batches import PLAN, fleet_of, notebook, run_python, wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reports are forked on Linux only")

# Streams, a value, rich values, pictures of both kinds, an empty cell, a magic, a last line with `;`.
CELLS = [
    "import sys\nprint('a')\nprint('b', end='')\nprint('c')",
    # A cell of its own: a kernel may show both streams in another order than they were written in.
    "print('e', file=sys.stderr)",
    "1 + 1",
    "1 + 1;",
    "import pandas as pd\npd.DataFrame({'x': [1, 2]})",
    "from IPython.display import HTML, display\ndisplay(HTML('<b>x</b>'), 'y')\nNone",
    "from ecteam.view import charts\ncharts.picture(charts.cost_by_item, plan)",
    "import matplotlib.pyplot as plt\nplt.figure(figsize=(1, 1)).gca().plot([1, 2]);",
    "   ",
    "%%capture\nprint('hidden')",
    "get_ipython() is not None, __name__",
    "_",
    "1 / 0",
]
WITHOUT_LIBRARIES = [cell for cell in CELLS if "pd" not in cell and "plt" not in cell and "charts" not in cell]
RUN = """
import sys
import papermill
from ecteam.publish import engine
if __name__ == "__main__":
    name, book, out = sys.argv[1:]
    if name:
        assert engine.register() == name
    try:
        papermill.execute_notebook(book, out, {"scenario": "tea_shop_startup", "changes": {"months": 1}},
                                   engine_name=name or None, progress_bar=False, kernel_name="python3")
    except papermill.PapermillExecutionError as error:
        print(error.ename, error.exec_count)
"""


def shown(path):
    """What each cell shows, without papermill's own marks and the traceback's file names."""
    found = []
    for cell in nbformat.read(path, as_version=4).cells:
        if "papermill-error-cell-tag" not in cell.metadata.get("tags", []):
            outputs = [{k: v for k, v in out.items() if k != "traceback"} for out in cell.get("outputs", [])]
            found.append((cell.source, cell.get("execution_count"), outputs))
    return found


@pytest.mark.parametrize(
    ("plan", "cells"), [("name = 'no plan'", WITHOUT_LIBRARIES), pytest.param(PLAN, CELLS, marks=pytest.mark.slow)]
)
def test_the_outputs_are_those_of_a_kernel(tmp_path, plan, cells):
    book, said = notebook(tmp_path, *cells, plan=plan), []
    runs = [
        run_python(RUN, name, book, tmp_path / out)
        for name, out in (("ecteam_in_process", "here.ipynb"), ("", "kernel.ipynb"))
    ]
    for run in runs:
        told, err = run.communicate(timeout=300)
        assert run.returncode == 0, err
        said.append(told.split()[0])
    assert said == ["ZeroDivisionError", "ZeroDivisionError"]
    here, kernel = shown(tmp_path / "here.ipynb"), shown(tmp_path / "kernel.ipynb")
    assert len(here) == len(kernel) == len(cells) + 3
    for mine, theirs in zip(here, kernel, strict=True):
        assert mine == theirs
    language = nbformat.read(tmp_path / "here.ipynb", as_version=4).metadata.language_info
    assert language == nbformat.read(tmp_path / "kernel.ipynb", as_version=4).metadata.language_info


WIDGET = "import ipywidgets as w\nw.IntSlider()"


def job(tmp_path, *cells, seconds=60.0):
    (tmp_path / "work").mkdir(exist_ok=True)
    (shop,) = fleet_of(tmp_path, ["A"]).shops
    return job_of(shop, notebook(tmp_path, *cells), tmp_path / "work", seconds)


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        (WIDGET, "NeedsKernel: the cell shows a widget; only a kernel can run it"),
        ("h = display('a', display_id=True)\nh.update('b')", "NeedsKernel: the cell updates what it has shown"),
        ("def f(:\n", "stopped with SyntaxError"),
        ("raise KeyboardInterrupt", "stopped with KeyboardInterrupt"),
        ("import sys\nsys.modules['papermill'] = None\nprint(sys.nothing)", "stopped with AttributeError"),
    ],
)
def test_a_cell_that_cannot_be_run_is_said(tmp_path, process, cell, sentence):
    outcome = process.report(job(tmp_path, cell))
    assert sentence in outcome["sentence"]
    assert outcome["try_again"]


def test_the_process_that_forks_has_one_thread_and_is_used_again(tmp_path, process):
    assert process.report(job(tmp_path, "import threading; threading.Thread(target=print).start()"))["sentence"] == ""
    first = process.process.pid
    assert psutil.Process(first).num_threads() == 1
    assert process.report(job(tmp_path))["sentence"] == ""
    assert process.process.pid == first
    assert psutil.Process(first).children() == []


def test_what_a_cell_prints_past_python_is_no_answer(tmp_path, process):
    cell = "import os\nos.write(1, b'{\"work\": 1}\\n')\nos.write(2, b'x')\nos.system('echo hello')"
    assert process.report(job(tmp_path, cell))["sentence"] == ""


def test_what_a_notebook_leaves_running_ends_with_it(tmp_path, process):
    cell = (
        "import subprocess\nleft = subprocess.Popen(['sleep', '1000'])\n"
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(left.pid))"
    )
    assert process.report(job(tmp_path, cell))["sentence"] == ""
    left = int((tmp_path / "pid").read_text())
    wait_until(lambda: not psutil.pid_exists(left), 20)


@pytest.mark.slow
def test_a_preloaded_process_that_is_killed_is_started_again(tmp_path, process):
    assert process.report(job(tmp_path))["sentence"] == ""
    os.kill(process.process.pid, signal.SIGKILL)
    wait_until(lambda: process.process.poll() is not None)
    assert process.report(job(tmp_path))["sentence"] == ""


@pytest.mark.slow
def test_a_loop_that_nothing_interrupts_is_killed(tmp_path, process, monkeypatch):
    cell = "import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True: pass"
    outcome = process.report(job(tmp_path, cell, seconds=2))
    assert outcome["sentence"] == ("the report was not ready within 2 s and was stopped in the cell 'import signal'")
    assert psutil.Process(process.process.pid).children() == []


ASK = """
import json, sys
from ecteam.publish.preloaded import Preloaded
from ecteam.files import data_dir
process = Preloaded(str(data_dir()))
print(process.started().pid)
process.report(json.loads(sys.argv[1]))
"""


@pytest.mark.slow
def test_the_process_and_its_child_end_with_who_asked(tmp_path):
    mark = tmp_path / "started"
    cell = f"import os\nopen({str(mark)!r}, 'w').write(str(os.getpid()))\nwhile True: pass"
    asking = run_python(ASK, json.dumps(job(tmp_path, cell, seconds=600)))
    server = int(asking.stdout.readline())
    child = int(wait_until(lambda: mark.is_file() and mark.read_text()))
    asking.send_signal(signal.SIGKILL)
    asking.communicate()
    wait_until(lambda: not psutil.pid_exists(server) and not psutil.pid_exists(child), 20)


@pytest.mark.slow
def test_a_child_ends_with_a_preloaded_process_that_is_killed(tmp_path):
    mark = tmp_path / "started"
    cell = f"import os\nopen({str(mark)!r}, 'w').write(str(os.getpid()))\nwhile True: pass"
    asking = run_python(ASK, json.dumps(job(tmp_path, cell, seconds=600)))
    server = int(asking.stdout.readline())
    child = int(wait_until(lambda: mark.is_file() and mark.read_text()))
    os.kill(server, signal.SIGKILL)
    wait_until(lambda: not psutil.pid_exists(child), 20)
    assert asking.wait(60) == 0
    asking.communicate()


@pytest.mark.slow
def test_without_a_fork_a_kernel_of_papermill_gives_the_same_report(tmp_path, process, monkeypatch):
    forked = process.report(job(tmp_path, *CELLS[:6]))
    monkeypatch.setattr(preloaded, "CAN_FORK", False)
    kernels = preloaded.Preloaded(process.data)
    with_kernel = kernels.report(job(tmp_path, *CELLS[:6]))
    assert (forked["sentence"], with_kernel["sentence"]) == ("", "")
    for name in ("plan.json", "team.csv", "cost.csv", "assumptions.csv", "scenario.yaml"):
        mine, theirs = (Path(out["work"], name).read_bytes() for out in (forked, with_kernel))
        assert mine == theirs
    # A widget has its kernel there.
    assert kernels.report(job(tmp_path, WIDGET))["sentence"] == ""
    late = kernels.report(job(tmp_path, "while True: pass", seconds=12))
    assert "was not ready within 12 s and was stopped in the cell 'while True: pass'" in late["sentence"]
    kernels.stop()


def test_a_process_that_cannot_get_ready_says_why(tmp_path):
    broken = preloaded.Preloaded(str(tmp_path / "no data"))
    outcome = broken.report(job(tmp_path))
    assert outcome["sentence"].startswith("the process that runs reports cannot start: ")
    assert not outcome["try_again"]


@pytest.mark.parametrize("first", ["papermill", "ecteam.publish.engine", "ecteam.publish.report"])
def test_papermill_finds_the_engine_by_its_entry_point_whatever_is_imported_first(first):
    code = (
        f"import {first}, papermill.engines as e; from ecteam.publish.engine import NAME;"
        "print(e.papermill_engines.get_engine(NAME).__module__)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["ecteam.publish.entry"]
