"""The floors of the house (CONTRIBUTING.md): which room may import which room, which library a room may use.

Notebooks import the public faces only: `ecteam`, `ecteam.view`, `ecteam.explore`, and lessons `ecteam.workshop`.
"""

import ast
import re
from collections import Counter
from functools import cache
from importlib import import_module
from pathlib import Path

import nbformat
import pytest

PACKAGE = Path(__file__).parents[1] / "ecteam"
NOTEBOOKS = PACKAGE.parent / "notebooks"
ORDER = (
    {"inputs"},
    {"staffing", "people", "organisation", "hiring", "pay"},
    {"plan"},
    {"analysis"},
    {"view"},
    {"explore", "publish", "workshop"},
    {"data_check"},
    {"cli"},
)
FLOOR = {room: floor for floor, rooms in enumerate(ORDER) for room in rooms}
LIBRARIES = {
    library: rooms
    for libraries, rooms in (
        ("scipy statsmodels", ORDER[1] | {"analysis"}),
        ("python_calamine charset_normalizer", {"inputs"}),
        ("holidays", {"inputs", "staffing"}),
        ("matplotlib graphlay fontTools PIL", {"view"}),
        ("ipywidgets", {"explore"}),
        ("traitlets", {"explore", "publish"}),
        ("papermill nbclient jupyter_client dask distributed xlsxwriter", {"publish"}),
        ("jinja2", {"view"}),
        ("tqdm", {"inputs"}),
        ("nbconvert nbformat IPython", {"publish", "workshop"}),
        ("packaging", {"workshop"}),
    )
    for library in libraries.split()
}


def sources() -> dict[str, str]:
    files = (path for path in sorted(PACKAGE.rglob("*.py")) if "share" not in path.parts)
    return {path.relative_to(PACKAGE).as_posix(): path.read_text(encoding="utf-8") for path in files}


@cache
def imported(text: str) -> set[str]:
    """Every module that a file names in an import, at any depth; `from ecteam.a import b` names `ecteam.a.b`."""
    modules = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules |= {f"{'.' * node.level}{node.module}.{alias.name}" for alias in node.names}
    return modules


def faults(files: dict[str, str]) -> list[str]:
    """What a house of these files does wrong."""
    wrong, within = [], {}
    for name, text in files.items():
        room = name.removesuffix(".py").split("/")[0]
        if room == "__init__":
            continue
        if room not in FLOOR:
            wrong.append(f"{name} stands in no room of ORDER")
            continue
        for module in imported(text):
            top, *rest = module.split(".")
            if top == "ecteam" and (other := rest[0]) != room and FLOOR.get(other, 99) >= FLOOR[room]:
                wrong.append(f"{name} imports {module}, which does not stand on a lower floor")
            if room not in LIBRARIES.get(top, {room}):
                wrong.append(f"{name} imports {module}, which belongs to {sorted(LIBRARIES[top])}")
        paths = {f"{'/'.join(m.split('.')[1:-1])}.py" for m in imported(text)} | {
            f"{'/'.join(m.split('.')[1:])}.py" for m in imported(text)
        }
        within[name] = {path for path in paths if path in files and path.split("/")[0] == room} - {name}
    while free := [name for name, others in within.items() if not others & set(within)]:
        within = {name: others for name, others in within.items() if name not in free}
    wrong += [f"{name} is part of a circle of imports" for name in within]
    names = Counter(re.findall(r"^class (\w+)", "\n".join(files.values()), re.MULTILINE))
    wrong += [f"the class {name} is defined {count} times" for name, count in names.items() if count > 1]
    return wrong


def test_the_house_stands():
    assert faults(sources()) == []


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("hiring/bad.py", "def f():\n    from ecteam.people import fill", "lower floor"),
        ("inputs/bad.py", "from ecteam import plan", "lower floor"),
        ("plan/bad.py", "import matplotlib.pyplot", "belongs to ['view']"),
        ("cellar.py", "", "no room"),
        ("pay/a.py", "class Plan: ...", "is defined 2 times"),
    ],
)
def test_a_planted_fault_is_found(name, text, fault):
    assert [wrong for wrong in faults(sources() | {name: text}) if fault in wrong]


def test_a_planted_circle_is_found():
    circle = {"pay/a.py": "from ecteam.pay.b import x", "pay/b.py": "from ecteam.pay import a"}
    assert sum("circle" in wrong for wrong in faults(sources() | circle)) == 2


def notebooks() -> dict[str, str]:
    """The code of each notebook."""
    books = {path: nbformat.read(path, as_version=4) for path in sorted(NOTEBOOKS.rglob("[!.]*.ipynb"))}
    return {
        path.relative_to(NOTEBOOKS).as_posix(): "\n".join(c.source for c in book.cells if c.cell_type == "code")
        for path, book in books.items()
        if ".ipynb_checkpoints" not in path.parts
    }


def notebook_faults(files: dict[str, str]) -> list[str]:
    """Imports of notebooks that no public face gives; `ecteam.view` gives its modules, one a subject, as well."""
    wrong = []
    for name, code in files.items():
        faces = ["ecteam.view", "ecteam.explore", *(["ecteam.workshop"] if name.startswith("workshop/") else [])]
        known = {f"{face}.{public}" for face in ["ecteam", *faces] for public in import_module(face).__all__}
        known |= {"ecteam"} | {f"ecteam.view.{path.stem}" for path in (PACKAGE / "view").glob("[!_]*.py")}
        ours = {module for module in imported(code) if module.split(".")[0] == "ecteam"}
        wrong += [f"{name} imports {module}, which no public face gives" for module in sorted(ours - known)]
    return wrong


def test_notebooks_import_the_public_faces_only():
    assert notebook_faults(notebooks()) == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("a.ipynb", "from ecteam.inputs import words"),
        ("a.ipynb", "from ecteam import analysis"),
        ("a.ipynb", "import ecteam.plan.plan"),
        ("a.ipynb", "from ecteam.view.report import summary"),
        ("a.ipynb", "if True:\n    from ecteam.workshop import check"),
        ("workshop/a.ipynb", "from ecteam.workshop import league"),
    ],
)
def test_a_planted_import_of_a_notebook_is_found(name, code):
    assert len(notebook_faults({name: code})) == 1
