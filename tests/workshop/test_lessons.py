"""Every lesson runs as shipped, where it says kindly what is open, and as solved, where every check passes."""

import itertools
import re
from math import inf

import nbformat
import pytest
from jupyter_client.manager import KernelManager

from ecteam.inputs.checks import InputError
from ecteam.inputs.words import use
from ecteam.workshop import checks, copies
from ecteam.workshop.lesson import Exercise, lessons
from tests.workshop.answers import RIGHT, WRONG, made_of

SOURCES = [path for path in copies.sources() if not path.stem.startswith(("00_", "99_"))]
EXERCISES = [(key, name) for key, file in lessons().items() for name in file.exercises]
LANGUAGES = ("en", "zh")


def mostly(lang):
    """The languages of a run of every lesson: `lang`, and the other one where all tests run."""
    return [lang, *(pytest.param(other, marks=pytest.mark.slow) for other in LANGUAGES if other != lang)]


def source(path):
    return nbformat.read(path, as_version=4)


def key_of(path):
    return next(key for key, file in lessons().items() if file.notebook == path.stem)


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    """One kernel that reads its cells from sockets in files and is emptied between lessons."""
    manager = KernelManager(kernel_name="python3", transport="ipc", ip=str(tmp_path_factory.mktemp("kernel") / "k"))
    manager.start_kernel()
    client = manager.blocking_client()
    client.start_channels()
    client.wait_for_ready(timeout=120)
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def run(kernel, book):
    """The cells run one after the other in an emptied kernel: (source, what is shown as text, or the error)."""
    shown = []
    for cell in [nbformat.v4.new_code_cell("%reset -f"), *book.cells]:
        if cell.cell_type != "code":
            continue
        texts = []

        def keep(message, texts=texts):
            content = message["content"]
            if message["msg_type"] == "error":
                texts.append("ERROR " + content["evalue"])
            elif message["msg_type"] in ("execute_result", "display_data"):
                texts.append(content["data"].get("text/plain", "") + content["data"].get("text/html", ""))

        reply = kernel.execute_interactive(cell.source, timeout=120, output_hook=keep)
        assert reply["content"]["status"] == "ok", (cell.source, reply["content"].get("evalue"))
        shown.append((cell.source, "\n".join(texts)))
    assert not any("ERROR" in text for _, text in shown), shown
    return shown


def states(shown, call):
    """The states that the calls of a check or guess show."""
    return [re.findall(r"class='ecteam-(\w+)'", text) for source, text in shown if source.startswith(f"{call}(")]


@pytest.mark.parametrize("lang", mostly("en"))
@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_a_lesson_as_shipped_runs_and_says_not_yet(path, lang, kernel):
    book = copies.copy_of(source(path), lang)
    shown = run(kernel, book)
    asked = lessons()[key_of(path)].exercises
    assert states(shown, "check") == [["open"]] * len(asked)
    assert all(state == ["open"] for state in states(shown, "guess"))
    said = [text for code, text in shown if code.startswith(("check(", "guess("))]
    assert all(("Not yet" if lang == "en" else "还没完成") in text for text in said)


@pytest.mark.parametrize("lang", mostly("zh"))
@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_a_lesson_as_solved_passes_every_check(path, lang, kernel):
    shown = run(kernel, copies.copy_of(source(path), lang, teacher=True))
    asked = lessons()[key_of(path)].exercises
    assert states(shown, "check") == [["passed"]] * len(asked)
    assert all(state == ["guess"] for state in states(shown, "guess"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_a_lesson_keeps_to_its_form(path):
    book = source(path)
    file = lessons()[key_of(path)]
    assert book.cells[0].source.startswith('<div lang="en">\n\n# ' + file.title.en)
    assert f"\n\n# {file.title.zh}" in book.cells[0].source
    assert f"{file.minutes} minutes" in book.cells[0].source
    assert f"{file.minutes} 分钟" in book.cells[0].source
    assert sum("parameters" in cell.metadata.get("tags", []) for cell in book.cells) == 1
    for cell in book.cells:
        if cell.cell_type == "markdown":
            assert re.findall(r'<div lang="(\w+)">', cell.source) == ["en", "zh"], cell.source
            assert cell.source.count("</div>") == 2
        else:
            assert cell.outputs == []
            assert cell.execution_count is None
            assert not any(word in cell.source for word in ("class ", "import *", "def ")), cell.source
            assert ("### BEGIN SOLUTION" in cell.source) == ("exercise" in cell.metadata.get("tags", []))
    code = [cell.source for cell in book.cells if cell.cell_type == "code"]
    for name in file.exercises:
        made = next(n for n, text in enumerate(code) if re.search(rf"^{name}\b.*=", text, re.MULTILINE))
        checked = next(n for n, text in enumerate(code) if text == f'check("{name}")')
        assert made < checked
    assert 2 <= len(file.exercises) <= 4
    assert any(text.startswith("guess(") for text in code)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_no_answer_is_readable_in_a_copy_of(path):
    book = source(path)
    answers = [
        line
        for cell in book.cells
        for answer in copies.SOLUTION.findall(cell.source)
        for line in answer.splitlines()
        if len(line.strip()) > 4
    ]
    assert answers
    for lang in (*LANGUAGES, None):
        copy = nbformat.writes(copies.copy_of(book, lang))
        assert "SOLUTION" not in copy
        code = "\n".join(c.source for c in nbformat.reads(copy, as_version=4).cells if c.cell_type == "code")
        assert not [line for line in answers if line in code]
        assert not any("teacher" in cell.metadata.get("tags", []) for cell in nbformat.reads(copy, as_version=4).cells)


def test_every_lesson_has_its_notebook():
    assert {path.stem for path in SOURCES} == {file.notebook for file in lessons().values()}


# ---- answers


@pytest.mark.parametrize(("key", "name"), EXERCISES, ids=str)
def test_a_wrong_answer_shows_a_hint_and_then_the_reason_and_every_right_one_passes(key, name):
    begun = checks.begin(key)
    asked = begun.lesson.file.exercises[name]
    assert {mistake for _, mistake in WRONG[key, name]} - {None} == set(asked.wrong), "an answer for every sentence"
    for lang, (made, mistake) in itertools.product(LANGUAGES, WRONG[key, name]):
        use(lang)
        begun.tries.clear()
        first, second = (checks.check(name, {name: made_of(made)}) for _ in range(2))
        assert not re.search(r"\{\w+\}", first.words + second.words)
        if mistake is None:
            assert (first.state, second.state) == ("open", "open")
        else:
            assert (first.state, second.state) == ("hint", "reason"), made
            assert first.words != second.words
            assert first.words.startswith(getattr(asked.wrong[mistake].hint, lang).split("{")[0])
        assert (re.search(r"[一-鿿]", second.words) is not None) == (lang == "zh"), second.words
        assert "Traceback" not in repr(second)
    for lang, made in itertools.product(LANGUAGES, RIGHT[key, name]):
        use(lang)
        assert checks.check(name, {name: made_of(made)}).state == "passed", made


ODD = [None, ..., "", "dots", b"x", 0, -1, 1e308, inf, [], {}, set(), [[...]], range(3), object(), print, Exercise]


@pytest.mark.parametrize(("key", "name"), EXERCISES, ids=str)
def test_whatever_a_variable_holds_there_is_a_sentence(key, name):
    for lang in LANGUAGES:
        checks.begin(key, lang)
        for made in ODD:
            said = checks.check(name, {name: made})
            assert said.state in ("open", "hint", "reason"), (made, said)
            assert 10 < len(said.words) < 600


@pytest.mark.parametrize(("key", "name"), EXERCISES, ids=str)
def test_a_missing_variable_is_a_sentence_that_says_what_to_do(key, name):
    checks.begin(key, "en")
    assert checks.check(name, {}).words.startswith(f"There is no {name} yet: run the cell above")
    assert f"did you mean '{name}s'" in checks.check(name, {name + "s": 3}).words


def test_an_exercise_or_a_lesson_that_is_not_there_is_named_and_so_is_one_that_has_not_begun(monkeypatch):
    checks.begin("hats", "en")
    words = checks.check("my_last", {}).words
    assert words == "There is no exercise 'my_last' in this lesson; did you mean 'my_least'?"
    with pytest.raises(InputError, match="did you mean 'hats'"):
        checks.begin("hat")
    monkeypatch.setattr(checks, "_begun", {})
    assert "from the top" in checks.check("my_least", {"my_least": 5}).words


# ---- what fails in a learner's own cell


FAILING = [
    ("my_least = work_hour / 130", "There is no work_hour yet; did you mean 'work_hours'?", "work_hours"),
    ("my_least = (5", "Python cannot read line 1: a bracket is not closed.", "括号没有闭合"),
    ("my_least = ", "Python cannot read line 1", "第 1 行"),
    ("my_least = 5，", "a character of another keyboard", "中文标点"),
    ("my_least = ... + 1", "There is still a ... in this cell", "省略号"),
    ("here.people['hour']", "There is nothing called 'hour' here", "没有名为 'hour'"),
    ("load_case('tee')", "Not quite: there is no case 'tee'; did you mean 'tea'?", "tea"),
    ("1 / 0", "This cell did not finish (division by zero)", "division by zero"),
    ("load_case('tea', orders_per_day=...)", "There is still a ...", "省略号"),
    ("load_case('tea', orders_per_day=-5)", "Not quite: orders_per_day is -5; it must be", "输入有误"),
]


def test_what_fails_in_a_cell_is_a_kind_sentence(kernel):
    run(kernel, copies.copy_of(source(next(p for p in SOURCES if key_of(p) == "hats"))))
    for (code, *told), (n, lang) in itertools.product(FAILING, enumerate(LANGUAGES)):
        kernel.execute_interactive(f"begin('hats', '{lang}')", timeout=60, output_hook=lambda message: None)
        shown = []
        kernel.execute_interactive(code, timeout=60, output_hook=lambda message, shown=shown: shown.append(message))
        assert "error" not in [message["msg_type"] for message in shown], code
        assert not [m for m in shown if "Traceback" in str(m["content"])], code
        html = "".join(m["content"]["data"]["text/html"] for m in shown if m["msg_type"] == "display_data")
        assert told[n] in html.replace("&#x27;", "'"), (code, html)
