"""No private name of another library stands in ecteam: its authors may change it without a word."""

import ast
from importlib import import_module
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "ecteam"
DOCUMENTED = {"_asdict", "_replace", "_fields", "_exit", "_repr_html_", "_repr_mimebundle_"}
"""Public in spite of the underscore: the manuals of Python and Jupyter name them."""
PLANTED = """
from matplotlib._enums import JoinStyle
from xlsxwriter import worksheet as w
class Sheet(w.Worksheet):
    def _prepare_formula(self): return self._own() + ax._left_title + self.__init__ + getattr(ax, "_right_title")
    def _own(self): return self._check_dimensions
"""


def private(name: object) -> bool:
    return str(name).startswith("_") and not str(name).endswith("__") and name not in DOCUMENTED


def faults(text: str) -> set[str]:
    """Private names that a file takes from others; those that it defines are its own."""
    nodes, origin, found = list(ast.walk(ast.parse(text))), {}, set()
    stored = [node for node in nodes if isinstance(getattr(node, "ctx", None), ast.Store)]
    own = {node.id for node in stored if isinstance(node, ast.Name)}
    own |= {n.attr for n in stored if isinstance(n, ast.Attribute) and ast.unparse(n.value) in ("self", "cls")}
    own |= {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    for node in nodes:
        if isinstance(node, ast.Import | ast.ImportFrom) and not (module := getattr(node, "module", "")).startswith(
            "ec"
        ):
            names = {alias.asname or alias.name: f"{module}.{alias.name}".strip(".") for alias in node.names}
            origin |= names
            found |= {name for name in names.values() if any(map(private, name.split(".")))}
    for node in nodes:
        if isinstance(node, ast.Attribute) and private(node.attr) and node.attr not in own:
            found.add(node.attr)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("getattr", "setattr", "hasattr"):
            found |= {arg.value for arg in node.args if isinstance(arg, ast.Constant) and private(arg.value)}
        for first, *rest in (ast.unparse(base).split(".") for base in getattr(node, "bases", ())):
            module, _, name = ".".join([origin.get(first, ""), *rest]).rpartition(".")
            names = {name for name in own if private(name) and module}
            found |= {each for each in names if hasattr(getattr(import_module(module), name), each)} if names else set()
    return found


def test_no_private_name_of_another_library():
    files = list(PACKAGE.rglob("*.py"))
    assert {path.name: wrong for path in files if (wrong := faults(path.read_text(encoding="utf-8")))} == {}


def test_planted_private_names_are_found():
    planted = {"matplotlib._enums.JoinStyle", "_prepare_formula", "_left_title", "_right_title", "_check_dimensions"}
    assert faults(PLANTED) == planted
