"""The floors of the house: which room may import which room and which library. DESIGN.md, "The rooms"."""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "ecteam"

FLOORS = {
    0: (
        "errors",
        "files",
        "calendar_units",
        "words",
        "tables_in",
        "sheets",
        "roster",
        "scenario",
        "scenario_file",
        "plan_file",
        "assumptions",
        "typed",
    ),
    1: ("model/*",),
    2: (
        *("inputs", "presence", "solution", "costing", "recipe", "plan", "explanation", "day", "posts", "shown"),
        *("team_of", "organisation_of", "taken_over", "hiring_of", "hiring_terms_of"),
        *("draws", "sensitivity", "uncertainty", "what_if"),
        *("as_code", "weighing", "pooling_of", "choices", "defences", "difference", "stage", "in_stages"),
        "time_machine",
    ),
    3: ("view/*",),
    4: ("explore", "controls", "viewer", "saving", "upload", "board", "publish/*", "workshop/*", "cli"),
}
# A step knows no scenario and no other floor: plain values in, frames out. It may read a table of its own.
MODEL_MAY_ASK = ("errors", "files", "words", "calendar_units", "tables_in", "sheets")
EVERYWHERE = {"numpy", "pandas", "pydantic", "yaml"}
CHARTS = (
    *("", "day_", "cost_", "pay_", "organisation_", "checkpoint_", "hiring_"),
    *("uncertainty_", "decision_", "stage_", "fleet_", "lesson_"),
)
LIBRARIES = {
    "babel": ("words",),
    "scipy": ("model/*",),
    "holidays": ("model/*",),
    "matplotlib": ("view/picture", *(f"view/{kind}charts" for kind in CHARTS)),
    "PIL": ("view/picture",),
    "graphlay": ("view/organisation_charts",),
    "ipywidgets": ("explore", "controls", "viewer", "saving", "board"),
    "traitlets": ("viewer",),
    "IPython": ("publish/engine", "workshop/sorry"),
    "papermill": ("publish/*",),
    "nbconvert": ("publish/*", "workshop/bundle"),
    "nbformat": ("publish/*", "workshop/copies"),
    "nbclient": ("publish/*",),
    "jupyter_client": ("publish/*",),
    "openpyxl": ("publish/*", "sheets"),
    "xlsxwriter": ("publish/workbook",),
    "dask": ("publish/*",),
    "distributed": ("publish/*",),
    "fontTools": ("view/page_fonts",),
    "packaging": ("workshop/bundle",),
    "tqdm": ("publish/batch",),
    "filelock": ("publish/journal",),
}


def rooms() -> dict[str, Path]:
    """Room -> file; a folder's `__init__.py` is the folder itself."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        relative = path.relative_to(PACKAGE)
        if relative.parts[0] != "share":
            parts = relative.parent.parts if path.name == "__init__.py" else relative.with_suffix("").parts
            found["/".join(parts)] = path
    return found


ROOMS = rooms()


def listed(room: str, names: tuple[str, ...]) -> bool:
    return room in names or any(name.endswith("/*") and room.startswith(name[:-1]) for name in names)


def floor(room: str) -> int | None:
    return next((level for level, names in FLOORS.items() if listed(room, names) or f"{room}/*" in names), None)


@cache
def imports(room: str) -> tuple[frozenset[str], frozenset[str]]:
    """The rooms and the libraries that a room imports, at any depth of its code."""
    mine, libraries = set(), set()

    def named(module: str, names: list[str]) -> None:
        top, *rest = module.split(".")
        if top != "ecteam":
            if top not in sys.stdlib_module_names:
                libraries.add(top)
            return
        folder = "/".join(rest)
        inside = ["/".join(filter(None, (folder, name))) for name in names]
        found = [name for name in inside if name in ROOMS]
        mine.update(found)
        if len(found) < len(names) or not names:
            mine.add(folder)

    for node in ast.walk(ast.parse(ROOMS[room].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                named(alias.name, [])
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{room} imports relatively; name the room in full"
            named(node.module or "", [alias.name for alias in node.names])
    return frozenset(mine - {room}), frozenset(libraries)


INHABITED = [room for room in ROOMS if room]


@pytest.mark.parametrize("room", INHABITED)
def test_a_room_stands_on_a_floor(room):
    assert floor(room) is not None, f"ecteam/{room}.py stands on no floor; list it in FLOORS and in DESIGN.md"


@pytest.mark.parametrize("room", INHABITED)
def test_a_room_asks_only_rooms_beside_it_or_below(room):
    for other in imports(room)[0]:
        if other == "":
            pytest.fail(f"{room} imports from ecteam itself, which loads lazily; name the room")
        assert floor(other) <= floor(room), f"{room} (floor {floor(room)}) imports {other} (floor {floor(other)})"
        if floor(room) == 1 and floor(other) == 0:
            assert other in MODEL_MAY_ASK, f"{room} is a step and must not know {other}"


@pytest.mark.parametrize("room", INHABITED)
def test_a_library_is_used_only_where_it_belongs(room):
    for library in imports(room)[1]:
        if library in EVERYWHERE:
            continue
        assert library in LIBRARIES, f"{room} imports {library}; say in LIBRARIES where it belongs, in DECISIONS.md why"
        assert listed(room, LIBRARIES[library]), f"{room} imports {library}, which belongs to {LIBRARIES[library]}"


def test_no_rooms_import_each_other_in_a_circle():
    above: dict[str, frozenset[str]] = {room: imports(room)[0] & set(INHABITED) for room in INHABITED}
    while free := [room for room, others in above.items() if not others]:
        above = {room: others - set(free) for room, others in above.items() if room not in free}
    assert above == {}, f"these rooms import each other in a circle: {sorted(above)}"


def test_the_test_sees_what_it_forbids(tmp_path, monkeypatch):
    """A floor plan that cannot fail would be a defect: build a bad house and look."""
    bad = tmp_path / "bad.py"
    bad.write_text(
        "def f():\n    import matplotlib.pyplot\n    from ecteam.view import charts\n    from ecteam import make_plan\n"
    )
    monkeypatch.setitem(ROOMS, "model/bad", bad)
    mine, libraries = imports("model/bad")
    assert mine == {"view/charts", ""}
    assert libraries == {"matplotlib"}
    assert floor("view/charts") > floor("model/bad")
    assert not listed("model/bad", LIBRARIES["matplotlib"])
    assert floor("cellar") is None
    assert listed("publish/report", LIBRARIES["papermill"])


def test_a_plan_is_made_without_the_libraries_of_the_doors():
    code = (
        "import sys, ecteam; shop = ecteam.load_scenario('tea_shop_startup', months=1);"
        "ecteam.make_plan(shop).to_json();"
        "print(*{name.split('.')[0] for name in sys.modules})"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"matplotlib", "ipywidgets", "IPython", "papermill", "nbconvert", "nbformat", "jupyter_client"}
    assert set(run.stdout.split()) & heavy == set()


def test_import_of_the_package_loads_no_room():
    code = "import sys, ecteam; print(*[name for name in sys.modules if name.startswith('ecteam')])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["ecteam"]
