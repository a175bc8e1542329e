"""Nothing of the user's is lost without a word: edited reports, foreign folders and notebooks are kept aside."""

import json
import sys

import pytest

from ecteam import plan_shop
from ecteam.inputs.scenario_file import scenario_path
from ecteam.publish import report, scratch
from ecteam.publish.batch import run_fleet
from ecteam.publish.journal import LAST, LOCK, digest
from ecteam.publish.scratch import WRITTEN
from tests.batches import files, fleet_of, notebook, sentences

SHOP = str(scenario_path("tea_shop_startup"))
CHANGES = {"months": 1}


def make(folder, *cells):
    book = notebook(folder.parent, *cells)
    return report.make_report(plan_shop(SHOP, **CHANGES), SHOP, folder, notebook=book)


def put(folder, text):
    """Put a finished report of one file into its place."""
    work = folder.with_name(f".{folder.name}.work")
    work.mkdir()
    (work / "team.csv").write_text(text)
    (work / "manifest.json").write_text(json.dumps({"sha256": {"team.csv": digest(work / "team.csv")}}))
    scratch.put(work, folder)


def test_a_report_that_somebody_changed_is_kept_whole_beside_the_new_one(tmp_path, capsys):
    folder, kept = tmp_path / "shop", tmp_path / "shop.kept"
    make(folder)
    written = (folder / "plan.xlsx").read_bytes()
    (folder / "plan.xlsx").write_bytes(b"weeks of work")
    capsys.readouterr()
    make(folder)
    assert (kept / "plan.xlsx").read_bytes() == b"weeks of work"
    assert (folder / "plan.xlsx").read_bytes() == written
    assert files(tmp_path) == ["shop", "shop.kept", "small.ipynb"]
    assert capsys.readouterr().err == f"ecteam: {folder} is not as ecteam wrote it; it is kept as {kept}\n"


def test_each_change_is_kept_and_an_untouched_report_is_replaced(tmp_path, capsys):
    folder = tmp_path / "shop"
    for n, change in enumerate(("team.csv", "report.pdf", "manifest.json"), start=1):
        put(folder, "1")
        put(folder, "2")
        assert len(files(tmp_path)) == n
        (folder / change).write_text("my own")
    put(folder, "3")
    assert files(tmp_path) == ["shop", "shop.kept", "shop.kept-2", "shop.kept-3"]
    assert [(tmp_path / name / of).read_text() for name, of in [
        ("shop", "team.csv"), ("shop.kept", "team.csv"), ("shop.kept-2", "report.pdf"), ("shop.kept-3", "manifest.json")
    ]] == ["3", "my own", "my own", "my own"]  # fmt: skip
    assert capsys.readouterr().err.count("is kept as") == 3


@pytest.mark.parametrize("precious", ["team.csv", "plan.xlsx", "manifest.json"])
def test_a_folder_that_holds_only_a_file_of_a_known_name_is_no_report(tmp_path, capsys, precious):
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / precious).write_text("my own")
    put(folder, "1")
    assert (tmp_path / "shop.kept" / precious).read_text() == "my own"
    assert "is kept as" in capsys.readouterr().err


def test_a_failed_run_goes_when_the_report_is_right_unless_somebody_changed_it(tmp_path, capsys):
    folder, saved = tmp_path / "shop", tmp_path / "shop.failed.ipynb"
    for _ in range(2):
        with pytest.raises(report.ReportFailed, match="the run is saved in"):
            make(folder, "1 / 0")
    assert files(tmp_path) == [WRITTEN, "shop.failed.ipynb", "small.ipynb"]
    failed = saved.read_text()
    scratch.drop(saved)
    assert not saved.exists()
    for mine in (failed.replace("1 / 0", "1 / 2"), "my own"):
        saved.write_text(mine)
        scratch.drop(saved)
        assert saved.read_text() == mine
    (tmp_path / "run.ipynb").write_text(failed)
    scratch.put_file(tmp_path / "run.ipynb", saved)
    assert (tmp_path / "shop.failed.ipynb.kept").read_text() == "my own"
    assert report.failure(saved) == "the cell '1 / 0' stopped with ZeroDivisionError: division by zero"
    assert capsys.readouterr().err.count("is kept as") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="reports are forked on Linux only")
def test_a_batch_keeps_what_somebody_changed(tmp_path, capsys):
    fleet, out = fleet_of(tmp_path, ["A", "B"]), tmp_path / "out"
    out.mkdir()
    (out / "B.failed.ipynb").write_text("my own")
    options = {"notebook": notebook(tmp_path), "resume": True}
    assert sentences(run_fleet(fleet, out, **options)) == {}
    assert (out / "B.failed.ipynb").read_text() == "my own"
    (out / "A" / "team.csv").write_text("my own")
    (out / "index.html").write_text("my own")
    assert sentences(run_fleet(fleet, out, **options)) == {}
    assert files(out) == [LOCK, WRITTEN, "A", "A.kept", "B", "B.failed.ipynb", LAST, "index.html", "index.html.kept"]
    assert (out / "index.html.kept").read_text() == "my own"
    assert (out / "A.kept/team.csv").read_text() == "my own"
    assert "team.csv" in json.loads((out / "A/manifest.json").read_text())["sha256"]
    assert capsys.readouterr().err.count("is kept as") == 2
