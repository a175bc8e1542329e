"""The archive: what is in it, that no answer is, and that it installs without network and runs its lessons."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest

from ecteam.inputs.checks import InputError
from ecteam.inputs.files import share_dir
from ecteam.workshop import bundle, copies

LOCK = (share_dir() / "requirements.lock").read_text()
ANSWERS = [
    line.strip()
    for path in copies.sources()
    for cell in nbformat.read(path, as_version=4).cells
    for answer in copies.SOLUTION.findall(cell.source)
    for line in answer.splitlines()
    if len(line.strip()) > 12
]


def names(text):
    return set(re.findall(r"^([\w.-]+)==", text, re.MULTILINE))


@pytest.mark.parametrize("target", bundle.TARGETS)
def test_learners_get_what_they_need_with_hashes_and_nothing_of_development(target):
    asked = bundle.requirements(LOCK, target)
    assert {"jupyterlab", "numpy", "pandas", "matplotlib", "ipykernel", "scipy"} <= names(asked)
    assert not {"pytest", "mypy", "ruff", "playwright", "ortools"} & names(asked)
    assert " ; " not in asked
    assert len(re.findall(r"^\S", asked, re.MULTILINE)) == len(names(asked)), "every package is there once"
    assert asked.count("--hash=sha256:") >= len(names(asked))
    assert ("pywinpty" in names(asked)) == (target == "windows")
    assert ("appnope" in names(asked)) == (target == "macos")


@pytest.fixture(scope="module")
def starts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("starts")
    bundle._starts(folder, "linux")
    return folder


def test_start_scripts_are_filled_in_and_use_no_network(starts):
    for name in ("start.sh", "start.bat", "README.txt"):
        text = (starts / name).read_bytes().decode()
        assert not re.search("@[A-Z]+@", text)
        assert bundle.PYTHON in text
        assert (b"\r\n" in (starts / name).read_bytes()) == (name != "start.sh")
        if name != "README.txt":
            assert len(re.findall("pip install.*--no-index", text.replace("\\\n", ""))) == 2
            assert "127.0.0.1" in text
    assert os.access(starts / "start.sh", os.X_OK)
    assert subprocess.run(["sh", "-n", str(starts / "start.sh")], check=False).returncode == 0


def test_the_start_script_says_kindly_that_python_is_missing(starts):
    start = ["/bin/sh", str(starts / "start.sh")]
    run = subprocess.run(start, env={"PATH": "/nowhere"}, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "needs Python" in run.stdout


def held(wheel, name):
    with zipfile.ZipFile(wheel) as packed:
        return packed.read(name).decode()


def test_no_answer_is_in_the_learners_wheel(tmp_path):
    assert ANSWERS
    wheel = bundle.learners_wheel(share_dir(), tmp_path)
    with zipfile.ZipFile(wheel) as packed:
        inside = packed.namelist()
        assert not any("tests/" in name for name in inside)
        text = "\n".join(packed.read(name).decode("utf-8", "replace") for name in inside)
    lessons = [name for name in inside if "notebooks/workshop/" in name and name.endswith(".ipynb")]
    assert {Path(name).name for name in lessons} == {path.name for path in copies.sources()}
    assert not re.search(r"### (BEGIN|END) SOLUTION(?!\\n\()", "".join(held(wheel, name) for name in lessons))
    said = {line: line.replace("\\", "\\\\").replace('"', '\\"') for line in ANSWERS}
    assert not [line for line, stored in said.items() if line in text or stored in text]


def test_the_teachers_folder_has_every_answer(tmp_path):
    folder = bundle.teachers_folder(tmp_path)
    for lang in bundle.LANGUAGES:
        text = "\n".join(
            cell.source for path in (folder / lang).glob("*.ipynb") for cell in nbformat.read(path, as_version=4).cells
        )
        assert all(line in text for line in ANSWERS)
    assert (folder / "handouts_zh.html").is_file()


def test_what_cannot_be_built_is_a_sentence(tmp_path, capsys):
    assert bundle.main([str(tmp_path), "amiga"]) == 1
    assert "there is no target 'amiga'; known are: linux, windows, macos" in capsys.readouterr().err


def test_lessons_are_not_written_over(tmp_path):
    copies.write_copies(tmp_path)
    with pytest.raises(InputError, match=r"is there already and may hold somebody's answers; name a new folder"):
        copies.write_copies(tmp_path)


RUN = """
import json, sys, nbformat
from nbclient import NotebookClient
for path in sys.argv[1:]:
    book = nbformat.read(path, as_version=4)
    NotebookClient(book, timeout=300, kernel_name="python3").execute()
    shown = [json.dumps(o.get("data", {}), ensure_ascii=False) for c in book.cells for o in c.get("outputs", [])]
    print(path, sum("ecteam-open" in text for text in shown), sum("\\u2717" in text for text in shown))
lost = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell('check("my_least")')])
NotebookClient(lost, timeout=300, kernel_name="python3", allow_errors=True).execute()
print("lost", *(output.output_type for output in lost.cells[0].outputs), "There is no check yet" in json.dumps(lost))
"""


@pytest.mark.slow
def test_the_archive_installs_without_network_and_the_first_lessons_run(tmp_path):
    """In an empty environment, in a folder with a blank and Chinese in its name, with no network where Linux allows."""
    try:
        archive = bundle.bundle(tmp_path / "dist")
    except InputError as error:
        pytest.skip(f"the wheels cannot be fetched here: {error}")
    place = tmp_path / "a stick 工作坊"
    shutil.unpack_archive(archive, place)
    folder = next(place.iterdir())
    alone = ["unshare", "-rn", "sh", "-c", 'ip link set lo up; exec "$@"', "sh"]
    if subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        alone = []
    clean = {"PATH": f"{Path(sys.executable).resolve().parent}:/usr/bin:/bin:/usr/sbin", "HOME": str(tmp_path),
             "PIP_NO_INDEX": "1"}  # fmt: skip
    held_back = {"cwd": folder, "env": clean, "capture_output": True, "text": True, "check": False}
    start = ["sh", "start.sh", "--install-only"]
    done = subprocess.run([*alone, *start], **held_back)
    assert done.returncode == 0, done.stdout + done.stderr
    python = folder / ".venv" / "bin" / "python"
    where = subprocess.run([python, "-c", "import ecteam, jupyterlab; print(ecteam.__file__)"], **held_back)
    assert where.stdout.startswith(str(folder))
    for lang in bundle.LANGUAGES:
        first = [str(path.relative_to(folder)) for path in sorted((folder / "lessons" / lang).glob("*.ipynb"))[:4]]
        ran = subprocess.run([*alone, str(python), "-c", RUN, *first], **held_back)
        assert ran.returncode == 0, ran.stderr
        *lines, lost = [line.split() for line in ran.stdout.splitlines()]
        assert lost == ["lost", "display_data", "True"], "without the first cell there is a sentence, no traceback"
        assert [line[0] for line in lines] == first
        assert all(int(open_) >= 2 for _, open_, _ in lines[1:]), ran.stdout
        assert lines[0][2] == "0", "the run sheet finds nothing wrong"
    again = subprocess.run(start, **held_back)
    assert (again.returncode, again.stdout) == (0, "")
    shutil.rmtree(tmp_path)
