"""Every notebook runs with its defaults, without an error in a cell or a widget, and is committed without outputs."""

import ast
import re
import subprocess
import sys
import textwrap
from functools import cache

import ipywidgets as widgets
import nbformat
import numpy as np
import pandas as pd
import papermill
import pytest
from nbconvert.exporters import HTMLExporter
from pandas.io.formats.style import Styler

from ecteam import InputError, data_dir, make_plan, plan_shop
from ecteam.explore.explorer import Explorer
from ecteam.inputs import words
from ecteam.inputs.files import notebooks_dir
from ecteam.inputs.scenario import Scenario, field_info
from ecteam.inputs.scenario_file import to_yaml
from ecteam.publish.report import failure
from tests.uploads import file_of

# Lessons have tests of their own, in tests/workshop.
ELSEWHERE = {".ipynb_checkpoints", "workshop"}
NOTEBOOKS = sorted(path for path in notebooks_dir().rglob("*.ipynb") if not ELSEWHERE & set(path.parts))
IN_A_KERNEL = {"00_start_here", "20_workload", "team_report", "stage_comparison", "fleet_report"}
"""Run in a kernel each time, others in the long proofs: their cells run in this process, with an own shop."""
RUNS = [
    *(pytest.param(p, {}, id=p.stem, marks=() if p.stem in IN_A_KERNEL else pytest.mark.slow) for p in NOTEBOOKS),
    *(
        pytest.param(notebooks_dir() / "reports" / f"{name}.ipynb", given, id=f"{name}-other", marks=pytest.mark.slow)
        for name, given in (
            ("stage_comparison", {"scenario": "online_retail_uk", "stages": {"maturity": {"channels": 4}}}),
            ("fleet_report", {"links": {"Lake Tea": "Lake_Tea/report.html"}, "lang": "zh"}),
        )
    ),
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
        # The parameters of a report name every field of a scenario.
        assert len(cell.source.splitlines()) <= 12 or "parameters" in cell.metadata.get("tags", []), cell.source
        assert not any(word in cell.source for word in ("class ", "import *", "def ")), cell.source


IN_PROCESS = """
from functools import partial
import papermill
from ecteam.publish.engine import register
papermill.execute_notebook = partial(papermill.execute_notebook, engine_name=register(), progress_bar=False)
"""
"""Papermill without the start of a kernel for each notebook."""


def field_lines():
    """How a report notebook's parameters cell names the fields that it may be given."""
    for field in Scenario.model_fields:
        info = field_info(field)
        choices = ": " + ", ".join(info["choices"]) if info["choices"] and len(info["choices"]) <= 5 else ""
        yield f"{field} = None  # {', '.join(filter(None, (info['en'], info['unit'])))}{choices}"


def parameters_cell(book):
    return next(cell for cell in book.cells if "parameters" in cell.metadata.get("tags", []))


@pytest.mark.parametrize("name", ["team_report", "stage_comparison"])
def test_the_parameters_of_a_report_are_the_fields_of_a_scenario(name):
    book = nbformat.read(notebooks_dir() / "reports" / f"{name}.ipynb", as_version=4)
    expected = list(field_lines())
    assert parameters_cell(book).source.splitlines()[-len(expected) :] == expected


@pytest.fixture(scope="module")
def looped(tmp_path_factory):
    """A report notebook, down to its summary, run by the loop that its parameters cell shows."""
    folder = tmp_path_factory.mktemp("loop")
    book = nbformat.read(notebooks_dir() / "reports/team_report.ipynb", as_version=4)
    summary = next(i for i, cell in enumerate(book.cells) if "answer.answer(" in cell.source)
    loop = [line[1:] for line in parameters_cell(book).source.splitlines() if line.startswith("#     ")]
    book.cells = book.cells[: summary + 1]
    nbformat.write(book, folder / "team_report.ipynb")
    subprocess.run([sys.executable, "-c", IN_PROCESS + textwrap.dedent("\n".join(loop))], cwd=folder, check=True)
    return folder


def test_the_loop_that_a_report_shows_makes_a_report_of_each_value(looped):
    runs = sorted(looped.glob("team_*0.ipynb"))
    shown = {}
    for run in runs:
        assert failure(run) is None
        page = HTMLExporter().from_filename(str(run))[0]
        shown[int(run.stem.removeprefix("team_"))] = re.findall(r"<div class=.figure.><b>(.*?)</b>", page)[0]
    totals = {orders: plan_shop("online_retail_uk", orders_per_day=orders).totals for orders in shown}
    heads = {n: f"{one['heads_first_month']} → {one['heads_last_month']}" for n, one in totals.items()}
    assert shown == heads
    assert len(set(shown.values())) == 3


def test_a_report_that_papermill_ran_keeps_its_cards(looped, browser):
    page = browser.new_page()
    page.set_content(HTMLExporter().from_filename(str(looped / "team_300.ipynb"))[0])
    card = page.locator(".figure").first
    assert card.evaluate("card => getComputedStyle(card).borderTopStyle") == "solid"
    assert card.locator("b").bounding_box()["y"] < card.locator("span").bounding_box()["y"]
    page.close()


def test_a_parameter_that_is_unknown_stops_the_first_cell(tmp_path):
    path = notebooks_dir() / "reports/stage_comparison.ipynb"
    with pytest.raises(papermill.PapermillExecutionError, match="did you mean 'orders_per_day'") as error:
        papermill.execute_notebook(
            str(path), str(tmp_path / "run.ipynb"), {"orders_per_dy": 300}, progress_bar=False, kernel_name="python3"
        )
    assert error.value.exec_count == 3  # after the notebook's parameters and those that were given


def values_of(path, **parameters):
    """What the last line of each cell gives when a notebook's cells run one after the other in this process."""
    names = {"display": shown}
    for cell in (cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"):
        *before, last = ast.parse(cell.source).body
        ends = isinstance(last, ast.Expr)
        exec(compile(ast.Module(before if ends else [*before, last], []), path.name, "exec"), names)
        if ends:
            yield eval(compile(ast.Expression(last.value), path.name, "eval"), names)
        if "parameters" in cell.metadata.get("tags", []):
            names.update(parameters)


def shown(*values):
    """Make what a notebook shows of values, without a kernel, which would hide an error in it."""
    for value in values:
        for how in ("_repr_mimebundle_", "_repr_html_", "_repr_png_"):
            if make := getattr(value, how, None):
                make()
                break


def explorers_of(path, **parameters):
    """The explorers that a notebook's cells make."""
    return (value for value in values_of(path, **parameters) if isinstance(value, Explorer))


OWN_SHOPS = [path for path in NOTEBOOKS if path.stem != "fleet_report"]
SAMPLES = sorted(path.stem for path in (data_dir() / "scenarios").glob("*.yaml"))
SAVED = "saved in 00"
RANDOM = [f"random {seed}" for seed in range(6)]


@pytest.fixture(scope="module")
def shop_file(tmp_path_factory):
    """The file of a shop: settings saved in 00 with the shop's own orders, or a shop drawn at random."""
    folder = tmp_path_factory.mktemp("shops")

    @cache
    def made(shop):
        path = folder / f"{shop}.yaml"
        if shop == SAVED:
            path.write_text(saved_in_start_here(folder), encoding="utf-8")
        elif shop in RANDOM:
            path.write_text(to_yaml(random_shop(RANDOM.index(shop))), encoding="utf-8")
        else:
            return shop
        return str(path)

    return made


def saved_in_start_here(folder):
    """What *Save settings* of the first notebook gives after two questions and an upload, which lies beside it."""
    rng = np.random.default_rng(500)
    times = pd.Timestamp("2026-09-01") + pd.to_timedelta(np.sort(rng.integers(9 * 60, 31 * 24 * 60, 500)), unit="min")
    orders = pd.DataFrame({"order_time": times, "amount": rng.lognormal(4.7, 0.3, 500).round(2)})
    orders.to_csv(folder / "own_orders.csv", index=False)
    (explorer,) = explorers_of(notebooks_dir() / "00_start_here.ipynb")
    explorer.set({"city": "yiwu", "return_share": 0.04})
    explorer.orders.value = file_of("own_orders.csv", (folder / "own_orders.csv").read_bytes())
    assert explorer.mistake.value == ""
    return explorer.shelf.file


def random_shop(seed):
    """A shop with about half of its fields drawn from their sliders; draws that contradict themselves are left out."""
    rng = np.random.default_rng(seed)
    for _ in range(100):
        fields = {
            "name": f"Random {seed}",
            "return_share": rng.uniform(0, 0.5),
            "orders_per_day": 10 ** rng.uniform(1.3, 3),
        }
        no_slider = {"history", "start_month", "may_buy", "events", "orders_per_month"}
        kept = {*fields, *no_slider, "months", "active_skus"}
        for field in (field for field in Scenario.model_fields if field not in kept and rng.random() < 0.5):
            info = field_info(field)
            if info["choices"]:
                fields[field] = str(rng.choice(info["choices"]))
            elif info["type"] == "boolean":
                fields[field] = bool(rng.integers(2))
            else:
                # Most shops are near the lower ends of their sliders; one near all upper ends has thousands of people.
                value = info["low"] + ((info["top"] or info["high"]) - info["low"]) * rng.beta(1, 6)
                fields[field] = round(value) if info["type"] == "integer" else value
        try:
            shop = Scenario(**fields)
            make_plan(shop)
        except InputError:
            continue
        return shop
    raise AssertionError("no draw makes a shop")


@pytest.mark.parametrize(
    "shop", [pytest.param(s, marks=() if s == SAVED else pytest.mark.slow) for s in (SAVED, *SAMPLES, *RANDOM)]
)
@pytest.mark.parametrize("path", OWN_SHOPS, ids=lambda path: path.stem)
def test_a_notebook_takes_any_shop(path, shop, shop_file):
    values = 0
    for value in values_of(path, scenario=shop_file(shop), lang="zh" if shop == "online_retail_uk" else "en"):
        shown(value)
        if isinstance(value, Explorer):
            assert value.mistake.value == ""
        values += 1
    assert values > 0


@pytest.mark.parametrize("name", ["11_growth_team", "12_mature_team"])
def test_a_notebook_compares_a_shop_with_itself(name):
    source = (notebooks_dir() / f"{name}.ipynb").read_text(encoding="utf-8")
    assert "load_scenario(" not in source
    tables = [
        value
        for value in values_of(notebooks_dir() / f"{name}.ipynb", scenario="online_retail_uk")
        if isinstance(value, Styler | str)
    ]
    texts = " ".join(table if isinstance(table, str) else table.to_html() for table in tables)
    assert "CNY" not in texts
    assert "GBP" in texts


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
            elif isinstance(made, widgets.Text):
                made.value = "Another"
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
