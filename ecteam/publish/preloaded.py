"""A process that has everything loaded and forks a child for each report, and how to ask it for one.

`python -m ecteam.publish.preloaded` reads jobs from its standard input, one line of JSON each, and answers each with a
line. It has one thread and never runs a shop itself, so every child starts from the same clean state: what a notebook
does to modules, environment, folder, time zone or random numbers ends with it. Who asked may die at any moment: the end
of its standard input ends the process and its child.
"""

import gc
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ecteam.errors import InputError, reason
from ecteam.publish.forked import be_alone
from ecteam.publish.one_report import Job, Outcome, ReportStopped, job_of, work_folder, write_report

CAN_FORK = sys.platform == "linux"
"""Elsewhere a fork of a loaded process is not safe, or does not exist."""
GRACE_SECONDS = 5.0
"""A cell that does not stop when its time is up, such as a loop in C, is killed so much later."""
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1")
"""Threads do not survive a fork; and there is a process for each core already."""
KEEP_MEMORY = dict.fromkeys(("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_"), str(2**30))
"""A child that lives for one report gives no memory back in between, as Dask tells its workers to: each page that it
takes again costs it time."""
LONGEST_SENTENCE = 1000
READY = "ready\n"


class TimeIsUp(BaseException):
    """Stops a cell; no `except Exception` of a notebook swallows it."""


class Preloaded:
    """A preloaded process of this one's own. It starts when first asked, and again if it died."""

    def __init__(self, data: str) -> None:
        self.data = data
        self.process: subprocess.Popen[str] | None = None

    def report(self, job: Job) -> Outcome:
        """Have a report written; never raises for what happens to it."""
        try:
            work = work_folder(job)
        except OSError as error:
            return failed("", f"the report cannot be written: {reason(error)}")
        try:
            process = self.started()
            process.stdin.write(json.dumps({"job": job, "work": str(work)}) + "\n")  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]
            answer = process.stdout.readline()  # type: ignore[union-attr]
        except ReportStopped as error:
            return failed(str(work), str(error))
        except OSError:
            answer = ""
        if not answer.endswith("\n"):
            self.stop()
            return failed(str(work), "the process that runs reports died", try_again=True)
        return json.loads(answer)

    def started(self) -> subprocess.Popen[str]:
        """The process, ready to take jobs; raises `ReportStopped` if it cannot get ready."""
        if self.process is None or self.process.poll() is not None:
            self.stop()
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ecteam.publish.preloaded", *([] if CAN_FORK else ["--kernels"])],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                encoding="utf-8",
                env=os.environ | ONE_THREAD | KEEP_MEMORY | {"ECTEAM_DATA": self.data},
                # Ctrl-C in a terminal is for the batch, which then ends this process.
                start_new_session=True,
            )
            ready = self.process.stdout.readline()  # type: ignore[union-attr]
            if ready != READY:
                self.stop()
                raise ReportStopped(f"the process that runs reports cannot start: {ready.strip() or 'it died'}")
        return self.process

    def stop(self) -> None:
        """End the process and its child; it ends by itself when this process dies."""
        if self.process is not None:
            for stream in (self.process.stdin, self.process.stdout):
                try:
                    stream.close()  # type: ignore[union-attr]
                except OSError:
                    # The process is gone: what was still to be written to it has no reader.
                    continue
            self.process.wait()
            self.process = None


def failed(work: str, sentence: str, *, cell: str = "", try_again: bool = False) -> Outcome:
    """An outcome that is a failure, with a sentence of a length that a page can show."""
    if len(sentence) > LONGEST_SENTENCE:
        sentence = sentence[: LONGEST_SENTENCE - 4] + " ..."
    return Outcome(work=work, mark="", sentence=sentence, cell=cell, try_again=try_again)


def main(kernels: bool = False) -> None:
    """Answer jobs until the standard input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # Whatever is printed from here on is no answer.
    os.dup2(2, 1)
    run = _in_a_process if kernels else _in_a_child
    try:
        if not kernels:
            warm_up()
    except Exception as error:
        answers.write(f"{type(error).__name__}: {error}".splitlines()[0] + "\n")
        answers.flush()
        return
    answers.write(READY)
    answers.flush()
    while line := os.fsdecode(_line(0)):
        request = json.loads(line)
        outcome = run(request["job"], Path(request["work"]))
        answers.write(json.dumps(outcome) + "\n")
        answers.flush()


def _line(file: int) -> bytes:
    """A line, read without taking what follows: the end of the input must show to `select`."""
    line = b""
    while not line.endswith(b"\n"):
        if not (part := os.read(file, 65_536)):
            return b""
        line += part
    return line


def warm_up() -> None:
    """Load every module and take every path of a report once, so that no child has to; then keep it all from the
    garbage collector, which would copy shared pages in every child."""
    from ecteam.files import notebooks_dir
    from ecteam.publish.engine import register, shell
    from ecteam.publish.fleet import Shop
    from ecteam.publish.report import NOTEBOOK
    from ecteam.scenario import Scenario

    # Any shop will do, and a month is quickly run. The notebook is the package's own, not that of a job.
    shop = Scenario(name="warm-up", orders_per_day=60, return_share=0.05, months=1)
    with tempfile.TemporaryDirectory(prefix="ecteam-") as folder:
        job = job_of(Shop(0, shop, {}, "warm_up"), notebooks_dir() / NOTEBOOK, Path(folder), 0)
        write_report(job, work_folder(job), engine=register())
    shell().reset(new_session=False)
    if (threads := len(os.listdir("/proc/self/task"))) > 1:
        raise RuntimeError(f"the process that forks has {threads} threads; a library starts them at import")
    gc.collect()
    gc.freeze()


def _in_a_child(job: Job, work: Path) -> Outcome:
    """Fork a child for the report, wait for it, and say what became of it."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            _be_the_child(job, work, writing)
        finally:
            # Never back into the loop of the parent.
            os._exit(70)
    os.close(writing)
    try:
        with os.fdopen(os.pidfd_open(child)) as ended, os.fdopen(reading, "rb", buffering=0) as told:
            words, in_time = _wait(child, ended.fileno(), told.fileno(), job["seconds"] + GRACE_SECONDS)
    finally:
        # Also what a notebook has left running.
        _kill_group(child)
        _, status = os.waitpid(child, 0)
    return _outcome(job, work, words, status if in_time else None)


def _wait(child: int, ended: int, told: int, seconds: float) -> tuple[list[dict[str, Any]], bool]:
    """What the child tells until it ends, and whether it ended in time. Ends with who asked."""
    deadline, heard, watched = time.monotonic() + seconds, b"", [ended, told, 0]
    while True:
        ready, _, _ = select.select(watched, [], [], max(0.0, deadline - time.monotonic()))
        if 0 in ready:
            # Nobody sends a second job before the first is answered: who asked is gone.
            _kill_group(child)
            os._exit(0)
        if told in ready:
            part = os.read(told, 65_536)
            heard += part
            if not part:
                watched.remove(told)
        elif ended in ready or not ready:
            words = [json.loads(line) for line in heard.split(b"\n")[:-1]]
            return words, bool(ready)


def _kill_group(child: int) -> None:
    try:
        os.killpg(child, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        # No group yet: the child has not come that far. It is killed alone; if it has ended, it is not yet waited for.
        os.kill(child, signal.SIGKILL)


def _be_the_child(job: Job, work: Path, writing: int) -> None:
    parent = os.getppid()
    be_alone(parent)
    time.tzset()
    from ecteam.publish.engine import NAME

    def tell(**words: Any) -> None:
        os.write(writing, json.dumps(words).encode() + b"\n")

    def too_late(*_: Any) -> None:
        raise TimeIsUp(f"the report was not ready within {job['seconds']:g} s")

    # A child lives for one report: what it would collect ends with it.
    gc.disable()
    signal.signal(signal.SIGALRM, too_late)
    signal.setitimer(signal.ITIMER_REAL, job["seconds"])
    _tell_all(lambda: write_report(job, work, engine=NAME, started=lambda cell: tell(cell=cell)), tell)
    os._exit(0)


def _tell_all(write: Callable[[], str], tell: Callable[..., None]) -> None:
    """Write the report and tell how it went, whatever stops it."""
    from ecteam.publish.pdf import NoPdf

    try:
        tell(done=write())
    except InputError as error:
        # The same input is refused the next time as well.
        tell(sentence=" ".join(error.mistakes)[:LONGEST_SENTENCE], try_again=False)
    except OSError as error:
        tell(sentence=f"the report cannot be written: {reason(error)}", try_again=True)
    except (ReportStopped, TimeIsUp, NoPdf) as error:
        tell(sentence=str(error)[:LONGEST_SENTENCE], try_again=True)
    except BaseException as error:
        tell(sentence=f"{type(error).__name__}: {error}"[:LONGEST_SENTENCE], try_again=True)


def _outcome(job: Job, work: Path, words: list[dict[str, Any]], status: int | None) -> Outcome:
    """What a child's words and its end mean; `status` is None if it was killed for being late."""
    cell = next((word["cell"] for word in reversed(words) if "cell" in word), "")
    last = words[-1] if words else {}
    if "done" in last:
        return Outcome(work=str(work), mark=last["done"], sentence="", cell="", try_again=False)
    if "sentence" in last:
        return failed(str(work), last["sentence"], cell=cell, try_again=last["try_again"])
    at = f" in the cell {cell!r}" if cell else ""
    if status is None:
        sentence = f"the report was not ready within {job['seconds']:g} s and was stopped{at}"
    elif os.WIFSIGNALED(status):
        sentence = f"the process was killed by signal {os.WTERMSIG(status)}{at}"
    else:
        sentence = f"the process ended with exit status {os.WEXITSTATUS(status)}{at}"
    return failed(str(work), sentence, cell=cell, try_again=True)


def _in_a_process(job: Job, work: Path) -> Outcome:
    """Where there is no fork: a new process for the report, with a kernel of papermill's for its notebook."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ecteam.publish.preloaded", "--one", json.dumps(job), str(work)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        told, _ = process.communicate(timeout=job["seconds"] + GRACE_SECONDS)
        status: int | None = process.returncode
    except subprocess.TimeoutExpired:
        process.kill()
        told, _ = process.communicate()
        status = None
    words = [json.loads(line) for line in told.split(b"\n")[:-1] if line.startswith(b"{")]
    return _outcome(job, work, words, None if status is None else (status & 0xFF) << 8)


def _one(job: Job, work: Path) -> None:
    """The new process of `_in_a_process`."""
    words = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def tell(**word: Any) -> None:
        words.write(json.dumps(word) + "\n")
        words.flush()

    _tell_all(lambda: write_report(job, work, started=lambda cell: tell(cell=cell)), tell)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        _one(json.loads(sys.argv[2]), Path(sys.argv[3]))
    else:
        main("--kernels" in sys.argv[1:])
