"""Cells that run in the process itself show what a kernel shows."""

import asyncio
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import nbformat
import pytest
import zmq
import zmq.asyncio
from jupyter_client.session import Session

from ecteam.publish.engine import ShellChannel
from tests.batches import PLAN, job, notebook, report, run_python

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
    "from ecteam.view import team\nteam.picture(team.cost_by_item, plan)",
    "import matplotlib.pyplot as plt\nplt.figure(figsize=(1, 1)).gca().plot([1, 2]);",
    "   ",
    "%%capture\nprint('hidden')",
    "get_ipython() is not None, __name__",
    "_",
    "1 / 0",
]
WITHOUT_LIBRARIES = [cell for cell in CELLS if "pd" not in cell and "plt" not in cell and "view" not in cell]
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


@pytest.mark.core
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
    for own, theirs in zip(here, kernel, strict=True):
        assert own == theirs
    books = [nbformat.read(tmp_path / name, as_version=4) for name in ("here.ipynb", "kernel.ipynb")]
    assert books[0].metadata.language_info == books[1].metadata.language_info


WIDGET = "import ipywidgets as w\nw.IntSlider()"


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
def test_a_cell_that_cannot_be_run_is_said(tmp_path, cell, sentence):
    outcome = report(job(tmp_path, cell))
    assert sentence in outcome.sentence
    assert outcome.try_again


def test_a_reply_that_comes_while_something_is_sent_is_not_overlooked():
    """As when nbclient tells the kernel what an Output widget shows: the run waited until its time was up."""

    async def seconds_to_hear():
        session = Session(key=b"secret")
        with (
            zmq.asyncio.Context() as context,
            context.socket(zmq.PAIR) as here,
            zmq.Context.shadow(context.underlying).socket(zmq.PAIR) as kernel,
        ):
            kernel.bind("inproc://shell")
            here.connect("inproc://shell")
            channel = ShellChannel(here, session)
            waiting = asyncio.ensure_future(channel.get_msg(timeout=2))
            # Until it waits for the socket.
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            began = time.monotonic()
            session.send(kernel, "execute_reply")
            channel.send(session.msg("comm_msg"))
            assert (await waiting)["msg_type"] == "execute_reply"
            return time.monotonic() - began

    # A thread of its own: the browser of other tests runs a loop in this one.
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(asyncio.run, seconds_to_hear()).result() < 1
