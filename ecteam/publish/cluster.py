"""Where the reports of a fleet are written: by processes of this machine, or by the workers of a running Dask cluster,
which can do the draws of a plan as well."""

import asyncio
import gc
import multiprocessing
import os
import re
import shutil
import sys
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
from ecteam.publish.report import NOTEBOOK, Job, write_report
from ecteam.publish.scratch import temporary
from ecteam.publish.workers import CAN_FORK, KEEP_MEMORY, ONE_THREAD, End, Stop, child, start_server

if TYPE_CHECKING:
    from distributed import Client

TRIES = 3
"""A report is tried again twice."""
CONNECT_SECONDS = 5
WARM = "ECTEAM_WARM_UP"
"""Set in the environment of the server whose children write reports: it imports this module and gets ready."""


Ended = Generator[tuple[Job, End], None, None]
"""Jobs as they end, each with the mark of the plan that its page shows as its answer."""


def run_here(jobs: Iterable[Job], workers: int) -> Ended:
    """Run jobs in so many processes of this machine; yields each as it ends, and leaves none running when closed."""
    data = str(data_dir().resolve())
    stop, stopping = multiprocessing.Pipe(duplex=False)
    pool = ThreadPoolExecutor(workers)
    try:
        job_of = {pool.submit(run_job, job, data, stop): job for job in jobs}
        for future in as_completed(job_of):
            yield job_of[future], future.result()
    finally:
        # Nobody takes it, so everybody sees it.
        stopping.send("stop")
        pool.shutdown(cancel_futures=True)
        stopping.close()
        stop.close()


@contextmanager
def client_of(scheduler: str, insecure: bool = False) -> Iterator["Client"]:
    """A client of the Dask scheduler at an address, with the certificates of Dask's configuration.

    Raises `InputError` for what is no address, for one without TLS unless `insecure`, and where no scheduler answers.
    """
    if not re.fullmatch(r"(tcp|tls)://(\[[^]]+\]|[^/:\[\]]+):[0-9]{1,5}", scheduler):
        raise InputError(f"--scheduler is {scheduler!r}; it must be tcp://HOST:PORT or tls://HOST:PORT")
    if not insecure and scheduler.startswith("tcp:"):
        raise InputError(
            f"{scheduler} has no TLS, so whoever reaches it can run code as you; give a tls:// address and Dask's "
            "certificates (distributed.comm.tls), or --insecure on a network and machine of your own"
        )
    from distributed import Client, Security
    from distributed.comm import connect

    async def greet() -> None:
        # Dask's own limit does not hold for what is connected and says nothing.
        async with asyncio.timeout(CONNECT_SECONDS):
            line = await connect(scheduler, CONNECT_SECONDS, **Security().get_connection_args("client"))
        await line.close()

    try:
        # A client would hang on what answers but is no scheduler. In a thread: this one may have a loop, as in Jupyter.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, greet()).result()
        client = Client(scheduler, timeout=CONNECT_SECONDS, set_as_default=False)
    # What answers may send anything, which Dask takes for lengths and pickles of its own.
    except Exception as error:
        why = _first(error) if str(error) else f"no answer within {CONNECT_SECONDS} s"
        raise InputError(f"there is no Dask scheduler at {scheduler}: {why}") from None
    with client:
        yield client


def run_on(client: "Client", jobs: Iterable[Job]) -> Ended:
    """Run jobs on the workers of a cluster; yields each as it ends. What a dead worker had is done by another one."""
    from distributed import as_completed

    data = str(data_dir().resolve())
    job_of = {client.submit(_run_on_worker, job, data, pure=False, retries=1): job for job in jobs}
    for future in as_completed(list(job_of), loop=client.loop):
        # Results that are held would be made again when the worker that has them dies.
        job = job_of.pop(future)
        try:
            end = future.result()
        except Exception as error:
            end = End(sentence=f"the workers could not run it: {_first(error)}", tries=TRIES)
        future.release()
        yield job, end


def _run_on_worker(job: Job, data: str) -> End:
    # Dask calls its workers daemons, which may start no process; a report's process ends with its worker anyway.
    if multiprocessing.current_process().daemon:
        multiprocessing.current_process().daemon = False
    return run_job(job, data)


def run_job(job: Job, data: str, stop: Stop | None = None) -> End:
    """Have a report written by a process of its own, and try again where that may help. `stop`: see `workers.child`."""
    for tries in range(1, TRIES + 1):
        end = try_once(job, data, stop)
        if not end.try_again or tries == TRIES:
            break
        if end.work:
            shutil.rmtree(end.work, ignore_errors=True)
    return end._replace(tries=tries)


def try_once(job: Job, data: str, stop: Stop | None = None) -> End:
    """Have a report written by a process of its own, once."""
    try:
        work = job.work_folder()
    except OSError as error:
        return End(sentence=f"the report cannot be written: {reason(error)}")
    try:
        with child(_context(data), job.seconds, _write, job, work, data) as ended:
            return ended(stop)._replace(work=work)
    except (OSError, EOFError) as error:
        sentence = f"the process that runs reports cannot start: {reason(error)}"
        return End(sentence=sentence, try_again=True, work=work)


def _context(data: str) -> Any:
    """How the process of a report is started: forked from a server that is ready for these data, where that is safe."""
    if CAN_FORK and _SERVED.setdefault("data", data) == data:
        return start_server(__name__, ONE_THREAD | KEEP_MEMORY | {"ECTEAM_DATA": data, WARM: "1"})
    return multiprocessing.get_context("spawn")


_SERVED: dict[str, str] = {}
"""The data for which the server of this process is ready: those that were asked for first."""


def _write(started: Callable[[str], None], job: Job, work: Path, data: str) -> str:
    if _WHY_NOT_READY:
        raise InputError(f"the process that runs reports cannot start: {_WHY_NOT_READY}")
    os.environ["ECTEAM_DATA"] = data
    return write_report(job, work, started)


def _warm_up() -> str:
    """Load every module and take every path of a report once, so that no child has to; then keep it all from the
    garbage collector, which would copy shared pages in every child. Returns what went wrong, if anything did."""
    from ecteam.publish.engine import shell

    # Any shop will do, and a month is quickly run. The notebook is the package's own, not that of a job.
    shop = Scenario(name="warm-up", orders_per_day=60, return_share=0.05, months=1)
    main = sys.modules["__main__"]
    try:
        with temporary() as folder:
            job = Job(Shop(0, shop, {}, "warm_up"), notebooks_dir() / NOTEBOOK, folder, 600)
            write_report(job, job.work_folder())
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

    All bytes are those of the serial run; what a worker that dies has not finished is done by another one. Raises
    `InputError` if a worker has other tables, code or packages than this process.
    """
    from distributed import as_completed

    mark = maker_mark()

    def each(function: Callable[[Any], Any], arguments: Sequence[Any]) -> list[Any]:
        # A task of its own, not scattered: a plan in it is large, and what a dead worker had of it is made again.
        there = client.submit(_itself, function, pure=False)
        places = {client.submit(_called, there, one, mark, pure=False): place for place, one in enumerate(arguments)}
        answers: list[Any] = [None] * len(places)
        for future in as_completed(list(places), loop=client.loop):
            answers[places.pop(future)] = future.result()
            future.release()
        return answers

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
