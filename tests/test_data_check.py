"""`ecteam check` finds whatever is wrong with a data file, so that a report never meets it later."""

import shutil
import subprocess
import sys
from fnmatch import fnmatch

import pytest

from ecteam.cli import main
from ecteam.data_check import OF_EVERY_REPORT, READERS, data_mistakes
from ecteam.inputs.checks import InputError
from ecteam.inputs.files import OF_SOME_SHOPS, data_dir, data_files
from ecteam.inputs.words import read_catalogue

FILES = data_files(data_dir())
DAMAGES = {
    "deleted": None,
    "emptied": lambda text: "",
    "not text": lambda text: "\x00\x01\x02 no table [: {",
    "another heading": lambda text: "x" + text.removeprefix("﻿"),
    "a row cut short": lambda text: f"{text.rstrip()}\ncut",
    "a field that is none": lambda text: f"{text.rstrip()}\nno_such_field: 1\n",
    "cut in half": lambda text: text[: len(text) // 2],
    "a value's name changed": lambda text: text.replace("{file}", "{fil}"),
    "a brace left open": lambda text: text.replace('msgid "{file}', 'msgid "{file'),
}
OF_ENDING = {
    ".csv": ("deleted", "emptied", "not text", "another heading", "a row cut short"),
    ".yaml": ("deleted", "emptied", "not text", "a field that is none"),
    ".po": ("deleted", "emptied", "not text", "cut in half", "a value's name changed", "a brace left open"),
}
HARMLESS = {
    # A datasheet may say nothing; its orders are then read by their headings.
    *((file, "emptied") for file in FILES if file.endswith(".yaml") and ("orders/" in file or "history/" in file)),
    # A title may stand above the header of what a department hands over.
    *((file, "another heading") for file in FILES if "taken_over" in file),
} - {(file, "emptied") for file in FILES if file.startswith("orders/")}


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A folder of data for each damage: what was read of a path is kept."""
    root = tmp_path_factory.mktemp("data")
    count = iter(range(10_000))

    def of(file, damage):
        folder = shutil.copytree(data_dir(), root / str(next(count)))
        if DAMAGES[damage] is None:
            (folder / file).unlink()
        else:
            (folder / file).write_text(DAMAGES[damage]((folder / file).read_text(encoding="utf-8")), encoding="utf-8")
        return folder

    return of


@pytest.mark.parametrize("file", FILES)
def test_a_damaged_data_file_is_found_and_named(copy, file):
    for damage in OF_ENDING[file[file.rindex(".") :]]:
        if (file, damage) in HARMLESS:
            continue
        folder = copy(file, damage)
        told = data_mistakes(folder, [file])
        assert told, f"{file}, {damage}: not found"
        assert all(file.rpartition("/")[2] in sentence for sentence in told), (damage, told)
        shutil.rmtree(folder)


@pytest.mark.parametrize("damage", OF_ENDING[".po"])
def test_a_damaged_catalogue_is_a_sentence_wherever_words_are_used(copy, damage):
    """Of every command and of `import ecteam`: all take their words from here."""
    with pytest.raises(InputError, match=r"zh\.po"):
        read_catalogue(copy("words/zh.po", damage) / "words" / "zh.po")


def test_every_data_file_has_a_reader_and_every_reader_a_file():
    patterns = [row["files"] for row in READERS]
    of_file = {file: next((pattern for pattern in patterns if fnmatch(file, pattern)), None) for file in FILES}
    assert None not in of_file.values()
    assert set(of_file.values()) == set(patterns)


def test_the_data_that_comes_with_ecteam_is_in_order(capsys):
    assert main(["check"]) == 0
    assert "is in order: every file of data can be read" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["check tea_shop_startup", "report tea_shop_startup", "batch tea_shops"])
def test_what_a_report_would_meet_is_refused_before_it_starts(copy, capsys, monkeypatch, tmp_path, command):
    monkeypatch.setenv("ECTEAM_DATA", str(copy("stages/levers.csv", "emptied")))
    monkeypatch.chdir(tmp_path)
    assert main(command.split()) == 2
    assert capsys.readouterr().err.startswith("ecteam: levers.csv is empty or no UTF-8 CSV")
    assert not list(tmp_path.iterdir())


def test_check_names_what_a_folder_of_data_lacks(copy, capsys, monkeypatch):
    monkeypatch.setenv("ECTEAM_DATA", "")
    folder = copy("scenarios/tea_shop_growth.yaml", "deleted")
    assert main(["check", "--data", str(folder)]) == 2
    told = capsys.readouterr().err.splitlines()
    assert f"ecteam: there is no file scenarios/tea_shop_growth.yaml in {folder}" in told
    assert all("tea_shop_growth" in line for line in told)  # the fleet that builds on it is told as well


READS = """
import json, sys, tempfile
from pathlib import Path
from IPython.core.interactiveshell import InteractiveShell
from ecteam.inputs.files import data_dir, notebooks_dir
root, places = f"{data_dir()}/", set()
sys.addaudithook(lambda event, what: event == "open" and str(what[0]).startswith(root)
                 and places.add(str(what[0]).removeprefix(root).split("/")[0]))
shell = InteractiveShell.instance()
for cell in json.loads((notebooks_dir() / "reports" / "team_report.ipynb").read_text())["cells"]:
    if cell["cell_type"] == "code":
        shell.run_cell("".join(cell["source"]), silent=True).raise_error()
from ecteam.publish.report import fill_from_plan
fill_from_plan(Path(tempfile.mkdtemp()), shell.user_ns["plan"], False)
print(*places, file=sys.stderr)
"""


@pytest.mark.slow
def test_a_report_reads_no_folder_of_data_that_the_check_of_a_scenario_leaves_out():
    run = subprocess.run([sys.executable, "-c", READS], capture_output=True, text=True, check=True)
    read = set(run.stderr.splitlines()[-1].split())
    assert {"assumptions", "words", "history"} <= read <= {*OF_EVERY_REPORT, *OF_SOME_SHOPS}
