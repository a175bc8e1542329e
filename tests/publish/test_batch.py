"""A fleet becomes reports: one that fails is a row, a batch that is killed goes on, and no shop meets another.

The tests share the server from which this process forks reports; those that start, kill or fill something of their own
are in test_batch_faults.py.
"""

import io
import json
import math
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import zipfile

import nbformat
import pytest

from ecteam import InputError
from ecteam.cli import main
from ecteam.publish import batch, cluster, scratch
from ecteam.publish.batch import BatchStopped, progress, run_fleet
from ecteam.publish.fleet import Shop, read_fleet
from ecteam.publish.journal import HOLDER, JOURNAL, LAST, LOCK, MANIFEST, TOTALS, Journal, digest, is_whole, only_batch
from ecteam.publish.scratch import WRITTEN
from tests.batches import (
    FIRST,
    assert_right,
    files,
    fleet_file,
    fleet_of,
    notebook,
    run_python,
    sentences,
)
from tests.pages import text_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reports are forked on Linux only")


@pytest.mark.core
def test_a_fleet_becomes_reports_and_an_index(tmp_path):
    fleet, out = fleet_of(tmp_path, ["Lake Tea", "../x", "<b>茶</b>"]), tmp_path / "out"
    rows = run_fleet(fleet, out, notebook=notebook(tmp_path))
    assert sentences(rows) == {}
    assert [row["tries"] for row in rows] == [1, 1, 1]
    assert files(out) == [LOCK, WRITTEN, "Lake_Tea", "b_茶_b", LAST, "index.html", "x"]
    assert_right(fleet, out, {shop.name for shop in fleet.shops})
    assert files(tmp_path) == ["fleet.csv", "out", "small.ipynb"]
    page = (out / "index.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;茶&lt;/b&gt;" in page
    assert "<b>" not in page
    # The run in the report can be run again where it stands, and does not show the cell that checks it.
    run = nbformat.read(out / "x" / "report.ipynb", as_version=4)
    assert [cell.execution_count for cell in run.cells] == [1, 2, 3]
    assert 'scenario = "scenario.yaml"' in run.cells[1].source
    assert run.cells[2].outputs[0].data["text/plain"] == "'../x'"


FAULTS = """
import os, signal, sys
if name == "raises": 1 / 0
if name == "leaves": sys.exit(0)
if name == "ends": os._exit(3)
if name == "dies": os.kill(os.getpid(), signal.SIGKILL)
if name == "shows": raise type("Odd", (Exception,), {})("x" * 5000)
"""


def test_a_report_that_fails_is_a_row_and_the_rest_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "TRIES", 2)
    fleet, out = fleet_of(tmp_path, ["raises", "good", "leaves", "ends", "dies", "shows"]), tmp_path / "out"
    rows = run_fleet(fleet, out, notebook=notebook(tmp_path, FAULTS))
    failures, cell = sentences(rows), "import os, signal, sys"
    assert len(failures.pop("shows")) <= 1000
    assert failures == {
        "raises": f"the cell '{cell}' stopped with ZeroDivisionError: division by zero",
        "leaves": f"the cell '{cell}' stopped with SystemExit: 0",
        "ends": f"the process ended with exit status 3 in the cell '{cell}'",
        "dies": f"the process was killed by signal 9 in the cell '{cell}'",
    }
    assert {(row["tries"], row["cell"]) for row in rows if row["sentence"]} == {(2, cell)}
    assert_right(fleet, out, {"good"})
    saved = [f"{name}.failed.ipynb" for name in ("leaves", "raises", "shows")]
    assert files(out) == [LOCK, WRITTEN, LAST, "good", "index.html", *saved]
    page = (out / "index.html").read_text(encoding="utf-8")
    assert '<a href="raises.failed.ipynb"><code>import os, signal, sys</code></a>' in page


def test_a_notebook_that_loops_for_ever_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "TRIES", 1)
    fleet = fleet_of(tmp_path, ["loops"])
    book = notebook(tmp_path, "while True:\n    try:\n        pass\n    except Exception:\n        pass")
    started = time.monotonic()
    (row,) = run_fleet(fleet, tmp_path / "out", notebook=book, seconds=1)
    assert row["sentence"] == "the report was not ready within 1 s and was stopped in the cell 'while True:'"
    assert (row["tries"], row["cell"]) == (1, "while True:")
    assert time.monotonic() - started < 60
    # Where it hung can be seen in the saved run.
    run = nbformat.read(tmp_path / "out" / "loops.failed.ipynb", as_version=4)
    assert any(output.output_type == "error" for cell in run.cells for output in cell.get("outputs", []))


POISON = """
import os, random, sys, time
import numpy as np, pandas as pd
import ecteam.plan.solve
clean = (
    os.environ.get("POISON"), hasattr(ecteam, "poison"), "poison" in globals(), pd.get_option("display.max_rows"),
    sys.path[0] != "poison", time.strftime("%Z"), os.path.basename(os.getcwd()).split(".")[0] == name,
)
assert clean == (None, False, False, 60, True, time.tzname[0], True), clean
print(random.random(), np.random.random())
"""
SPREAD = """
os.environ["POISON"] = os.environ["TZ"] = "poison"
time.tzset()
poison = ecteam.poison = True
pd.set_option("display.max_rows", 7)
sys.path.insert(0, "poison")
random.seed(1)
np.random.seed(1)
os.chdir("/")
plan.assumptions.numbers.loc[:, "typical"] *= 0.5
ecteam.plan.solve.solve = None
"""


def test_what_a_notebook_does_to_its_process_reaches_no_other_report(tmp_path):
    names = [f"shop{i}" for i in range(4)]
    fleet, out = fleet_of(tmp_path, names), tmp_path / "out"
    # The plan was made before; what is shown of it stays right.
    rows = run_fleet(fleet, out, notebook=notebook(tmp_path, "plan.to_json()[:0]", POISON, SPREAD))
    assert sentences(rows) == {}
    assert_right(fleet, out, set(names))
    drawn = set()
    for name in names:
        run = nbformat.read(out / name / "report.ipynb", as_version=4)
        drawn |= set("".join(o.text for o in run.cells[4].outputs).split())
    assert len(drawn) == 2 * len(names), "forked children must not draw the same random numbers"


def test_a_report_of_another_shop_is_refused(tmp_path):
    fleet, out = fleet_of(tmp_path, ["A", "B"]), tmp_path / "out"
    book = notebook(tmp_path, 'if name == "B":\n    plan = plan_shop(scenario, name="A", orders_per_day=30)')
    rows = run_fleet(fleet, out, notebook=book)
    assert sentences(rows) == {"B": "the notebook's plan is not that of the shop's own inputs"}
    assert_right(fleet, out, {"A"})
    assert not (out / "B").exists()


def test_a_report_from_workers_with_other_data_is_refused(tmp_path, monkeypatch):
    fleet, out = fleet_of(tmp_path, ["A"]), tmp_path / "out"
    other = fleet_of(tmp_path, ["A"], orders=31).shops[0].plan()
    # Here, not on the workers: as if they read other tables.
    monkeypatch.setattr(Shop, "plan", lambda self: other)
    (row,) = run_fleet(fleet, out, notebook=notebook(tmp_path))
    assert row["sentence"].startswith("the report shows another plan than its row gives")
    assert not (out / "A").exists()


def test_a_team_that_does_not_settle_is_one_row_and_is_not_tried_again(tmp_path):
    fleet, out = fleet_of(tmp_path, ["A", "B"], leading_hours_per_head=["", 500]), tmp_path / "out"
    rows = run_fleet(fleet, out, notebook=notebook(tmp_path))
    assert sentences(rows)["B"].startswith("headcount does not converge")
    assert [row["tries"] for row in rows] == [1, 1]
    assert_right(fleet, out, {"A"})


def test_changes_against_the_last_run_are_shown_and_unchanged_reports_can_be_kept(tmp_path):
    out, book = tmp_path / "out", notebook(tmp_path)
    run_fleet(fleet_of(tmp_path, ["A", "B", "C"]), out, notebook=book)
    written = {name: (out / name / "report.html").stat().st_mtime_ns for name in "AB"}
    fleet = fleet_of(tmp_path, ["A", "B"], average_order_value=[90, ""])
    rows = run_fleet(fleet, out, notebook=book, resume=True)
    assert [row["before"]["orders_total"] for row in rows] == [row["totals"]["orders_total"] for row in rows]
    assert (out / "A" / "report.html").stat().st_mtime_ns > written["A"], "its row has changed"
    assert (out / "B" / "report.html").stat().st_mtime_ns == written["B"], "its row has not"
    page = (out / "index.html").read_text(encoding="utf-8")
    assert "No longer in the fleet" in page
    assert ">C</a>" in page
    # A report that somebody touched is made again.
    (out / "B" / "report.html").write_text("mine")
    run_fleet(fleet, out, notebook=book, resume=True)
    assert_right(fleet, out, {"A", "B"})


def test_a_batch_that_stopped_half_way_goes_on_where_it_was(tmp_path, monkeypatch):
    fleet, out, book = fleet_of(tmp_path, ["A", "B", "C"]), tmp_path / "out", notebook(tmp_path)
    add = Journal.add

    def add_two(journal, row):
        if journal.path.read_text().count("\n") == 2:
            raise OSError(28, "No space left on device")
        add(journal, row)

    with monkeypatch.context() as patched:
        patched.setattr(Journal, "add", add_two)
        with pytest.raises(BatchStopped, match="cannot be written: no space left on device"):
            run_fleet(fleet, out, notebook=book)
    # A line that a kill or a full disk has cut short counts for nothing.
    with (out / JOURNAL).open("a") as file:
        file.write('{"name": "C", "sent')
    done = [json.loads(line)["folder"] for line in (out / JOURNAL).read_text().split("\n")[:-1]]
    assert len(done) == 2
    written = {folder: (out / folder / "report.html").stat().st_mtime_ns for folder in done}
    assert sentences(run_fleet(fleet, out, notebook=book, resume=True)) == {}
    assert_right(fleet, out, {"A", "B", "C"})
    assert {f: (out / f / "report.html").stat().st_mtime_ns for f in written} == written, "what was done is kept"


def test_what_a_worker_of_a_killed_batch_still_writes_is_not_in_the_way(tmp_path, monkeypatch):
    out = tmp_path / "out"
    (out / ".batch.work.killed" / "A.x").mkdir(parents=True)
    remove = shutil.rmtree

    def remove_unless_in_use(path, **options):
        if path.name != ".batch.work.killed":
            remove(path, **options)

    monkeypatch.setattr(scratch.shutil, "rmtree", remove_unless_in_use)
    assert sentences(run_fleet(fleet_of(tmp_path, ["A"]), out, notebook=notebook(tmp_path))) == {}
    assert files(out) == [LOCK, ".batch.work.killed", WRITTEN, "A", LAST, "index.html"]


PAY = {"pay_cs_agent": [7777.25]}


def test_pay_that_a_row_sets_is_shown_only_if_it_is_asked_for(tmp_path):
    fleet, out = fleet_of(tmp_path, ["A"], **PAY), tmp_path / "out"
    options = {"notebook": notebook(tmp_path, first=f"{FIRST}\nshow_pay = False"), "resume": True}

    def told():
        return {path.name for path in (out / "A").iterdir() if "7777.25" in text_of(path)}

    assert sentences(run_fleet(fleet, out, **options)) == {}
    assert_right(fleet, out, {"A"})
    assert told() == set()
    # Who may read is an input of a report as well: this one is made again.
    assert sentences(run_fleet(fleet, out, show_pay=True, **options)) == {}
    assert_right(fleet, out, {"A"}, show_pay=True)
    # In cost.csv stands the pay of 1.2 people.
    assert told() == {"report.ipynb", "plan.json", "plan.xlsx", "assumptions.csv"}
    assert "show_pay = True" in nbformat.read(out / "A" / "report.ipynb", as_version=4).cells[1].source


HOLD = """
import sys
from pathlib import Path
from ecteam.publish.journal import only_batch
with only_batch(Path(sys.argv[1])):
    print("held")
    sys.stdin.read()
"""


def test_a_second_batch_into_the_same_folder_is_refused_with_who_holds_it(tmp_path):
    fleet, out = fleet_of(tmp_path, ["A"]), tmp_path / "out"
    out.mkdir()
    first = run_python(HOLD, out, stdin=subprocess.PIPE)
    assert first.stdout.readline() == "held\n"
    with pytest.raises(InputError, match=f"in use by another batch: process {first.pid} on {socket.gethostname()}"):
        run_fleet(fleet, out, notebook=notebook(tmp_path))
    assert files(out) == [HOLDER, LOCK]
    first.kill()
    first.communicate()
    # The note of a killed batch is still there; nobody holds the lock.
    assert files(out) == [HOLDER, LOCK]
    assert sentences(run_fleet(fleet, out, notebook=notebook(tmp_path))) == {}
    assert HOLDER not in files(out)


def test_a_lock_of_another_host_is_believed(tmp_path):
    (tmp_path / HOLDER).write_text('{"pid": 7, "host": "elsewhere", "since": "2026-11-25 09:00"}')
    with (
        pytest.raises(InputError, match=r"process 7 on elsewhere since 2026-11-25 09:00; if it runs no longer, delete"),
        only_batch(tmp_path),
    ):
        pytest.fail("it was let in")
    (tmp_path / HOLDER).write_text("[")
    with only_batch(tmp_path):
        assert str(json.loads((tmp_path / HOLDER).read_text())["pid"]).isdecimal()
    assert files(tmp_path) == [LOCK]


def test_what_is_not_ours_is_left_alone(tmp_path):
    fleet, out = fleet_of(tmp_path, ["A", "B", "C"]), tmp_path / "out"
    (out / "A").mkdir(parents=True)
    (out / "A" / "diary.txt").write_text("precious")
    (out / "B").write_text("precious")
    (out / "index.html").write_text("precious")
    with pytest.raises(InputError) as error:
        run_fleet(fleet, out, notebook=notebook(tmp_path))
    assert [mistake.removeprefix(str(out)) for mistake in error.value.mistakes] == [
        " holds an index.html that is not of a batch; name another folder with --out",
        "/A holds 'diary.txt', which is no part of a report; name another folder with --out",
        "/B is no folder; name another one with --out",
    ]
    assert files(out) == ["A", "B", "index.html"]


@pytest.mark.parametrize(
    ("out", "error", "sentence"),
    [
        (f"{LAST}/out", BatchStopped, "cannot be written: not a directory"),
        ("", InputError, r"fleet\.json is damaged or no file of ours; delete it to start anew"),
    ],
)
def test_a_folder_that_cannot_be_used_is_a_sentence(tmp_path, out, error, sentence):
    (tmp_path / LAST).write_text("[{")
    with pytest.raises(error, match=sentence):
        run_fleet(fleet_of(tmp_path, ["A"]), tmp_path / out, notebook=notebook(tmp_path))


ROW = {
    "name": "A", "row": 2, "folder": "A", "key": "k", "manifest": "m", "sentence": "", "cell": "", "tries": 1,
    "stage": "startup", "city": "hangzhou", "currency": "CNY", "totals": dict.fromkeys(TOTALS, 1.5) | {"b": None},
    "before": {}, "pay_shown": False,
}  # fmt: skip
NO_SHOPS = [{"city": "atlantis"}, {"stage": "decline"}, {"totals": {}}, {"totals": dict.fromkeys(TOTALS, math.inf)}]
WRONG = [None, 1.5, [[1]], {"a": [1]}, [None], ["text"], {"a": {}}]


@pytest.mark.parametrize("name", [LAST, JOURNAL])
def test_rows_of_other_types_or_of_no_shop_are_a_sentence(tmp_path, name):
    journal, sentence = Journal(tmp_path), re.escape(f"{tmp_path / name} is damaged or no file of ours; delete it to")

    def read(value):
        (tmp_path / name).write_text(json.dumps([value] if name == LAST else value) + "\n")
        return journal.before()[name == LAST]

    assert read(ROW) == [ROW]
    assert read({"a": [1]}) == [], "another version's row is not there"
    others = [ROW | wrong for wrong in NO_SHOPS]
    for wrong in [ROW | {field: value} for field in ROW for value in WRONG] + others + [None, 5, "text", [[1]], [ROW]]:
        with pytest.raises(InputError, match=sentence):
            read(wrong)
    for text in ("null\n", "5\n", "[5]\n", "[" * 99_999 + "\n", "\xff\n"):
        (tmp_path / name).write_bytes(text.encode("latin-1"))
        with pytest.raises(InputError, match=sentence):
            journal.before()


@pytest.mark.parametrize(
    "content", ["null", "5", "[[]]", '{"index.html": 5}', '{"index.html": {"a": null}}', "[" * 99_999]
)
def test_notes_of_other_types_are_not_there(tmp_path, content):
    out = tmp_path / "out"
    (out / "A").mkdir(parents=True)
    for path in (out / WRITTEN, out / HOLDER, out / "A" / MANIFEST):
        path.write_text(content)
    (out / "new").write_text("new")
    scratch.put_file(out / "new", out / "index.html")
    assert list(json.loads((out / WRITTEN).read_text())) == ["index.html"]
    with only_batch(out):
        assert not is_whole(out / "A", digest(out / "A" / MANIFEST))
    for folder in ("a\0b", "x" * 999, "nowhere"):
        assert not is_whole(out / folder, "")


@pytest.mark.core
def test_the_workers_of_a_cluster_give_what_this_machine_gives(tmp_path):
    from distributed import LocalCluster

    fleet, book = fleet_of(tmp_path, ["A", "B"]), notebook(tmp_path)
    options = {"host": "127.0.0.1", "protocol": "tcp://", "dashboard_address": None, "memory_limit": None}
    # A worker that is a thread of this process: what is sent goes through Dask as it would to another.
    with LocalCluster(n_workers=1, threads_per_worker=1, processes=False, **options) as running:
        rows = run_fleet(fleet, tmp_path / "there", notebook=book, scheduler=running.scheduler_address, insecure=True)
    assert sentences(rows) == {}
    assert_right(fleet, tmp_path / "there", {"A", "B"})


def test_a_scheduler_that_is_not_there_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.5)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    for wrong, sentence in (
        (address, f"there is no Dask scheduler at {address}"),
        ("http://x", "--scheduler is 'http://x'; it must be tcp://HOST:PORT or tls://HOST:PORT"),
        ("tcp://127.0.0.1:99999", "there is no Dask scheduler at tcp://127.0.0.1:99999"),
    ):
        with pytest.raises(InputError, match=sentence):
            run_fleet(
                fleet_of(tmp_path, ["A"]), tmp_path / "out", notebook=notebook(tmp_path), scheduler=wrong, insecure=True
            )
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("says", [b"SSH-2.0-OpenSSH_9.2\r\n", b""])
def test_what_answers_but_is_no_scheduler_is_a_sentence(tmp_path, monkeypatch, says):
    """Its greeting is read as a length of memory; nothing is printed of it, nothing written."""
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 2)
    lines = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        threading.Thread(target=lambda: lines.append(server.accept()[0]) or lines[0].sendall(says), daemon=True).start()
        with pytest.raises(InputError, match=f"there is no Dask scheduler at {address}: "):
            run_fleet(fleet_of(tmp_path, ["A"]), tmp_path / "out", notebook=notebook(tmp_path), scheduler=address,
                      insecure=True)  # fmt: skip
    assert not (tmp_path / "out").exists()


def test_a_cluster_without_tls_is_refused_unless_asked_for(tmp_path, capsys):
    command = ["batch", str(fleet_file(tmp_path, ["A"])), "--out", str(tmp_path / "out"), "--scheduler"]
    with socket.create_server(("127.0.0.1", 0)) as listening:
        place = f"127.0.0.1:{listening.getsockname()[1]}"
        assert main([*command, f"tcp://{place}"]) == 2
        assert f"tcp://{place} has no TLS, so whoever reaches it can run code as you" in capsys.readouterr().err
        listening.settimeout(0)
        with pytest.raises(BlockingIOError):
            listening.accept()
        assert not (tmp_path / "out").exists()
        # Without certificates Dask opens no connection of TLS.
        with pytest.raises(InputError, match="TLS"), cluster.client_of(f"tls://{place}"):
            pytest.fail("it was connected")


def test_a_cluster_with_tls_is_that_of_dasks_settings(tmp_path):
    import dask
    from distributed import LocalCluster
    from distributed.security import Security

    pair = ["-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "cert.pem"), "-subj", "/CN=ecteam"]
    made = shutil.which("openssl") or pytest.skip("certificates need openssl")
    subprocess.run([made, "req", "-x509", "-nodes", "-newkey", "rsa:2048", *pair], check=True, capture_output=True)
    one = {"key": str(tmp_path / "key.pem"), "cert": str(tmp_path / "cert.pem")}
    roles = {f"{role}.{what}": path for role in ("client", "scheduler", "worker") for what, path in one.items()}
    tls = {f"distributed.comm.tls.{name}": path for name, path in ({"ca-file": one["cert"]} | roles).items()}
    options = {"host": "127.0.0.1", "dashboard_address": None, "processes": False, "n_workers": 1}
    with (
        dask.config.set(tls | {"distributed.comm.require-encryption": True}),
        LocalCluster(**options, protocol="tls://", security=Security(), memory_limit=None) as running,
        cluster.client_of(running.scheduler_address) as client,
    ):
        assert running.scheduler_address.startswith("tls://")
        assert client.submit(len, "TLS").result() == 3
        with (
            pytest.raises(InputError, match="encryption"),
            cluster.client_of(f"tcp{running.scheduler_address[3:]}", True),
        ):
            pytest.fail("it was connected")


def test_the_command_says_where_the_index_is_and_fails_if_a_report_does(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(batch, "NOTEBOOK", str(notebook(tmp_path, FAULTS)))
    options = ["--out", str(tmp_path / "out")]
    assert main(["batch", str(fleet_file(tmp_path, ["good"])), *options]) == 0
    out, err = capsys.readouterr()
    assert out == f"{tmp_path / 'out' / 'fleet' / 'index.html'}\n"
    assert err.startswith("1 of 1: good: ")
    path = fleet_file(tmp_path, ["good", "raises", "Cold Tea"], return_share=["", "", 7])
    assert main(["batch", str(path), *options]) == 2
    assert capsys.readouterr().err == (
        "ecteam: fleet.csv row 4: return_share is 7; it must be 0 to 0.95 return parcels per order\n"
    )
    assert main(["batch", str(path), *options, "--skip-wrong-rows"]) == 1
    said = capsys.readouterr().err.splitlines()
    assert said[-2].startswith("ecteam: fleet.csv row 3, raises: the cell 'import os, signal, sys' stopped with Zero")
    assert said[-1].startswith("ecteam: fleet.csv row 4, Cold Tea: return_share is 7; it must be")


EVIL = "=1+1 <script>alert(1)</script> & 茶"


@pytest.mark.slow
def test_a_hostile_name_is_text_in_every_file_of_a_real_report(tmp_path):
    """The package's own notebook, in Chinese: page, sliders, cards, chart, workbook and index."""
    path = fleet_file(tmp_path, [EVIL, "B"], dedicated_desk=["true", "true"])
    fleet, out = read_fleet(path), tmp_path / "out"
    rows = run_fleet(fleet, out, lang="zh")
    assert sentences(rows) == {}
    assert_right(fleet, out, {EVIL, "B"})
    folder = out / fleet.shops[0].folder
    for page in (out / "index.html", folder / "report.html", folder / "post_cards.html", folder / "organisation.svg"):
        text = page.read_text(encoding="utf-8")
        assert "<script>alert" not in text, page
        assert 'http-equiv="refresh' not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; 茶" in (folder / "report.html").read_text(encoding="utf-8")
    page = (out / "index.html").read_text(encoding="utf-8")
    assert '<html lang="zh-Hans">' in page
    assert "共享可节省多少" in page
    assert "客服席" in page
    with zipfile.ZipFile(folder / "plan.xlsx") as parts:
        sheets = [parts.read(part).decode() for part in parts.namelist() if part.startswith("xl/worksheets/sheet")]
    assert not any("alert(1)" in formula for sheet in sheets for formula in re.findall(r"<f>(.*?)</f>", sheet))


def test_a_fleet_in_chinese_is_made_anew_where_there_was_an_english_one(tmp_path):
    fleet, out, book = fleet_of(tmp_path, ["A"]), tmp_path / "out", notebook(tmp_path, "lang")
    run_fleet(fleet, out, notebook=book)
    (row,) = run_fleet(fleet, out, notebook=book, resume=True, lang="zh")
    run = nbformat.read(out / "A" / "report.ipynb", as_version=4)
    assert run.cells[-1].outputs[0].data["text/plain"] == "'zh'"
    assert json.loads((out / "A" / "manifest.json").read_text())["language"] == "zh"
    assert "多店铺报告：fleet.csv" in (out / "index.html").read_text(encoding="utf-8")
    assert row["before"]["orders_total"] == row["totals"]["orders_total"]


def test_a_pdf_without_a_browser_is_refused_before_anything_runs(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("ecteam.publish.page.PLACES", ())
    with pytest.raises(InputError, match="there is no Chromium, Chrome or Edge"):
        run_fleet(fleet_of(tmp_path, ["A"]), tmp_path / "out", notebook=notebook(tmp_path), pdf=True)
    assert not (tmp_path / "out").exists()


def test_progress_is_a_line_for_each_report_with_the_time_that_is_left():
    totals = {"heads_last_month": 5, "cost_per_month": 1234.5}
    log = io.StringIO()
    tell = progress(4, 2, log)
    tell({"name": "A", "sentence": "", "currency": "CNY", "totals": totals})
    tell({"name": "B", "sentence": "it broke"})
    first, second = log.getvalue().splitlines()
    assert first.startswith("3 of 4: A: 5 heads, 1,234 CNY a month; about ")
    assert second == "4 of 4: B: failed: it broke"
