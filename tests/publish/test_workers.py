"""Each run of a notebook has a process of its own; whatever happens to it or to who asked, nothing is left running."""

import multiprocessing
import os
import pickle
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest

from ecteam.inputs.checks import InputError
from ecteam.inputs.files import data_dir
from ecteam.publish import cluster, workers
from ecteam.publish.workers import End, ReportStopped, beside, can_fork, child
from tests.batches import job, report, run_python, servers, wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")
FORK = multiprocessing.get_context("fork")
HERE = psutil.Process()


def test_a_child_answers_and_what_it_does_stays_with_it():
    before = dict(os.environ)

    def work(started):
        os.environ["LEAK"] = "1"
        print("nobody sees this")
        return f"by {os.getpid()}"

    with child(FORK, 60, work) as ended:
        end = ended()
    assert end.answer.startswith("by ")
    assert end == End(answer=end.answer)
    assert end.answer != f"by {os.getpid()}"
    assert dict(os.environ) == before


def raises(error):
    raise error


@pytest.mark.parametrize(
    ("work", "end"),
    [
        (lambda: os._exit(3), "the process ended with exit status 3 in the cell '1'"),
        (lambda: os._exit(0), "the process ended before the report was ready in the cell '1'"),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "the process was killed by signal 9 in the cell '1'"),
        (lambda: 1 / 0, "ZeroDivisionError: division by zero"),
        (lambda: raises(InputError(["a is 1.", "b is 2."])), End(None, "a is 1. b is 2.", "1", False)),
        (lambda: raises(ReportStopped("it is late")), "it is late"),
        (
            lambda: raises(OSError(28, "No space left on device")),
            "the report cannot be written: no space left on device",
        ),
        (lambda: sys.exit(0), "SystemExit: 0"),
        (lambda: "x" * 1_000_000, End("x" * 1_000_000)),
    ],
)
def test_how_a_child_ended_is_said(work, end):
    end = End(None, end, "1", True) if isinstance(end, str) else end

    def run(started):
        started("1")
        return work()

    with child(FORK, 60, run) as ended:
        assert ended() == end


def pause(started):
    started("the cell")
    signal.pause()


def test_a_child_that_is_late_is_killed(monkeypatch):
    monkeypatch.setattr(workers, "GRACE_SECONDS", 0.1)
    before = HERE.children()
    with child(FORK, 0.2, pause) as ended:
        sentence = "the report was not ready within 0.2 s and was stopped in the cell 'the cell'"
        assert ended() == End(None, sentence, "the cell", True)
    assert HERE.children() == before


def test_a_child_is_ended_when_it_is_to_be_stopped():
    before = HERE.children()
    stop, stopping = multiprocessing.Pipe(duplex=False)
    with child(FORK, 60, pause) as ended:
        stopping.send("stop")
        assert not ended(stop).try_again
    assert HERE.children() == before


def test_a_mistake_of_the_parent_leaves_no_child():
    here, before = [], HERE.children()

    def fail():
        with child(FORK, 60, pause):
            here.extend(HERE.children())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert len(here) == len(before) + 1
    assert HERE.children() == before


def test_a_child_dies_with_its_parent(tmp_path):
    ready = tmp_path / "ready"
    code = f"""
        import multiprocessing, os, signal
        from ecteam.publish.workers import child
        def work(started):
            print(os.getpid(), file=open({str(ready)!r}, "w"), flush=True)
            signal.pause()
        with child(multiprocessing.get_context("fork"), 60, work) as ended:
            while not os.path.exists({str(ready)!r}) or not open({str(ready)!r}).read(): pass
            os.kill(os.getpid(), signal.SIGKILL)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], timeout=60)
    assert done.returncode == -signal.SIGKILL
    wait_until(lambda: not psutil.pid_exists(int(ready.read_text())), 20)


def test_both_ways_run_the_same_and_give_both_answers(monkeypatch):
    def run(**options):
        return f"with {sorted(options)}"

    monkeypatch.setattr(workers, "can_fork", lambda: False)
    assert beside(run, lambda: "made", 60) == ("with ['seconds']", "made")
    monkeypatch.setattr(workers, "can_fork", lambda: True)
    assert beside(run, lambda: "made", 60) == ("with ['in_process', 'seconds', 'started']", "made")
    needs = lambda **options: "the cell stopped with NeedsKernel: a widget" if len(options) > 1 else None  # noqa: E731
    assert beside(needs, lambda: 1, 60) == (None, 1)


def test_a_process_with_threads_is_not_forked():
    code = "import threading, time\nfrom ecteam.publish.workers import can_fork\nprint(can_fork())\n"
    code += "threading.Thread(target=time.sleep, args=(1,)).start()\nprint(can_fork())"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert said == ["True", "False"]
    assert can_fork() in (True, False)


def test_the_server_has_one_thread_and_is_used_again(tmp_path):
    assert report(job(tmp_path, "import threading; threading.Thread(target=print).start()")).sentence == ""
    (server,) = servers(HERE)
    assert server.num_threads() == 1
    assert report(job(tmp_path)).sentence == ""
    assert servers(HERE) == [server]
    assert server.children() == []


def test_what_a_cell_prints_past_python_is_no_answer(tmp_path, capfd):
    cell = "import os\nos.write(1, b'{\"work\": 1}\\n')\nos.write(2, b'x')\nos.system('echo hello')"
    assert report(job(tmp_path, cell)).sentence == ""
    assert capfd.readouterr() == ("", "")


def test_what_a_notebook_leaves_running_ends_with_it(tmp_path):
    cell = (
        "import subprocess, threading, time\nleft = subprocess.Popen(['sleep', '1000'])\n"
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(left.pid))\n"
        "threading.Thread(target=time.sleep, args=(1000,)).start()"
    )
    assert report(job(tmp_path, cell)).sentence == ""
    left = int((tmp_path / "pid").read_text())
    wait_until(lambda: not psutil.pid_exists(left), 20)


def test_what_a_cell_defines_can_be_pickled(tmp_path):
    cell = "import pickle\nclass Thing:\n    pass\npickle.loads(pickle.dumps(Thing())).__class__ is Thing or 1 / 0"
    assert report(job(tmp_path, cell)).sentence == ""


def test_a_server_that_is_killed_is_started_again(tmp_path):
    assert report(job(tmp_path)).sentence == ""
    (server,) = servers(HERE)
    server.kill()
    wait_until(lambda: server.status() == psutil.STATUS_ZOMBIE)
    assert report(job(tmp_path)).sentence == ""


ASK = """
import pickle, sys
from tests.batches import report
if __name__ == "__main__":
    print(report(pickle.loads(bytes.fromhex(sys.argv[1]))).try_again)
"""


def busy(tmp_path):
    """A Python that has asked for a report whose process says that it is at work, its server and that process."""
    mark = tmp_path / "started"
    cell = f"import os\nopen({str(mark)!r}, 'w').write(str(os.getpid()))\nwhile True: pass"
    asking = run_python(ASK, pickle.dumps(job(tmp_path, cell, seconds=600)).hex(), cwd=Path(__file__).parents[2])
    at_work = int(wait_until(lambda: mark.is_file() and mark.read_text()))
    (server,) = servers(psutil.Process(asking.pid))
    return asking, server, psutil.Process(at_work)


@pytest.mark.slow
def test_the_server_and_its_child_end_with_who_asked(tmp_path):
    asking, server, at_work = busy(tmp_path)
    asking.send_signal(signal.SIGKILL)
    asking.communicate()
    assert psutil.wait_procs([server, at_work], timeout=20)[1] == []


@pytest.mark.slow
def test_a_child_ends_when_its_server_is_killed(tmp_path):
    asking, server, at_work = busy(tmp_path)
    server.kill()
    assert psutil.wait_procs([at_work], timeout=20)[1] == []
    assert asking.communicate(timeout=60)[0] == "True\n", "it may be tried again"


CELLS = ["import sys\nprint('a')", "1 + 1", "from ecteam.view import team\nteam.picture(team.cost_by_item, plan)"]


@pytest.mark.slow
def test_without_a_fork_a_new_process_gives_the_same_report(tmp_path, monkeypatch):
    forked = report(job(tmp_path, *CELLS))
    before = HERE.children()
    monkeypatch.setattr(cluster, "CAN_FORK", False)
    started = report(job(tmp_path, *CELLS))
    assert (forked.sentence, started.sentence) == ("", "")
    for name in ("plan.json", "team.csv", "cost.csv", "assumptions.csv", "scenario.yaml"):
        one, other = (Path(outcome.work, name).read_bytes() for outcome in (forked, started))
        assert one == other
    began = time.monotonic()
    late = report(job(tmp_path, "while True: pass", seconds=12))
    assert "was not ready within 12 s and was stopped in the cell 'while True: pass'" in late.sentence
    assert time.monotonic() - began < 60
    wait_until(lambda: set(HERE.children(recursive=True)) <= set(before), 20)


def test_a_server_that_cannot_get_ready_says_why(tmp_path):
    code = (
        "import pickle, sys\nfrom ecteam.publish import cluster\n"
        "if __name__ == '__main__': print(cluster.try_once(pickle.loads(bytes.fromhex(sys.argv[1])), sys.argv[2]))"
    )
    data = shutil.copytree(data_dir(), tmp_path / "data")
    (data / "assumptions" / "rates.csv").unlink()
    asking = run_python(code, pickle.dumps(job(tmp_path)).hex(), data)
    outcome = asking.communicate(timeout=120)[0]
    assert "sentence='the process that runs reports cannot start: " in outcome.replace('"', "'")
    assert "try_again=False" in outcome
