"""A notebook run beside this process, which does something else meanwhile.

Where it is safe the run is a forked child: it has everything loaded already, and what it does to modules, environment
or random numbers ends with it. Elsewhere it is a kernel, and the other work is done in a thread.
"""

import ctypes
import json
import os
import random
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TypeVar

Run = Callable[..., str | None]
"""Runs a notebook, with `engine=` in this process; returns why it failed, if it did."""
Made = TypeVar("Made")
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)
_NEEDS_KERNEL = "NeedsKernel"


def beside(run: Run, meanwhile: Callable[[], Made]) -> tuple[str | None, Made]:
    """Run a notebook and do something else meanwhile: why the notebook failed, if it did, and what the rest made."""
    if can_fork():
        from ecteam.publish.engine import register

        engine = register()
        with forked(lambda: run(engine=engine, request_save_on_cell_execute=False)) as ended:
            made = meanwhile()
            reason = ended()
        # Widgets are served by a kernel only.
        return (run() if reason and _NEEDS_KERNEL in reason else reason), made
    with ThreadPoolExecutor(1) as pool:
        later = pool.submit(meanwhile)
        reason = run()
        return reason, later.result()


def can_fork() -> bool:
    """Whether a fork of this process is sound: on Linux, with one thread, since a child has no other."""
    return sys.platform == "linux" and len(os.listdir("/proc/self/task")) == 1


@contextmanager
def forked(work: Callable[[], str | None]) -> Iterator[Callable[[], str | None]]:
    """Start work in a child; what is yielded waits for its end and returns its answer, or a sentence if it died.

    Whatever happens here, nothing of the child is left running.
    """
    reading, writing = os.pipe()
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            be_alone(parent)
            with os.fdopen(writing, "wb") as told:
                told.write(json.dumps(_answer(work)).encode())
            os._exit(0)
        finally:
            # Never back into the code of the parent.
            os._exit(70)
    os.close(writing)
    status = None

    def ended() -> str | None:
        nonlocal status
        with os.fdopen(os.dup(reading), "rb") as told:
            answer = told.read()
        _, status = os.waitpid(child, 0)
        return json.loads(answer) if answer else _died(status)

    try:
        yield ended
    finally:
        os.close(reading)
        # Also what a notebook has left running; the group may be gone, or not be there yet.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child, signal.SIGKILL)
        if status is None:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def _answer(work: Callable[[], str | None]) -> str | None:
    try:
        return work()
    except Exception as error:
        return f"its process stopped with {type(error).__name__}: {error}"


def _died(status: int) -> str:
    if os.WIFSIGNALED(status):
        return f"its process was killed by signal {os.WTERMSIG(status)}"
    return f"its process ended with exit status {os.WEXITSTATUS(status)}"


def be_alone(parent: int) -> None:
    """Make a child independent of what its parent was doing, but not of its end."""
    os.setsid()
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(70)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    # A fork copies the state of both generators.
    random.seed()
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()
