"""What users read stays as it is while the code is restructured: hashes of plans, reports, tables and public names.

`python -m tests.test_freeze` writes `data/frozen.json` anew; such a commit names each difference and its reason.
"""

import ast
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest

import ecteam

ROOT = Path(__file__).parents[1]
FROZEN = ROOT / "tests/data/frozen.json"
SHOPS = ("tea_shop_startup", "tea_shop_growth", "tea_shop_maturity", "online_retail_uk")
BOTH = [(shop, lang) for shop in SHOPS for lang in ("en", "zh")]
QUICK = [("tea_shop_startup", "en"), ("online_retail_uk", "zh")]
PAIRS = [pytest.param(*pair, marks=[] if pair in QUICK else pytest.mark.slow, id="-".join(pair)) for pair in BOTH]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[12]*.ipynb")) + sorted((ROOT / "notebooks/reports").glob("*.ipynb"))
EMBEDDED = re.compile(r"data:(image|font)/[\w+-]+;base64,([A-Za-z0-9+/=\s]*)")
LONG = re.compile(r"-?\b\d+\.\d{7,}(?:e[+-]?\d+)?\b")


def digest(text):
    """A hash of a text, its long fractions at nine digits: the last digits depend on the processor."""
    return hashlib.sha256(LONG.sub(lambda found: f"{float(found[0]):.9g}", text).encode()).hexdigest()[:16]


def at_a_fixed_day(source):
    """A notebook's code as on one day: the age of figures is counted from today."""
    return source.replace("date.today()", "date(2026, 12, 1)")


def page_hashes(name, text):
    """A page's text apart from its pictures and fonts; the id of the cell that papermill puts in is random."""
    text = re.sub(r'(<div id="cell-id=)[0-9a-f]{8}(" class="[^"]*celltag_injected-parameters)', r"\1\2", text)
    hashes = {name: digest(EMBEDDED.sub(r"\1", text))}
    for kind in ("image", "font"):
        if found := [data for what, data in EMBEDDED.findall(text) if what == kind]:
            hashes[f"{name} {kind}s"] = digest("\n".join(found))
    return hashes


def run_hashes(path):
    """A run's prose and outputs. Left out: times, ids and paths of the run (metadata), code (it names modules)."""
    shown, images = [], []
    for cell in nbformat.read(path, as_version=4).cells:
        shown.append(cell.source if cell.cell_type == "markdown" else "")
        for output in cell.get("outputs", []):
            data = dict(output.get("data", {}))
            images.append(data.pop("image/png", ""))
            shown.append(json.dumps([data, output.get("text")], sort_keys=True, ensure_ascii=False))
    text = re.sub(r" at 0x[0-9a-f]+", "", "\n".join(shown))
    hashes = page_hashes(path.name, text)
    return hashes | {f"{path.name} outputs' images": digest("\n".join(images))}


def file_hashes(path):
    if path.suffix == ".html":
        return page_hashes(path.name, path.read_text("utf-8"))
    if path.suffix == ".ipynb":
        return run_hashes(path)
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as book:
            # The members' contents; the times of the archive's entries are left out.
            return {path.name: digest("\n".join(f"{m}\n{book.read(m).decode()}" for m in sorted(book.namelist())))}
    text = path.read_text("utf-8")
    if path.name == "manifest.json":
        content = json.loads(text)
        # The time, versions, and hashes of files that are hashed here or are moved by the restructuring.
        for key in ("made_at", "data", "python", "versions", "inputs_sha256"):
            del content[key]
        text = json.dumps(content | {"sha256": sorted(content["sha256"])}, ensure_ascii=False)
    return {path.name: digest(text)}


def in_a_process(*arguments):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, *arguments], env=environment, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def report_hashes(shop, lang):
    """Every file of a report folder, made by the public command."""
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder) / "team_report.ipynb"
        source = (ROOT / "notebooks/reports/team_report.ipynb").read_text("utf-8")
        book.write_text(at_a_fixed_day(source), "utf-8")
        out = ["--out", f"{folder}/out", "--lang", lang, "--notebook", str(book)]
        page = in_a_process("-m", "ecteam.cli", "report", f"data/scenarios/{shop}.yaml", *out).split()[-1]
        hashes = {}
        for path in sorted(Path(page).parent.iterdir()):
            hashes |= file_hashes(path)
    return {f"report {shop} {lang} {name}": value for name, value in hashes.items()}


def cells_shown(path, shop, lang):
    """The texts that a notebook's cells show as HTML, tables above all, without tags."""
    texts = []

    def take(*several):
        for shown in several:
            html = shown._repr_html_() if hasattr(shown, "_repr_html_") else ""
            html = re.sub(r"<(style|script|svg).*?</\1>", "", html or "", flags=re.DOTALL)
            texts.append(re.sub(r"\s*(<[^>]*>\s*)+", "\n", html))

    names = {"display": take}
    for cell in (cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"):
        body = ast.parse(at_a_fixed_day(cell.source)).body
        last = [body.pop()] if body and isinstance(body[-1], ast.Expr) else []
        exec(compile(ast.Module(body, []), path.name, "exec"), names)
        if "parameters" in cell.metadata.get("tags", []):
            names |= {"lang": lang} | ({"scenario": shop} if "scenario" in names else {})
        for expression in last:
            take(eval(compile(ast.Expression(expression.value), path.name, "eval"), names))
    return texts


def cells_hash(path, shop, lang):
    """A notebook's cells; a notebook that refuses a shop (23 asks more of the start-up than it can hire) says why."""
    try:
        return digest("\n".join(cells_shown(path, shop, lang)))
    except ecteam.InputError as refused:
        return digest(f"refused: {refused}")


def table_hashes(shop, lang):
    return json.loads(in_a_process("-m", "tests.test_freeze", shop, lang).splitlines()[-1])


def plan_hashes():
    plans = {shop: ecteam.make_plan(ecteam.load_scenario(shop)) for shop in SHOPS}
    return {f"plan {shop}": digest(plan.to_json()) for shop, plan in plans.items()}


def compare(found, start):
    frozen = {name: value for name, value in json.loads(FROZEN.read_text())["hashes"].items() if name.startswith(start)}
    names = sorted(name for name in frozen | found if frozen.get(name) != found.get(name))
    assert not names, "\n" + "\n".join(
        f"{name}: {'gone' if name not in found else 'new' if name not in frozen else 'differs'}" for name in names
    )


def test_public_names():
    assert sorted(ecteam.__all__) == json.loads(FROZEN.read_text())["names"]


def test_plans():
    compare(plan_hashes(), "plan ")


@pytest.mark.parametrize(("shop", "lang"), PAIRS)
def test_report_files(shop, lang):
    compare(report_hashes(shop, lang), f"report {shop} {lang} ")


@pytest.mark.slow
@pytest.mark.parametrize(("shop", "lang"), BOTH)
def test_table_cells(shop, lang):
    compare(table_hashes(shop, lang), f"cells {shop} {lang} ")


if __name__ == "__main__":
    if pair := sys.argv[1:]:
        print(json.dumps({f"cells {' '.join(pair)} {p.stem}": cells_hash(p, *pair) for p in NOTEBOOKS}))
    else:
        hashes = plan_hashes()
        with ThreadPoolExecutor(2) as pool:
            for found in pool.map(lambda pair: report_hashes(*pair) | table_hashes(*pair), BOTH):
                hashes |= found
        FROZEN.write_text(json.dumps({"names": sorted(ecteam.__all__), "hashes": hashes}, indent=1) + "\n")
