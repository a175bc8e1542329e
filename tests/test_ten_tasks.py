"""The ten tasks of an analyst in notebooks/ten_tasks.md: each at most ten lines, and each runs."""

import ast
import re
import shutil
import subprocess
import sys

import pandas as pd
import pytest

from ecteam.inputs.files import notebooks_dir, share_dir

TEXT = (notebooks_dir() / "ten_tasks.md").read_text(encoding="utf-8")
TASKS = dict(re.findall(r"## (\d+)\. .*?```python\n(.*?)```", TEXT, re.DOTALL))
OWN_DATA, REPORTS = ("2", "6"), "5"
"""Tasks that change tables, and the loop over twenty reports; tests/test_notebooks.py runs such a loop over three."""


def test_there_are_ten_of_ten_lines_or_fewer():
    assert list(TASKS) == [str(number) for number in range(1, 11)]
    assert [n for n, code in TASKS.items() if len([line for line in code.splitlines() if line]) > 10] == []


@pytest.mark.parametrize("number", [n for n in TASKS if n not in (*OWN_DATA, REPORTS)])
def test_a_task_shows_something(number, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    *before, last = ast.parse(TASKS[number]).body
    names: dict = {}
    exec(compile(ast.Module(before, []), number, "exec"), names)
    shown = eval(compile(ast.Expression(last.value), number, "eval"), names)
    assert len(shown) > 0 if isinstance(shown, pd.DataFrame | pd.Series) else shown.patches


@pytest.mark.parametrize("number", OWN_DATA)
def test_a_task_with_own_tables_shows_something(number, tmp_path):
    shutil.copytree(share_dir() / "data", tmp_path / "data")
    (tmp_path / "notebooks").mkdir()
    code = re.sub(r"\n(plan_shop.*)\n$", r"\nprint(len(\1))\n", TASKS[number])
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path / "notebooks", capture_output=True, text=True)
    assert (run.returncode, int(run.stdout or 0) > 0) == (0, True), run.stderr


@pytest.mark.slow
def test_twenty_reports_are_made(tmp_path, monkeypatch):
    monkeypatch.chdir(notebooks_dir())
    exec(TASKS[REPORTS].replace('f"team_', f'f"{tmp_path}/team_'), {})
    assert len(list(tmp_path.glob("team_*.ipynb"))) == 20
