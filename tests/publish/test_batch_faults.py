"""What a night can bring: processes killed at any moment, a full disk, a corrupt row among two hundred."""

import contextlib
import itertools
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import nbformat
import psutil
import pytest

from ecteam.publish.batch import BatchStopped, run_fleet
from ecteam.publish.fleet import fleet_path, read_fleet
from ecteam.publish.journal import JOURNAL, LAST, LOCK
from ecteam.publish.report import REPORT_FILES, Job, run_notebook
from ecteam.publish.scratch import WRITTEN
from tests.batches import (
    BATCH,
    assert_right,
    files,
    fleet_file,
    fleet_of,
    job,
    notebook,
    report,
    run_python,
    sentences,
    servers,
    wait_until,
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="reports are forked on Linux only"),
]


def journalled(out):
    path = out / JOURNAL
    return path.read_text(encoding="utf-8").count("\n") if path.is_file() else 0


def family(pid):
    """Every process that descends from one."""
    return psutil.Process(pid).children(recursive=True)


def test_a_child_and_a_server_that_are_killed_lose_nothing(tmp_path):
    names = [f"shop {i}" for i in range(10)]
    # Long enough to be caught at work.
    path, book = fleet_file(tmp_path, names), notebook(tmp_path, "from time import sleep\nsleep(0.5)")
    out = tmp_path / "out"
    running = run_python(BATCH, path, out, book, "")
    wait_until(lambda: running.poll() is not None or journalled(out) >= 2)
    assert running.poll() is None, running.communicate()
    (server,) = servers(psutil.Process(running.pid))
    wait_until(server.children)[0].kill()
    wait_until(lambda: journalled(out) >= 4)
    server.kill()
    _, err = running.communicate(timeout=300)
    assert running.returncode == 0, err
    rows = json.loads((out / LAST).read_text())
    assert sentences(rows) == {}
    assert max(row["tries"] for row in rows) >= 2, "the killed child was tried again"
    assert_right(read_fleet(path), out, set(names))


def kill_at_random(running, chance):
    """Send signals to a batch, its server and its reports until it ends; yields to what, and the signal."""

    def aims():
        serving = servers(psutil.Process(running.pid))
        reports = [child for server in serving for child in server.children()]
        return {"batch": [psutil.Process(running.pid)], "server": serving, "report": reports}[what]

    while running.poll() is None:
        what = chance.choice(["batch", "server", "report", "report"])
        sent = chance.choice([signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
        with contextlib.suppress(psutil.NoSuchProcess, IndexError):
            wait_until(lambda: running.poll() is not None or aims())
            with contextlib.suppress(subprocess.TimeoutExpired):
                running.communicate(timeout=chance.uniform(0, 4 if what == "batch" else 1))
            orphans = family(running.pid)
            chance.choice(aims()).send_signal(sent)
            yield what, sent
            if what == "batch":
                running.communicate(timeout=120)
                assert psutil.wait_procs(orphans, timeout=120)[1] == []


KILLS = 100


@pytest.mark.timeout(900)
def test_a_hundred_kills_at_random_moments_leave_the_files_of_a_batch_that_nobody_killed(tmp_path):
    names, chance, sent = [f"shop {i}" for i in range(6)], random.Random(20), Counter()
    path, calm = fleet_file(tmp_path, names), tmp_path / "calm"
    book, fleet = notebook(tmp_path, "from time import sleep\nsleep(0.3)"), read_fleet(path)
    assert sentences(run_fleet(fleet, calm, notebook=book)) == {}
    resuming = BATCH.replace("workers=2", "workers=2, resume=True")
    for batch in itertools.count():
        out = tmp_path / f"out {batch}"
        while sent.total() < KILLS and not (out / LAST).exists():
            sent.update(itertools.islice(kill_at_random(run_python(resuming, path, out, book, ""), chance), KILLS))
        assert sentences(run_fleet(fleet, out, notebook=book, resume=True)) == {}
        assert_right(fleet, out, set(names))
        assert files(out) == files(calm)
        for file in calm.rglob("*.*"):
            if file.name not in ("manifest.json", "index.html", LAST, WRITTEN, LOCK):
                assert file.read_bytes() == (out / file.relative_to(calm)).read_bytes(), f"{file} after {sent}"
        if sent.total() >= KILLS:
            break
    assert {what for what, _ in sent} == {"batch", "server", "report"}
    assert {by for _, by in sent} == {signal.SIGKILL, signal.SIGTERM, signal.SIGINT}


def dask(module, *arguments):
    """A scheduler or worker, started as the README says."""
    return subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.{module}", *arguments],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=os.environ,
    )  # fmt: skip


def test_a_cluster_that_loses_a_worker_gives_what_one_process_gives(tmp_path):
    fleet, book = read_fleet(fleet_path("tea_shops")), notebook(tmp_path, "from time import sleep\nsleep(0.3)")
    scheduler = dask("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show")
    address = ""
    while not address:
        line = scheduler.stderr.readline()
        assert line, "the scheduler ended"
        address = next(iter(re.findall(r"Scheduler at:\s+(tcp://127\.0\.0\.1:\d+)", line)), "")
    options = ("--host", "127.0.0.1", "--nworkers", "1", "--nthreads", "1", "--no-dashboard", "--no-nanny")
    workers = [dask("dask_worker", address, *options) for _ in range(2)]
    try:
        out = tmp_path / "cluster"
        driver = run_python(BATCH, fleet.file, out, book, address)
        wait_until(lambda: driver.poll() is not None or journalled(out) >= 3)
        assert driver.poll() is None, driver.communicate()
        workers[0].kill()
        _, err = driver.communicate(timeout=300)
        assert driver.returncode == 0, err
    finally:
        # Workers first: they would wait for a scheduler that is gone.
        for process in (*workers, scheduler):
            process.terminate()
            process.communicate(timeout=60)
    assert sentences(json.loads((out / LAST).read_text())) == {}
    serial = tmp_path / "serial"
    serial.mkdir()
    for shop in fleet.shops:
        work = report(Job(shop, book, serial, 120)).work
        for name in ("plan.json", "team.csv", "cost.csv", "assumptions.csv", "scenario.yaml"):
            assert (out / shop.folder / name).read_bytes() == (work / name).read_bytes(), f"{name} of {shop.name}"
    assert_right(fleet, out, {shop.name for shop in fleet.shops})


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 3 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"a small file system cannot be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_costs_what_does_not_fit_and_nothing_else(tmp_path, small_disk):
    names = [f"shop {i}" for i in range(6)]
    # Half a megabyte a report, pictures and all: some fit, not all.
    book = notebook(tmp_path, "print('x' * 300_000)")
    fleet, out = fleet_of(tmp_path, names), small_disk / "out"
    try:
        failed = sentences(run_fleet(fleet, out, notebook=book))
        assert failed
        assert all("no space left on device" in sentence for sentence in failed.values())
    except BatchStopped as error:
        # The batch's own journal did not fit either.
        if "no space left on device" not in str(error):
            raise
    whole = [shop for shop in fleet.shops if (out / shop.folder).exists()]
    assert 1 <= len(whole) < len(names)
    for shop in whole:
        assert (out / shop.folder / "plan.json").read_text() == shop.plan().to_json()
        assert {path.name for path in (out / shop.folder).iterdir()} == REPORT_FILES - {"report.pdf"}
    subprocess.run(["mount", "-o", "remount,size=30m", str(small_disk)], check=True)
    rows = run_fleet(fleet, out, notebook=book, resume=True)
    assert sentences(rows) == {}
    assert_right(fleet, out, set(names))


def test_a_disk_without_room_for_the_batch_itself_is_a_sentence(tmp_path, small_disk):
    (small_disk / "ballast").write_bytes(b"x" * (3 * 1024 * 1024 - 4096 * 2))
    with pytest.raises(BatchStopped, match="cannot be written: no space left on device"):
        run_fleet(fleet_of(tmp_path, ["A" * 80, *(f"shop {i}" * 10 for i in range(9))]), small_disk / "out",
                  notebook=notebook(tmp_path))  # fmt: skip
    assert not [path for path in small_disk.rglob("*") if path.suffix == ".html"]


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path, small_disk):
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(BatchStopped, match="cannot be written: read-only file system"):
        run_fleet(fleet_of(tmp_path, ["A"]), small_disk / "out", notebook=notebook(tmp_path))


def test_one_corrupt_row_in_two_hundred_costs_one_report(tmp_path):
    names = [f"shop {i}" for i in range(200)]
    table = fleet_file(tmp_path, names)
    lines = table.read_text(encoding="utf-8").splitlines()
    lines[101] = "shop 100,tea_shop_startup,1,\ufffd\ufffd12;;"
    table.write_text("\n".join(lines), encoding="utf-8")
    fleet, out = read_fleet(table, skip_wrong_rows=True), tmp_path / "out"
    rows = run_fleet(fleet, out, notebook=notebook(tmp_path))
    (wrong,) = [row for row in rows if row["sentence"]]
    assert (wrong["row"], wrong["name"]) == (102, "shop 100")
    assert wrong["sentence"] == "orders_per_day is '\ufffd\ufffd12;;'; it must be 0 or more orders a day"
    assert_right(fleet, out, set(names) - {"shop 100"})
    assert len([path for path in out.iterdir() if path.is_dir()]) == 199


LISTENING = "import psutil\n{c.laddr.ip for c in psutil.Process().net_connections('inet')}"


def test_a_report_of_one_shop_listens_nowhere(tmp_path):
    outcome = report(job(tmp_path, LISTENING))
    assert outcome.sentence == ""
    assert shown_last(Path(outcome.work)) == "set()"
    assert servers(psutil.Process())[0].net_connections("inet") == []


def test_a_batch_listens_nowhere(tmp_path):
    names = [f"shop {i}" for i in range(4)]
    path, out, book = fleet_file(tmp_path, names), tmp_path / "out", notebook(tmp_path, LISTENING)
    running = run_python(BATCH, path, out, book, "")
    wait_until(lambda: running.poll() is not None or journalled(out) >= 1)
    assert running.poll() is None, running.communicate()
    everybody = [psutil.Process(running.pid), *family(running.pid)]
    assert len(everybody) >= 3, "the batch, its server and a report"
    assert [process.net_connections("inet") for process in everybody if process.is_running()] == [[]] * len(everybody)
    running.communicate(timeout=300)
    for name in names:
        assert shown_last(out / name.replace(" ", "_")) == "set()"


def taken_by_nobody(base, sockets):
    """The files below a folder that another user can open, and the sockets that take a connection of theirs."""
    back, forth = os.pipe()
    if child := os.fork():
        os.close(forth)
        os.waitpid(child, 0)
        with os.fdopen(back) as told:
            return json.load(told)
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
    got = []
    for path in (os.path.join(top, name) for top, _, names in os.walk(base) for name in names):
        with contextlib.suppress(OSError), open(path, "rb"):
            got.append(path)
    for address in sockets:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as line:
            line.connect(address)
            got.append(address)
    os.write(forth, json.dumps(got).encode())
    os._exit(0)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be another user")
def test_another_user_gets_into_no_socket_and_reads_no_unfinished_file_of_a_batch(monkeypatch):
    with tempfile.TemporaryDirectory() as folder:
        # Its own temporary folder as well, all of it open to others as far as the batch leaves it so.
        base, stop = Path(folder), Path(folder) / "stop"
        base.chmod(0o755)
        monkeypatch.setenv("TMPDIR", folder)
        waits = f"import pathlib, time\nwhile not pathlib.Path({str(stop)!r}).exists(): time.sleep(0.05)"
        path, out, book = fleet_file(base, ["A", "B", "C"]), base / "out", notebook(base, waits)
        running = run_python(BATCH, path, out, book, "")
        wait_until(lambda: running.poll() is not None or list(out.glob(".*/*/scenario.yaml")))
        everybody = [psutil.Process(running.pid), *family(running.pid)]
        sockets = {c.laddr for process in everybody for c in process.net_connections("unix") if c.laddr}
        assert sockets, "those of the server that forks"
        seen = taken_by_nobody(folder, sorted(sockets))
        stop.touch()
        running.communicate(timeout=300)
    assert {str(path), str(book)} <= set(seen), "what is open to all is found"
    assert [one for one in seen if ".work." in one or one in sockets or "/out/" not in one] == [str(path), str(book)]


def test_a_kernel_listens_on_this_machine_only(tmp_path):
    """Where nothing can be forked: ipykernel takes what its child processes print from a port of its own."""
    run = tmp_path / "report.ipynb"
    parameters = {"scenario": "tea_shop_startup"}
    assert run_notebook(notebook(tmp_path, LISTENING), run, parameters, cwd=tmp_path, seconds=60) is None
    assert shown_last(tmp_path) in ("set()", "{'127.0.0.1'}")


def shown_last(work):
    return nbformat.read(work / "report.ipynb", as_version=4).cells[-1].outputs[0].data["text/plain"]


def test_an_interrupt_ends_the_batch_in_one_sentence(tmp_path):
    path, out, book = fleet_file(tmp_path, [f"shop {i}" for i in range(9)]), tmp_path / "out", notebook(tmp_path)
    code = (
        "import sys, signal; from ecteam import cli; from ecteam.publish import batch\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "if __name__ == '__main__':\n"
        "    batch.NOTEBOOK = sys.argv[3]\n"
        "    sys.exit(cli.main(['batch', sys.argv[1], '--out', sys.argv[2]]))"
    )
    running = run_python(code, path, out, book, start_new_session=True)
    wait_until(lambda: running.poll() is not None or journalled(out / "fleet") >= 1)
    workers = family(running.pid)
    # As a terminal does: to everybody in the foreground.
    os.killpg(running.pid, signal.SIGINT)
    told, err = running.communicate(timeout=60)
    assert (running.returncode, told) == (130, "")
    assert "Traceback" not in err
    assert err.splitlines()[-1] == f"ecteam: stopped; finished reports are in {out / 'fleet'}: go on with --resume"
    assert psutil.wait_procs(workers, timeout=60)[1] == []
    assert {name for name in files(out / "fleet") if name.startswith(".batch")} == {JOURNAL, LOCK}
