"""Where the reports of a fleet are written: by processes of this machine, or by the workers of a running Dask cluster,
which can do the draws of a plan as well."""

import gc
import multiprocessing
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecteam.analysis.uncertainty import Each
from ecteam.inputs.checks import InputError, reason
from ecteam.inputs.files import data_dir, notebooks_dir
from ecteam.inputs.scenario import Scenario
from ecteam.publish.fleet import Shop
from ecteam.publish.journal import maker_mark
from ecteam.publish.report import NOTEBOOK, Job, Outcome, job_of, work_folder_of, write_report
from ecteam.publish.workers import CAN_FORK, KEEP_MEMORY, ONE_THREAD, Stop, child, start_server

if TYPE_CHECKING:
    from distributed import Client

TRIES = 3
"""A report is tried again twice."""
CONNECT_SECONDS = 10
LONGEST_SENTENCE = 1000
WARM = "ECTEAM_WARM_UP"
"""Set in the environment of the server whose children write reports: it imports this module and gets ready."""
Ended = Generator[tuple[str, Outcome, int], None, None]
"""What became of each job: its name, its outcome and the number of tries."""


def run_here(jobs: Iterable[tuple[str, Job]], workers: int) -> Ended:
    """Run jobs in so many processes of this machine at a time; yields each as it ends. No port is opened.

    When the iterator is closed, such as by Ctrl-C, nothing is left running.
    """
    data = str(data_dir().resolve())
    stop, stopping = multiprocessing.Pipe(duplex=False)
    pool = ThreadPoolExecutor(workers)
    try:
        names = {pool.submit(run_job, job, data, stop): name for name, job in jobs}
        for future in as_completed(names):
            yield names[future], *future.result()
    finally:
        # Nobody takes it, so everybody sees it.
        stopping.send("stop")
        pool.shutdown(cancel_futures=True)
        stopping.close()
        stop.close()


@contextmanager
def client_of(scheduler: str) -> Iterator["Client"]:
    """A client of the Dask scheduler at an address; raises `InputError` if there is none."""
    from distributed import Client

    try:
        client = Client(scheduler, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise InputError(f"there is no Dask scheduler at {scheduler}: {_first(error)}") from None
    with client:
        yield client


def run_on(client: "Client", jobs: Iterable[tuple[str, Job]]) -> Ended:
    """Run jobs on the workers of a cluster; yields each as it ends.

    What a worker has not finished when it dies is done by another one.
    """
    from distributed import as_completed

    data = str(data_dir().resolve())
    names = {client.submit(_run_on_worker, job, data, pure=False, retries=1): name for name, job in jobs}
    for future in as_completed(list(names), loop=client.loop):
        # Results that are held would be made again when the worker that has them dies.
        name = names.pop(future)
        try:
            outcome, tries = future.result()
        except Exception as error:
            outcome, tries = failed("", f"the workers could not run it: {_first(error)}"), TRIES
        future.release()
        yield name, outcome, tries


def _run_on_worker(job: Job, data: str) -> tuple[Outcome, int]:
    # Dask calls its workers daemons, which may start no process; a report's process ends with its worker anyway.
    if multiprocessing.current_process().daemon:
        multiprocessing.current_process().daemon = False
    return run_job(job, data)


def run_job(job: Job, data: str, stop: Stop | None = None) -> tuple[Outcome, int]:
    """Have a report written by a process of its own, and try again where that may help; says how it ended, and the
    number of tries. Never raises for what happens to the process. `stop` is as in `workers.child`."""
    for tries in range(1, TRIES + 1):
        outcome = try_once(job, data, stop)
        if not outcome["try_again"] or tries == TRIES:
            break
        shutil.rmtree(outcome["work"], ignore_errors=True)
    return outcome, tries


def try_once(job: Job, data: str, stop: Stop | None = None) -> Outcome:
    """Have a report written by a process of its own, once."""
    try:
        work = work_folder_of(job)
    except OSError as error:
        return failed("", f"the report cannot be written: {reason(error)}")
    try:
        with child(_context(data), job["seconds"], _write, job, str(work), data, CAN_FORK) as ended:
            end = ended(stop)
    except (OSError, EOFError) as error:
        return failed(str(work), f"the process that runs reports cannot start: {reason(error)}", try_again=True)
    if end.sentence:
        return failed(str(work), end.sentence, cell=end.cell, try_again=end.try_again)
    return Outcome(work=str(work), mark=end.answer, sentence="", cell="", try_again=False)


def failed(work: str, sentence: str, *, cell: str = "", try_again: bool = False) -> Outcome:
    """An outcome that is a failure, with a sentence of a length that a page can show."""
    if len(sentence) > LONGEST_SENTENCE:
        sentence = sentence[: LONGEST_SENTENCE - 4] + " ..."
    return Outcome(work=work, mark="", sentence=sentence, cell=cell, try_again=try_again)


def _context(data: str) -> Any:
    """How the process of a report is started: forked from a server that is ready for these data, where that is safe."""
    if CAN_FORK and _SERVED.setdefault("data", data) == data:
        return start_server(__name__, ONE_THREAD | KEEP_MEMORY | {"ECTEAM_DATA": data, WARM: "1"})
    return multiprocessing.get_context("spawn")


_SERVED: dict[str, str] = {}
"""The data for which the server of this process is ready: those that were asked for first."""


def _write(started: Callable[[str], None], job: Job, work: str, data: str, in_process: bool) -> str:
    """In the process of a report: write it, and return the mark of its plan."""
    if _WHY_NOT_READY:
        raise InputError(f"the process that runs reports cannot start: {_WHY_NOT_READY}")
    os.environ["ECTEAM_DATA"] = data
    return write_report(job, Path(work), in_process=in_process, started=started)


def _warm_up() -> str:
    """Load every module and take every path of a report once, so that no child has to; then keep it all from the
    garbage collector, which would copy shared pages in every child. Returns what went wrong, if anything did."""
    from ecteam.publish.engine import shell

    # Any shop will do, and a month is quickly run. The notebook is the package's own, not that of a job.
    shop = Scenario(name="warm-up", orders_per_day=60, return_share=0.05, months=1)
    main = sys.modules["__main__"]
    try:
        with tempfile.TemporaryDirectory(prefix="ecteam-") as folder:
            job = job_of(Shop(0, shop, {}, "warm_up"), notebooks_dir() / NOTEBOOK, Path(folder), 600)
            write_report(job, work_folder_of(job), in_process=True)
    except Exception as error:
        return f"{type(error).__name__}: {error}".splitlines()[0]
    shell().reset(new_session=False)
    # The shell has put its own in place, which `multiprocessing` does not understand.
    sys.modules["__main__"] = main
    if (threads := len(os.listdir("/proc/self/task"))) > 1:
        return f"the process that forks has {threads} threads; a library starts them at import"
    gc.collect()
    gc.freeze()
    return ""


def spread(client: "Client") -> Each:
    """As `map`, with each call on a worker: for `how_sure(plan, 20_000, each=spread(client))` and `time_machine`.

    The parts are those of the serial run and so are all bytes. What a worker has not finished when it dies is done by
    another one. Raises `InputError` if a worker has other tables, code or packages than this process.

    with client_of("tcp://127.0.0.1:8786") as client:
        sure = how_sure(plan, 20_000, each=spread(client))
    """
    from distributed import as_completed

    mark = maker_mark()

    def each(function: Callable[[Any], Any], asked: Sequence[Any]) -> list[Any]:
        # A task of its own, not scattered: a plan in it is large, and what a dead worker had of it is made again.
        there = client.submit(_itself, function, pure=False)
        places = {client.submit(_called, there, one, mark, pure=False): place for place, one in enumerate(asked)}
        found: list[Any] = [None] * len(places)
        for future in as_completed(list(places), loop=client.loop):
            found[places.pop(future)] = future.result()
            future.release()
        return found

    return each


def _itself(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """On a worker: what was sent, kept there for all calls."""
    return function


def _called(function: Callable[[Any], Any], one: Any, mark: str) -> Any:
    """On a worker: a call, if the answer is that of who asked."""
    if _mark_here() != mark:
        raise InputError("a worker of the cluster has other tables, another version of ecteam or other packages")
    return function(one)


@cache
def _mark_here() -> str:
    return maker_mark()


def _first(error: BaseException) -> Any:
    return (str(error).splitlines() or [type(error).__name__])[0]


_WHY_NOT_READY = _warm_up() if os.environ.pop(WARM, None) else ""
