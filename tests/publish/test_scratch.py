"""Where a run works: killed runs leave nothing behind and lose nothing, and no file is written through a link."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from ecteam import InputError
from ecteam.publish.journal import HOLDER, JOURNAL, LAST, LOCK, Journal, only_batch, whole
from ecteam.publish.scratch import OLD, WRITTEN, put_file, report_in, scratch, temporary
from tests.batches import files, wait_until

posix = pytest.mark.skipif(os.name != "posix", reason="modes and signals of Unix")
KILLED = """
import os, sys
from pathlib import Path
from ecteam.publish import scratch
out = Path(sys.argv[1])
with scratch.scratch(out, "shop") as there:
    work = scratch.report_in(there, "shop")
    (work / "team.csv").write_text("new")
    replace, moved = os.replace, []
    def stops(here, to):
        if moved or not sys.argv[2]:
            print("between", flush=True)
            sys.stdin.read()
        moved.append(replace(here, to))
    os.replace = stops
    scratch.as_written = lambda folder: True
    scratch.put(work, out / "shop")
"""


@posix
@pytest.mark.parametrize("between_renames", ["", "yes"])
def test_what_a_killed_run_left_is_cleared_and_an_older_report_is_back_in_its_place(tmp_path, between_renames):
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "team.csv").write_text("old")
    command = [sys.executable, "-c", KILLED, str(tmp_path), between_renames]
    run = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert run.stdout.readline() == "between\n"
    with scratch(tmp_path, "shop"):
        assert len([name for name in files(tmp_path) if name != "shop"]) == 2, "a run at work is left alone"
    run.kill()
    run.communicate()
    assert (tmp_path / "shop").exists() is not bool(between_renames)
    with scratch(tmp_path, "shop"):
        assert (tmp_path / "shop" / "team.csv").read_text() == "old"
    assert files(tmp_path) == ["shop"]


def test_a_newer_report_stays_and_the_work_of_other_names_is_left_alone(tmp_path):
    for name in (".shop.work.1", ".other.work.1", ".shop[1].work.1"):
        (tmp_path / name / f"shop.abc{OLD}").mkdir(parents=True)
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "team.csv").write_text("new")
    with scratch(tmp_path, "shop"):
        pass
    assert (tmp_path / "shop" / "team.csv").read_text() == "new"
    assert files(tmp_path) == [".other.work.1", ".shop[1].work.1", "shop"]


@posix
@pytest.mark.parametrize("umask", [0o022, 0o027, 0o077])
def test_a_report_has_the_mode_that_other_folders_have(tmp_path, umask):
    before = os.umask(umask)
    try:
        with scratch(tmp_path, "shop") as there:
            assert there.stat().st_mode & 0o777 == 0o700
            assert report_in(there, "shop").stat().st_mode & 0o777 == 0o777 & ~umask
    finally:
        os.umask(before)


@posix
def test_what_a_killed_run_left_among_temporary_files_is_cleared_and_that_of_others_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    code = "from ecteam.publish.scratch import temporary\nwith temporary() as there: print(there, flush=True); input()"
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    run = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    )
    left = Path(run.stdout.readline().strip())
    theirs, precious = tmp_path / ".ecteam.work.link", tmp_path / "precious"
    (precious / f"shop.abc{OLD}").mkdir(parents=True)
    theirs.symlink_to(precious)
    with temporary():
        assert left.is_dir(), "a run at work is left alone"
    run.kill()
    run.communicate()
    with temporary() as there:
        assert there.stat().st_mode & 0o777 == 0o700
        assert not left.exists()
    assert files(tmp_path) == [theirs.name, "precious"]
    assert files(precious) == [f"shop.abc{OLD}"]


@posix
@pytest.mark.parametrize("umask", [0o000, 0o022])
def test_the_hidden_files_of_a_batch_are_for_their_owner_alone(tmp_path, umask):
    before = os.umask(umask)
    try:
        with only_batch(tmp_path):
            Journal(tmp_path).begin([])
            Journal(tmp_path).add({"name": "A"})
            whole(tmp_path / LAST, "[]")
            modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    finally:
        os.umask(before)
    assert modes == dict.fromkeys((JOURNAL, LOCK, HOLDER), 0o600) | {LAST: 0o666 & ~umask}


def test_a_file_that_somebody_changed_or_put_there_is_kept(tmp_path, capsys):
    page = tmp_path / "index.html"

    def put(text):
        (tmp_path / "new").write_text(text)
        put_file(tmp_path / "new", page)
        return page.read_text(), sorted(set(files(tmp_path)) - {WRITTEN, "index.html"})

    page.write_text("somebody's")
    assert put("1") == ("1", ["index.html.kept"])
    assert put("2") == ("2", ["index.html.kept"])
    assert put("2") == ("2", ["index.html.kept"])
    page.write_text("2, with notes")
    assert put("3") == ("3", ["index.html.kept", "index.html.kept-2"])
    assert (tmp_path / "index.html.kept-2").read_text() == "2, with notes"
    (tmp_path / WRITTEN).write_text("[1")
    assert put("4") == ("4", ["index.html.kept", "index.html.kept-2", "index.html.kept-3"])
    assert capsys.readouterr().err.count("is kept as") == 3


@posix
def test_nothing_is_written_through_a_link(tmp_path):
    precious, out = tmp_path / "precious", tmp_path / "out"
    precious.write_text("mine")
    out.mkdir()
    for name in ("index.html", "index.html.new", JOURNAL, LAST, HOLDER):
        (out / name).symlink_to(precious)
    whole(out / "index.html", "ours")
    journal = Journal(out)
    with only_batch(out):
        journal.begin([])
        journal.add({"name": "A"})
        journal.end([])
    assert (out / "index.html").read_text() == "ours"
    assert not (out / "index.html").is_symlink()
    (out / LOCK).unlink()
    (out / LOCK).symlink_to(tmp_path / "lock")
    with pytest.raises(InputError, match="leads elsewhere"), only_batch(out):
        pytest.fail("it was let in")
    assert precious.read_text() == "mine"
    assert not (tmp_path / "lock").exists()


@posix
def test_two_runs_that_start_at_once_do_not_clear_each_other(tmp_path):
    code = (
        "import sys; from pathlib import Path; from ecteam.publish.scratch import scratch\n"
        "for n in range(200):\n"
        "    with scratch(Path(sys.argv[1]), 'shop') as there:\n"
        "        (there / 'mine').write_text('1'); assert (there / 'mine').is_file()\n"
    )
    runs = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stderr=subprocess.PIPE) for _ in range(3)]
    wait_until(lambda: all(run.poll() is not None for run in runs))
    assert [(run.returncode, run.stderr.read()) for run in runs] == [(0, b"")] * 3
    assert files(tmp_path) == []
