"""A process of its own for each run of a notebook: it starts clean, has a time limit and leaves nothing running."""

import gc
import importlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing import connection, forkserver
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple, TypeVar

from ecteam.inputs.checks import InputError, reason

REPORT_SECONDS = 120.0
"""How long one report may take unless a person says otherwise."""
GRACE_SECONDS = 5.0
"""A cell that does not stop when its time is up, such as a loop in C, is killed so much later."""
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1")
"""Threads do not survive a fork; and there is a process for each core already."""
KEEP_MEMORY = dict.fromkeys(("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_"), str(2**30))
"""A child that lives for one report gives no memory back in between: each page that it takes again costs it time."""
CAN_FORK = sys.platform == "linux"
"""Elsewhere a fork of a loaded process is not safe, or does not exist."""
_MULTIPROCESSING = threading.Lock()
"""`multiprocessing` starts and reaps children for one thread at a time."""
Stop = connection.Connection
Made = TypeVar("Made")


class End(NamedTuple):
    """How a child ended: its answer, or why there is none, the cell it was in and whether another try may help.

    Who asked for it adds the folder it worked in and how often it was tried.
    """

    answer: Any = None
    sentence: str = ""
    cell: str = ""
    try_again: bool = False
    work: Path | None = None
    tries: int = 1


class ReportStopped(RuntimeError):
    """A report could not be finished; the message is a sentence."""


class TimeIsUp(BaseException):
    """Stops a cell; no `except Exception` of a notebook swallows it."""


class NeedsKernel(RuntimeError):
    """The notebook does what only a kernel can serve."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Stop what runs in the block when its time is up, if it is this process's main thread and the system can."""
    if os.name != "posix" or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(signal_number: int, frame: FrameType | None) -> None:
        raise TimeIsUp(f"the report was not ready within {seconds:g} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def child(
    context: BaseContext, seconds: float, work: Callable[..., Any], *arguments: Any
) -> Iterator[Callable[..., End]]:
    """Start `work(started, *arguments)` in a process; what is yielded waits for its end and says how that was.

    `started` is to be called with the first line of each cell before it runs. The process is killed `GRACE_SECONDS`
    after its `seconds`, or when there is something to read from a connection given as `stop`. When the block ends,
    whatever happens in it, nothing of the process is left running; nor if this process is killed.
    """
    telling: Any
    heard, telling = context.Pipe(duplex=False)
    process = context.Process(target=_be_the_child, args=(telling, work, arguments))  # type: ignore[attr-defined]
    with heard:
        with telling, _MULTIPROCESSING:
            process.start()
        try:
            yield partial(_end_of, process, heard, seconds, time.monotonic() + seconds + GRACE_SECONDS)
        finally:
            _kill(process)


def _end_of(
    process: BaseProcess, heard: connection.Connection, seconds: float, deadline: float, stop: Stop | None = None
) -> End:
    """Listen to a child until it answers, ends, is late or is to be stopped."""
    cell = ""
    watched: list[Any] = [heard, process.sentinel, *([stop] if stop else [])]
    while True:
        ready = connection.wait(watched, max(0.0, deadline - time.monotonic()))
        if stop in ready:
            return End(sentence="it was stopped", cell=cell)
        if heard in ready:
            try:
                word = heard.recv()
            except (EOFError, OSError):
                # It is ending without an answer; how, its exit status will say.
                watched.remove(heard)
                continue
            if isinstance(word, End):
                return word._replace(cell="" if word.answer is not None else cell)
            cell = word
        elif ready:
            with _MULTIPROCESSING:
                process.join(GRACE_SECONDS)
                status = process.exitcode
            how = f"was killed by signal {-status}" if status and status < 0 else f"ended with exit status {status}"
            how = how if status else "ended before the report was ready"
            return End(sentence=f"the process {how}{_in_cell(cell)}", cell=cell, try_again=True)
        else:
            late = f"the report was not ready within {seconds:g} s and was stopped{_in_cell(cell)}"
            return End(sentence=late, cell=cell, try_again=True)


def _in_cell(cell: str) -> str:
    return f" in the cell {cell!r}" if cell else ""


def _kill(process: BaseProcess) -> None:
    if os.name == "posix" and process.pid:
        # Also what a notebook has left running; the group may be gone, or not be there yet.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    with _MULTIPROCESSING:
        process.kill()
        process.join(GRACE_SECONDS)


def _be_the_child(telling: connection.Connection, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    _be_alone()
    # A child lives for one report: what it would collect ends with it.
    gc.disable()
    try:
        end = End(answer=work(telling.send, *arguments))
    except InputError as error:
        # The same input is refused the next time as well.
        end = End(sentence=" ".join(error.mistakes))
    except OSError as error:
        end = End(sentence=f"the report cannot be written: {reason(error)}", try_again=True)
    except (ReportStopped, TimeIsUp) as error:
        end = End(sentence=str(error), try_again=True)
    except BaseException as error:
        end = End(sentence=f"{type(error).__name__}: {error}", try_again=True)
    telling.send(end)


def _be_alone() -> None:
    """Make a child independent of what its parent was doing, but not of its parent's end."""
    if os.name == "posix":
        os.setsid()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    threading.Thread(target=_end_with_parent, daemon=True).start()
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    os.close(nothing)
    # A fork copies the state of the legacy generator; Python's own is seeded again by itself.
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()


def _end_with_parent() -> None:
    if parent := multiprocessing.parent_process():
        parent.join()
        if os.name == "posix":
            os.killpg(0, signal.SIGKILL)
        os._exit(1)


def start_server(preload: str, environment: Mapping[str, str]) -> BaseContext:
    """The context of children that are forked from a server, which has `preload` loaded and ends with this process."""
    context = multiprocessing.get_context("forkserver")
    before = {name: os.environ.get(name) for name in environment}
    with _MULTIPROCESSING:
        context.set_forkserver_preload([preload])
        os.environ.update(environment)
        # Ctrl-C in a terminal is for the batch, which then ends its children.
        heard = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            forkserver.ensure_running()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, heard)
            for name, value in before.items():
                os.environ.pop(name, None)
                if value is not None:
                    os.environ[name] = value
    return context


def can_fork() -> bool:
    """Whether a fork of this process is sound: on Linux, with one thread, since a child has no other."""
    return CAN_FORK and len(os.listdir("/proc/self/task")) == 1


def beside(run: Callable[..., str | None], meanwhile: Callable[[], Made], seconds: float) -> tuple[str | None, Made]:
    """Run a notebook and do something else meanwhile: why the notebook failed, if it did, and what the rest made.

    `run` is `run_notebook` with its first arguments. It runs in a child forked from this process, which has everything
    loaded already, if that is sound; else in a kernel.
    """
    if can_fork():
        with child(multiprocessing.get_context("fork"), seconds, partial(_run_here, run, seconds)) as ended:
            made = meanwhile()
            end = ended()
        failure = end.sentence or end.answer
        if NeedsKernel.__name__ not in failure:
            return failure or None, made
        # Widgets are served by a kernel only.
        return run(seconds=seconds), made
    # matplotlib asks for IPython once it is being imported, so the run must not import it while the rest draws.
    importlib.import_module("IPython")
    later: Future[Made] = Future()

    def work() -> None:
        try:
            later.set_result(meanwhile())
        except BaseException as error:
            later.set_exception(error)

    # No pool: the process would wait for its thread, whatever that does.
    threading.Thread(target=work, daemon=True).start()
    return run(seconds=seconds), later.result(seconds)


def _run_here(run: Callable[..., str | None], seconds: float, started: Callable[[str], None]) -> str:
    return run(in_process=True, seconds=seconds, started=started) or ""
