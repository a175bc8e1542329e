"""The run sheet, the handouts, and the command that writes the lessons."""

from html import escape
from pathlib import Path

import nbformat
import pytest

from ecteam.cli import main
from ecteam.inputs.files import notebooks_dir
from ecteam.inputs.words import use
from ecteam.workshop import room
from ecteam.workshop.cases import cards, case_table, cases
from ecteam.workshop.copies import handouts, sources
from ecteam.workshop.lesson import lessons

LANGUAGES = ("en", "zh")


def test_the_machine_of_the_tests_is_ready():
    wrong = [found for fine, found, _ in room.machine() if not fine]
    assert wrong == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_wrong_says_what_to_do(lang, monkeypatch):
    use(lang)
    monkeypatch.setattr(room, "LEAST_MEMORY_GB", 10_000)
    monkeypatch.setattr(room, "LEAST_PYTHON", (9, 0))
    monkeypatch.setattr(room, "FILE", Path("no font"))
    monkeypatch.setattr(room, "requires", lambda _: ["numpy>=999.0", "no-such-package>=1.0", "pandas>=2.2"])
    page = room.run_sheet()
    assert page.count("✗") == 4
    assert {"en": "Not ready: 4 of", "zh": "还差 4 项"}[lang] in page
    assert {"en": "close other programs", "zh": "关闭其他程序"}[lang] in page
    assert "numpy" in page
    assert "no-such-package" in page
    assert "pandas" not in page


def test_the_run_sheet_is_one_cell_to_run():
    book = nbformat.read(notebooks_dir() / "workshop" / "00_run_sheet.ipynb", as_version=4)
    names = {}
    for cell in book.cells:
        if cell.cell_type == "code" and "run_sheet(" not in cell.source:
            exec(cell.source, names)
    assert book.cells[-1].source == "run_sheet()"
    assert "✓" in eval(book.cells[-1].source, names)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_handouts_hold_every_card_and_case_and_ask_no_host(lang):
    use(lang)
    page = handouts()
    assert "@font-face" in page
    page = page.partition("</style>")[2]
    for frame in (cards(), cases()):
        assert all(escape(name) in page for name in frame[lang])
    for file in lessons().values():
        assert getattr(file.title, lang) in page
    assert "<script" not in page
    assert "http" not in page
    assert page.count("<section") == 9


def test_the_hours_of_the_workshop_add_up():
    plan = case_table("timing")
    assert plan["starts"].tolist() == [0, *plan["minutes"].cumsum()[:-1]]
    assert plan["minutes"].sum() == 180


@pytest.mark.parametrize("arguments", [[], ["--teacher", "--lang", "zh"]])
def test_the_command_writes_lessons_once(arguments, tmp_path, capsys):
    folder = tmp_path / "lessons"
    assert main(["lessons", str(folder), *arguments]) == 0
    assert {path.name for path in folder.glob("*.ipynb")} == {path.name for path in sources()}
    assert (folder / "handouts_zh.html").is_file() == bool(arguments)
    capsys.readouterr()
    assert main(["lessons", str(folder)]) == 2
    assert "may hold somebody's answers" in capsys.readouterr().err


def test_a_demo_holds_no_answers(tmp_path):
    assert main(["demo", str(tmp_path / "demo")]) == 0
    text = "".join(path.read_text() for path in (tmp_path / "demo" / "notebooks" / "workshop").glob("*.ipynb"))
    assert "my_least = ..." in text
    assert "SOLUTION" not in text
