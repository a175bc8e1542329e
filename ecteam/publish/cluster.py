"""Where the reports of a fleet, or draws of a plan, are run: Dask workers of this machine, or a running cluster."""

import contextlib
import logging
import shutil
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from ecteam.draws import Each
from ecteam.errors import InputError
from ecteam.files import data_dir
from ecteam.publish.journal import maker_mark
from ecteam.publish.one_report import Job, Outcome
from ecteam.publish.preloaded import Preloaded, failed

if TYPE_CHECKING:
    from distributed import Client

TRIES = 3
"""A report is tried again twice."""
HERE = "127.0.0.1"
CONNECT_SECONDS = 10
_MINE = threading.local()


@contextlib.contextmanager
def workers_of(workers: int, scheduler: str | None) -> Iterator["Client"]:
    """A Dask client: of `workers` processes on this machine that end with the block, or of the scheduler at an address.

    The local ones listen on the loopback interface only, without a dashboard.
    """
    import dask
    from distributed import Client, LocalCluster

    if scheduler:
        try:
            client = Client(scheduler, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise InputError(f"there is no Dask scheduler at {scheduler}: {_first(error)}") from None
        with client:
            yield client
        return
    with contextlib.ExitStack() as ends:
        # Workers wait for a report's process: Dask need not look a hundred times a second at what they do.
        with _deaf_to_interrupts(), dask.config.set({"distributed.worker.profile.enabled": False}):
            cluster = LocalCluster(
                n_workers=workers, threads_per_worker=1, host=HERE, memory_limit=None, silence_logs=logging.CRITICAL,
                dashboard_address=None, worker_dashboard_address=None,
                # Dask's page of its own health, on any free port: the usual one may be another cluster's.
                scheduler_kwargs={"dashboard_address": f"{HERE}:0"},
            )  # fmt: skip
        ends.enter_context(cluster)
        yield ends.enter_context(Client(cluster, set_as_default=False))


@contextlib.contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """What is started in the block does not hear Ctrl-C: the batch does, and ends its workers."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def run_jobs(client: "Client", jobs: Iterable[tuple[str, Job]]) -> Iterator[tuple[str, Outcome, int]]:
    """Run jobs on the workers; yields each one's name, outcome and number of tries as it ends, in no given order.

    What a worker has not finished when it dies is done by another one.
    """
    from distributed import as_completed

    data = str(data_dir().resolve())
    names = {client.submit(run_job, job, data, pure=False, retries=1): name for name, job in jobs}
    for future in as_completed(list(names), loop=client.loop):
        # Results that are held would be made again when the worker that has them dies.
        name = names.pop(future)
        try:
            outcome, tries = future.result()
        except Exception as error:
            outcome, tries = failed("", f"the workers could not run it: {_first(error)}"), TRIES
        future.release()
        yield name, outcome, tries


def run_job(job: Job, data: str) -> tuple[Outcome, int]:
    """On a worker: have the report written by this thread's preloaded process, and try again where that may help."""
    mine = _MINE.__dict__.setdefault(data, Preloaded(data))
    for tries in range(1, TRIES + 1):
        outcome = mine.report(job)
        if not outcome["try_again"] or tries == TRIES:
            break
        shutil.rmtree(outcome["work"], ignore_errors=True)
    return outcome, tries


def spread(client: "Client") -> Each:
    """As `map`, with each call on a worker: for `how_sure(plan, 20_000, each=spread(client))` and `time_machine`.

    The parts are those of the serial run and so are all bytes. What a worker has not finished when it dies is done by
    another one. Raises `InputError` if a worker has other tables, code or packages than this process.

    with workers_of(2, None) as client:
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
