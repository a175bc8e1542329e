"""Twenty learners at once on one machine: their kernels stay under 8 GB, and a check answers in time."""

import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import nbformat
import psutil
import pytest
from jupyter_client.manager import KernelManager

from ecteam.workshop import copies

LEARNERS = 20
MOST_GB, MOST_SECONDS = 8, 10


@pytest.mark.slow
def test_twenty_learners_at_once(tmp_path):
    lesson = next(path for path in copies.sources() if path.stem.startswith("04"))
    book = copies.copy_of(nbformat.read(lesson, as_version=4), "en")
    cells = [cell.source for cell in book.cells if cell.cell_type == "code"]
    managers = [
        KernelManager(kernel_name="python3", transport="ipc", ip=str(tmp_path / f"k{n}")) for n in range(LEARNERS)
    ]
    clients = []
    try:
        for manager in managers:
            manager.start_kernel()
            clients.append(manager.blocking_client())
            clients[-1].start_channels()
        began = time.monotonic()
        with ThreadPoolExecutor(LEARNERS) as room:
            assert all(room.map(lambda client: run(client, cells), clients))
            opened = time.monotonic() - began
            answers = ["my_least = 4", "my_least = 6", 'my_moves = {"receive_goods": "Service agent"}', "my_least = 5"]
            checks = [["check('my_least')"], ["check('my_least')"], ["check('my_moves')"], ["check('my_least')"]]
            times = [
                seconds
                for answer, check in zip(answers, checks, strict=True)
                for seconds in room.map(lambda client, a=answer, c=check: timed(client, [a, *c]), clients)
            ]
        used = sum(memory(manager.provisioner.process.pid) for manager in managers) / 1024**3
    finally:
        for client in clients:
            client.stop_channels()
        for manager in managers:
            if manager.has_kernel:
                manager.shutdown_kernel(now=True)
    late = statistics.quantiles(times, n=20)[-1]
    print(f"\n{LEARNERS} learners: {used:.2f} GB, all opened after {opened:.0f} s, a check takes "
          f"{statistics.median(times):.2f} s (95 %: {late:.2f} s) when all ask at once")  # fmt: skip
    assert used < MOST_GB
    assert late < MOST_SECONDS


def run(client, cells):
    """Run cells one after the other; none may fail."""
    client.wait_for_ready(timeout=300)
    replies = [client.execute_interactive(cell, timeout=300, output_hook=lambda message: None) for cell in cells]
    return all(reply["content"]["status"] == "ok" for reply in replies)


def timed(client, cells):
    began = time.monotonic()
    assert run(client, cells)
    return time.monotonic() - began


def memory(pid):
    """Bytes of a kernel and its children; what processes share is shared out among them where the system tells."""
    processes = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    return sum(getattr(full := p.memory_full_info(), "pss", full.rss) for p in processes)
