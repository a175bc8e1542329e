"""Every notebook runs with its defaults, without an error in a cell or a widget, and is committed without outputs."""

import ast

import ipywidgets as widgets
import nbformat
import papermill
import pytest

from ecteam.explore.explorer import Explorer
from ecteam.inputs import words
from ecteam.inputs.files import notebooks_dir
from ecteam.publish.report import failure

# Lessons have tests of their own, in tests/workshop.
ELSEWHERE = {".ipynb_checkpoints", "workshop"}
NOTEBOOKS = sorted(path for path in notebooks_dir().rglob("*.ipynb") if not ELSEWHERE & set(path.parts))
OTHER = {
    "00_start_here": {"scenario": "tea_shop_growth", "lang": "zh"},
    "10_startup_team": {"scenario": "tea_shop_growth", "lang": "zh"},
    "11_growth_team": {"scenario": "online_retail_uk", "lang": "zh"},
    "12_mature_team": {"scenario": "tea_shop_growth", "lang": "zh"},
    "24_decisions": {"scenario": "online_retail_uk", "lang": "zh"},
    "21_cost": {"scenario": "online_retail_uk", "lang": "zh"},
    "20_workload": {"scenario": "online_retail_uk", "lang": "zh"},
    "25_how_sure": {"scenario": "online_retail_uk", "lang": "zh"},
    "22_organisation": {"scenario": "online_retail_uk", "lang": "zh"},
    "23_hiring_plan": {"scenario": "online_retail_uk", "lang": "zh"},
    "team_report": {"scenario": "tea_shop_maturity", "lang": "zh"},
    "stage_comparison": {"scenario": "online_retail_uk", "stages": {"maturity": {"channels": 4}}, "lang": "zh"},
    "fleet_report": {"links": {"Lake Tea": "Lake_Tea/report.html"}, "lang": "zh"},
}
RUNS = [pytest.param(path, {}, id=path.stem) for path in NOTEBOOKS] + [
    # Reports are run with two sets of parameters each time, notebooks to explore in the long proofs.
    pytest.param(
        path, OTHER[path.stem], id=f"{path.stem}-other", marks=() if path.parent.name == "reports" else pytest.mark.slow
    )
    for path in NOTEBOOKS
    if path.stem in OTHER
]


@pytest.mark.parametrize(("path", "parameters"), RUNS)
def test_a_notebook_runs(path, parameters, tmp_path):
    run = tmp_path / "run.ipynb"
    papermill.execute_notebook(
        str(path), str(run), parameters, progress_bar=False, cwd=str(path.parent), kernel_name="python3"
    )
    assert failure(run) is None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_thin(path):
    book = nbformat.read(path, as_version=4)
    assert book.cells[0].cell_type == "markdown"
    assert words.in_language(book.cells[0].source, "en").startswith("# ")
    for cell in (cell for cell in book.cells if cell.cell_type == "code"):
        assert cell.outputs == []
        assert cell.execution_count is None
        assert len(cell.source.splitlines()) <= 12, cell.source
        assert not any(word in cell.source for word in ("class ", "import *", "def ")), cell.source


def test_every_notebook_is_run_with_other_parameters_too():
    assert {path.stem for path in NOTEBOOKS if path.parent.name == "reports" or path.stem[0] in "012"} == set(OTHER)


def explorers_of(path):
    """The explorers that a notebook's cells make, with the names the cells have set before."""
    names = {}
    for cell in (cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"):
        *before, last = ast.parse(cell.source).body
        exec(compile(ast.Module(before, []), path.name, "exec"), names)
        if isinstance(last, ast.Expr):
            shown = eval(compile(ast.Expression(last.value), path.name, "eval"), names)
            if isinstance(shown, Explorer):
                yield shown
        else:
            exec(compile(ast.Module([last], []), path.name, "exec"), names)


@pytest.mark.parametrize(
    "path", [path for path in NOTEBOOKS if "explore(" in path.read_text()], ids=lambda path: path.stem
)
def test_every_control_of_a_notebook_moves_its_plan_and_says_no_mistake(path):
    moved = 0
    for explorer in explorers_of(path):
        for name, made in explorer.controls.items():
            before = explorer.plan
            if isinstance(made, widgets.Checkbox):
                made.value = not made.value
            elif isinstance(made, widgets.Dropdown):
                made.value = next(value for _, value in made.options if value != made.value)
            else:
                # A logarithmic slider steps in powers.
                step = made.value * 0.1 if isinstance(made, widgets.FloatLogSlider) else made.step
                made.value = made.value + step if made.value + step <= made.max else made.value - step
            assert explorer.mistake.value == "", name
            assert explorer.plan is not before, name
            moved += 1
        assert len(explorer.shown.children) > 0
    assert moved >= 5
