"""A notebook runs in a child of this process, and whatever happens to either, no child is left."""

import os
import signal
import subprocess
import sys
import textwrap

import pytest

from ecteam.publish import forked as room
from ecteam.publish.forked import beside, can_fork, forked

linux = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")


@linux
def test_a_child_answers_and_what_it_does_stays_with_it():
    before = dict(os.environ)

    def work():
        os.environ["LEAK"] = "1"
        print("nobody sees this")
        return f"by {os.getpid()}"

    with forked(work) as ended:
        answer = ended()
    assert answer.startswith("by ")
    assert answer != f"by {os.getpid()}"
    assert dict(os.environ) == before


@linux
@pytest.mark.parametrize(
    ("work", "says"),
    [
        (lambda: os._exit(3), "its process ended with exit status 3"),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "its process was killed by signal 9"),
        (lambda: 1 / 0, "its process stopped with ZeroDivisionError: division by zero"),
        (lambda: "x" * 1_000_000, "x" * 1_000_000),
        (lambda: None, None),
    ],
)
def test_how_a_child_ended_is_said(work, says):
    with forked(work) as ended:
        assert ended() == says


@linux
def test_a_mistake_of_the_parent_leaves_no_child():
    here, before = [], children()

    def work():
        signal.pause()

    def fail():
        with forked(work):
            here.append(children())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert here[0] - before
    assert children() == before


def children():
    with open(f"/proc/self/task/{os.getpid()}/children") as file:
        return {int(number) for number in file.read().split()}


@linux
def test_a_child_dies_with_its_parent(tmp_path):
    ready = tmp_path / "ready"
    code = f"""
        import os, signal
        from ecteam.publish.forked import forked
        import numpy
        def work():
            print("ready", file=open({str(ready)!r}, "w"))
            signal.pause()
        with forked(work) as ended:
            while not os.path.exists({str(ready)!r}): pass
            os.kill(os.getpid(), signal.SIGKILL)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], timeout=60)
    assert done.returncode == -signal.SIGKILL


def test_both_ways_run_the_same_and_give_both_answers(monkeypatch):
    def run(**options):
        return f"with {sorted(options)}" if options else "in a kernel"

    monkeypatch.setattr(room, "can_fork", lambda: False)
    assert beside(run, lambda: "made") == ("in a kernel", "made")
    if sys.platform == "linux":
        monkeypatch.setattr(room, "can_fork", lambda: True)
        assert beside(run, lambda: "made") == ("with ['engine', 'request_save_on_cell_execute']", "made")
        needs = lambda **options: "the cell stopped with NeedsKernel: a widget" if options else None  # noqa: E731
        assert beside(needs, lambda: 1) == (None, 1)


def test_a_process_with_threads_is_not_forked():
    code = "import threading, time\nfrom ecteam.publish.forked import can_fork\nprint(can_fork())\n"
    code += "threading.Thread(target=time.sleep, args=(1,)).start()\nprint(can_fork())"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert said == [str(sys.platform == "linux"), "False"]
    assert can_fork() in (True, False)
