"""Every notebook runs with its defaults, without an error in a cell or a widget, and is committed without outputs."""

import nbformat
import papermill
import pytest

from ecteam.files import notebooks_dir
from ecteam.publish.report import failure

NOTEBOOKS = sorted(path for path in notebooks_dir().rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts)
OTHER = {
    "10_startup_team": {"scenario": "tea_shop_growth", "lang": "zh"},
    "21_cost": {"scenario": "online_retail_uk", "lang": "zh"},
    "20_workload": {"scenario": "online_retail_uk", "lang": "zh"},
    "team_report": {"scenario": "tea_shop_maturity"},
}
RUNS = [(path, {}) for path in NOTEBOOKS] + [(path, OTHER[path.stem]) for path in NOTEBOOKS if path.stem in OTHER]


@pytest.mark.parametrize(("path", "parameters"), RUNS, ids=lambda value: getattr(value, "stem", "") or str(len(value)))
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
    assert book.cells[0].source.startswith("# ")
    for cell in (cell for cell in book.cells if cell.cell_type == "code"):
        assert cell.outputs == []
        assert cell.execution_count is None
        assert len(cell.source.splitlines()) <= 12, cell.source
        assert not any(word in cell.source for word in ("class ", "import *", "def ")), cell.source


def test_every_notebook_is_run_with_other_parameters_too():
    assert {path.stem for path in NOTEBOOKS if path.parent.name == "reports" or path.stem[0] in "12"} == set(OTHER)
