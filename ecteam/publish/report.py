"""One scenario -> one report folder: papermill runs the notebook, nbconvert makes the page, renames make it whole.

`make_report` does so for a plan that has been made; `write_report` for a job of a batch, in whichever process is given
it, on this machine or another. `make_fleet_report` puts many shops on one page, beside the reports of a batch.
"""

import contextlib
import hashlib
import itertools
import json
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import Any

import nbformat
import yaml

from ecteam.inputs.checks import InputError, did_you_mean, reason
from ecteam.inputs.files import data_dir, notebooks_dir
from ecteam.inputs.outside import guarded, read_bytes
from ecteam.inputs.words import Language, Note, language, using
from ecteam.plan.plan import Plan
from ecteam.plan.privacy import WITHHELD, cost_shown, own_pay, stand_ins, withheld_note
from ecteam.publish.fleet import Fleet, Shop
from ecteam.publish.journal import as_written, digest, history_files
from ecteam.publish.page import browser, make_ready, to_html, to_pdf
from ecteam.publish.what_if import what_if
from ecteam.publish.workbook.write import workbook
from ecteam.publish.workers import REPORT_SECONDS, ReportStopped, beside
from ecteam.view import organisation, pay

NOTEBOOK = "reports/team_report.ipynb"
FLEET_NOTEBOOK = "reports/fleet_report.ipynb"
SHOP_SECONDS = 5.0
"""How much longer a fleet's report may take for each shop: all are planned, one after the other."""
SCENARIO = "scenario.yaml"
CHECK = "from hashlib import sha256\nprint(sha256(plan.to_json(True).encode()).hexdigest(), end='')"
"""The last cell of a job's run in a kernel, taken out of the report again: the mark of the notebook's own plan."""
MARK = "ecteam_sha256"
"""Where a failed run says what it held when it was saved."""
PUTS = 20
REPORT_FILES = {
    "report.html", "report.ipynb", "plan.json", "team.csv", "cost.csv", "assumptions.csv", "post_cards.html",
    "organisation.svg", "accountability.csv", "hiring_plan.csv", "manifest.json", "scenario.yaml",
    "report.pdf", "plan.xlsx",
}  # fmt: skip
# Built at import by a part of jsonschema that is not used here; without it papermill starts 2 s sooner.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


class ReportFailed(RuntimeError):
    """A notebook stopped; the message names the cell and the reason, `run` the saved run."""

    def __init__(self, message: str, run: Path) -> None:
        super().__init__(message)
        self.run = run


def make_report(
    plan: Plan,
    scenario_file: str,
    folder: Path,
    *,
    changes: Mapping[str, Any],
    notebook: Path | None = None,
    show_pay: bool = False,
    lang: Language = "en",
    pdf: bool = False,
    seconds: float = REPORT_SECONDS,
) -> Path:
    """Run the report notebook for a plan that has been made, and put the finished report in `folder`.

    The folder appears, or takes the place of an older one, when everything in it is complete. Returns the path of its
    `report.html`; with `pdf` there is a `report.pdf` beside it. Without `show_pay` it is the report of `plan.shown()`:
    stand-ins take the place of pay that was set, and roles of under three heads are joined (`privacy.py`).

    Raises `InputError` if the folder cannot be written or no browser is there to print with, `ReportFailed` if a cell
    fails or the notebook takes longer than `seconds`: then the run, if there is one, is saved as
    `<folder>.failed.ipynb` and an older report stays as it was.
    """
    notebook = notebook or notebooks_dir() / NOTEBOOK
    plan, region, note = plan.shown(show_pay), plan.scenario.region, None
    if not show_pay:
        changes = {**changes, **stand_ins(plan.assumptions, region)}
        note = withheld_note(plan.assumptions, region)
    parameters = parameters_of(scenario_file, changes, show_pay, lang)
    check_parameters(notebook, parameters)
    if pdf:
        browser()
    work = work_folder(folder)
    try:
        with using(lang):
            run = work / "report.ipynb"
            reason, sliders = beside(
                partial(run_notebook, book_with(notebook, note), run, parameters, cwd=notebook.parent),
                partial(fill_from_plan, work, plan, show_pay),
                seconds,
            )
            if reason:
                raise ReportFailed(*_saved(run, folder, f"{notebook.name}: {reason}"))
            fill_from_run(work, plan, scenario_file, show_pay, notebook, what_if=sliders, pdf=pdf)
            put(work, folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    drop_failed(folder)
    return folder / "report.html"


def make_fleet_report(
    fleet: Fleet,
    out: Path,
    *,
    show_pay: bool = False,
    lang: Language = "en",
    pdf: bool = False,
    seconds: float | None = None,
) -> Path:
    """Put the fleet's report in `out`, where a batch puts the shops' own: `fleet_report.html`, its run, its print.

    Each file takes its place by renaming when all are finished. Shops whose reports are there are linked. Returns the
    page's path. `show_pay` is as in `make_report`. Raises `InputError` if `out` cannot be written or no browser is
    there to print with, `ReportFailed` if a cell fails or the notebook takes longer than `seconds` (by default more for
    a larger fleet).
    """
    notebook = notebooks_dir() / FLEET_NOTEBOOK
    made = [shop for shop in fleet.shops if (out / shop.folder / "report.html").is_file()]
    links = {shop.name: f"{shop.folder}/report.html" for shop in made}
    parameters = {"fleet": str(fleet.file.resolve()), "links": links, "lang": lang, "show_pay": show_pay}
    check_parameters(notebook, parameters)
    if pdf:
        browser()
    try:
        out.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(dir=out, prefix=".fleet_report."))
    except OSError as error:
        raise InputError(f"the report cannot be written to {out}: {reason(error)}") from None
    try:
        run, page = work / "fleet_report.ipynb", work / "fleet_report.html"
        limit = seconds or REPORT_SECONDS + SHOP_SECONDS * len(fleet.shops)
        failed, _ = beside(partial(run_notebook, notebook, run, parameters, cwd=notebook.parent), make_ready, limit)
        if failed:
            raise ReportFailed(f"{notebook.name}: {failed}", run)
        with using(lang):
            page.write_text(to_html(run, fleet.file.name), encoding="utf-8")
        if pdf:
            to_pdf(page, page.with_suffix(".pdf"))
        for path in sorted(work.iterdir()):
            os.replace(path, out / path.name)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return out / page.name


def _saved(run: Path, folder: Path, sentence: str) -> tuple[str, Path]:
    """Keep a failed run beside the report's folder, and say where; a process that died has left none."""
    saved = failed_run(folder)
    if not run.is_file():
        return sentence, saved
    save_failed(run, folder)
    return f"{sentence}; the run is saved in {saved}", saved


def failed_run(folder: Path) -> Path:
    """Where the last failed run of a report is saved."""
    return folder.with_name(folder.name + ".failed.ipynb")


def save_failed(run: Path, folder: Path) -> None:
    """Save a failed run beside its report's folder, with a mark by which it is known; what is not ours is kept."""
    saved = failed_run(folder)
    if saved.exists() and not _is_failed_run(saved):
        keep(saved)
    # Without its mark, where a process was killed while it wrote the run or the disk is full, it counts as somebody's.
    with contextlib.suppress(ValueError, OSError):
        book, marked = json.loads(run.read_text(encoding="utf-8")), run.with_suffix(".marked")
        book["metadata"][MARK] = _mark_of_run(book)
        marked.write_text(json.dumps(book, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        os.replace(marked, run)
    os.replace(run, saved)


def drop_failed(folder: Path) -> None:
    """Remove the failed run of a report that is right now; a notebook that somebody wrote or changed stays."""
    if _is_failed_run(failed_run(folder)):
        failed_run(folder).unlink()


def _is_failed_run(saved: Path) -> bool:
    try:
        book = json.loads(saved.read_text(encoding="utf-8"))
        return bool(book["metadata"].pop(MARK) == _mark_of_run(book))
    except (OSError, ValueError, TypeError, LookupError, AttributeError):
        return False


def _mark_of_run(book: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(book, sort_keys=True).encode()).hexdigest()


def free_name(path: Path) -> Path:
    """A name beside a file or folder under which it can be kept."""
    names = (path.with_name(f"{path.name}.kept{f'-{n}' if n > 1 else ''}") for n in itertools.count(1))
    return next(name for name in names if not os.path.lexists(name))


def keep(path: Path) -> None:
    """Move aside what somebody else wrote or changed, and say so."""
    kept = free_name(path)
    os.replace(path, kept)
    with contextlib.suppress(OSError, ValueError):  # nobody listens
        print(f"ecteam: {path} is not as ecteam wrote it; it is kept as {kept}", file=sys.stderr, flush=True)


def book_with(notebook: Path, note: Note | None) -> Path | nbformat.NotebookNode:
    """A notebook to run, which says below its parameters what is withheld."""
    if note is None:
        return notebook
    book = nbformat.read(notebook, as_version=4)
    at = next(i for i, cell in enumerate(book.cells) if "parameters" in cell.metadata.get("tags", []))
    text = f"<p class='withheld'>{escape(str(note))}</p>"
    book.cells.insert(at + 1, nbformat.v4.new_markdown_cell(text, id=WITHHELD))
    return book


def fill_from_plan(work: Path, plan: Plan, show_pay: bool) -> str:
    """The files that need the plan only, written while the notebook runs; returns the HTML of the page's sliders."""
    plan = plan.shown(show_pay)
    (work / "plan.json").write_text(plan.to_json(show_pay), encoding="utf-8")
    languages: list[Language] = sorted(pay.LANGUAGES, key=lambda other: other != language())
    (work / "post_cards.html").write_text(pay.booklet(plan, languages, show_pay), encoding="utf-8")
    _tables(plan, work, show_pay)
    workbook(plan, work / "plan.xlsx", show_pay)
    make_ready()
    return what_if(plan, show_pay)


def fill_from_run(
    work: Path, plan: Plan, scenario_file: str, show_pay: bool, notebook: Path, *, what_if: str = "", pdf: bool = False
) -> None:
    """The page of a run, its print, and the manifest of all files."""
    run = work / "report.ipynb"
    (work / "report.html").write_text(to_html(run, plan.scenario.name, what_if), encoding="utf-8")
    if pdf:
        to_pdf(work / "report.html", work / "report.pdf")
    # By the hash of a file with pay in it, a guess of the pay could be tried.
    settings = Path(scenario_file) if show_pay or not own_pay(plan.assumptions) else None
    (work / "manifest.json").write_text(_manifest(plan, work, settings, notebook), encoding="utf-8")
    os.chmod(work, 0o755)


def parameters_of(
    scenario_file: str, changes: Mapping[str, Any], show_pay: bool, lang: Language = "en"
) -> dict[str, Any]:
    """What a report notebook is run with; it need have `show_pay` and `lang` only if asked for pay, or for Chinese."""
    parameters: dict[str, Any] = {"scenario": scenario_file, "changes": dict(changes)}
    if show_pay:
        parameters["show_pay"] = True
    return parameters if lang == "en" else parameters | {"lang": lang}


def check_parameters(notebook: Path, parameters: Mapping[str, Any]) -> None:
    """Refuse a notebook without exactly one cell tagged `parameters`, and a parameter that this cell does not set."""
    import papermill

    raw = read_bytes(notebook)
    with guarded(notebook.name, f"{notebook.name} is no notebook that can be read; save it again in JupyterLab"):
        cells = nbformat.reads(raw.decode("utf-8"), as_version=4).cells
        if (tagged := sum("parameters" in cell.metadata.get("tags", []) for cell in cells)) != 1:
            raise InputError(f"{notebook.name} has {tagged} cells tagged 'parameters'; it must have one")
        known = papermill.inspect_notebook(str(notebook))
    if wrong := [name for name in parameters if name not in known]:
        raise InputError([f"{notebook.name} has no parameter {name!r}{did_you_mean(name, known)}" for name in wrong])


def failure(run: Path) -> str | None:
    """Where and why a run notebook stopped: its first error output, also inside a widget, or a cell that never ran."""
    book = nbformat.read(run, as_version=4)
    widgets = book.metadata.get("widgets", {}).get("application/vnd.jupyter.widget-state+json", {}).get("state", {})
    inside = [output for state in widgets.values() for output in state.get("state", {}).get("outputs", [])]
    for cell in book.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                return _stopped(cell.source, output.ename, output.evalue)
    for output in inside:
        if output.get("output_type") == "error":
            return f"a widget stopped with {output.get('ename')}: {output.get('evalue')}"
    code = [cell for cell in book.cells if cell.cell_type == "code" and cell.source.strip()]
    never = [cell.source for cell in code if cell.get("execution_count") is None]
    return f"the cell {first_line(never[0])!r} never ran" if never else None


def _stopped(source: str, name: str, reason: str) -> str:
    # papermill puts cells in: a number would be one in the run and another in the notebook.
    return f"the cell {first_line(source)!r} stopped with {name}: {reason}"


def first_line(source: str) -> str:
    """The first line of a cell that says something, cut where it is long."""
    return next((line.strip() for line in source.splitlines() if line.strip() and line.lstrip()[0] != "#"), "")[:60]


def _manifest(plan: Plan, folder: Path, settings: Path | None, notebook: Path) -> str:
    """Versions, hashes of the files read and of every file of the folder, and the dates of the assumptions in use."""
    inputs = [settings] if settings else []
    for tables in ("assumptions", "organisation", "pay", "quality", "stages"):
        inputs += sorted((data_dir() / tables).glob("*.csv"))
    inputs += [*history_files(plan.scenario), *sorted((data_dir() / "payroll").rglob("*.yaml")), notebook]
    rows = plan.assumptions.rows(plan.scenario.region)
    packages = ("ecteam", "numpy", "pandas", "scipy", "matplotlib", "pydantic", "papermill", "nbconvert", "holidays")
    content = {
        "scenario": plan.scenario.name,
        "language": language(),
        "notebook": notebook.stem,
        "python": platform.python_version(),
        "versions": {p: version(p) for p in packages},
        "sha256": {path.name: digest(path) for path in sorted(folder.iterdir())},
        "inputs_sha256": {path.name: digest(path) for path in inputs},
        "oldest_assumption": min(rows["as_of"]),
        "newest_assumption": max(rows["as_of"]),
        "planning_assumptions": int((rows["kind"] == "planning assumption").sum()),
        "sourced": int((rows["kind"] == "sourced").sum()),
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def run_notebook(
    notebook: Path | nbformat.NotebookNode,
    run: Path,
    parameters: Mapping[str, Any],
    *,
    cwd: Path,
    seconds: float,
    in_process: bool = False,
    started: Callable[[str], None] = lambda cell: None,
) -> str | None:
    """Run a notebook in this process, or in a kernel of its own; says why it failed, if so.

    `seconds` is the limit of the whole run; `started` is told the first line of each cell before it runs.
    """
    import papermill
    from jupyter_client.manager import AsyncKernelManager

    sockets = tempfile.TemporaryDirectory(prefix="ecteam-")

    class PrivateKernel(AsyncKernelManager):
        """A kernel that listens on files of this user, not on network ports, where the system has such sockets."""

        def __init__(self, **options: Any) -> None:
            files = {"transport": "ipc", "ip": f"{sockets.name}/kernel"} if os.name == "posix" else {}
            super().__init__(**files | options)

    options: dict[str, Any]
    if in_process:
        from ecteam.publish.engine import register, time_limit

        limit: contextlib.AbstractContextManager[None] = time_limit(seconds)
        # A save after each cell is for people who watch.
        options = {"engine_name": register(), "request_save_on_cell_execute": False}
    else:
        limit, end = contextlib.nullcontext(), time.monotonic() + seconds
        options = {
            "start_timeout": seconds,
            "timeout_func": lambda cell: max(0.1, end - time.monotonic()),
            "kernel_manager_class": PrivateKernel,
        }
    last = ""

    def on_cell_start(cell: Any, cell_index: int) -> None:
        nonlocal last
        last = first_line(cell.source)
        started(last)

    reason = None
    try:
        with limit:
            papermill.execute_notebook(
                str(notebook) if isinstance(notebook, Path) else notebook,
                str(run),
                dict(parameters),
                progress_bar=False,
                log_output=False,
                cwd=str(cwd),
                autosave_cell_every=0,
                kernel_name="python3",
                on_cell_start=on_cell_start,
                **options,
            )
    except papermill.PapermillExecutionError as error:
        reason = _stopped(error.source, error.ename, error.evalue)
    except TimeoutError:
        reason = f"the report was not ready within {seconds:g} s and was stopped in the cell {last!r}"
    except RuntimeError as error:
        reason = f"the kernel stopped: {error}"
    finally:
        sockets.cleanup()
    return reason or failure(run)


def _tables(plan: Plan, folder: Path, show_pay: bool) -> None:
    rows = plan.assumptions.rows(plan.scenario.region).reset_index().drop(columns=["file", "row"])
    if not show_pay:
        rows["value"] = rows["value"].mask(rows["key"].isin(own_pay(plan.assumptions)))
    rows.to_csv(folder / "assumptions.csv", index=False)
    plan.team.to_csv(folder / "team.csv", index=False)
    cost = plan.cost if show_pay else cost_shown(plan.cost, plan.team)
    cost.to_csv(folder / "cost.csv", index=False)
    here = plan.organised()
    chart = organisation.organisation_svg(here.tree, here.people)
    (folder / "organisation.svg").write_text(chart, encoding="utf-8")
    who = ["month", "post", "duty", "person", "hired_as", "accountable", "hours", "share"]
    here.people[who].to_csv(folder / "accountability.csv", index=False)
    plan.hiring.calendar.to_csv(folder / "hiring_plan.csv", index=False)


def work_folder(folder: Path) -> Path:
    """A folder beside the report's; refuses to take the place of anything that is not an older report."""
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file; name another folder with --out")
    strangers = sorted({path.name for path in folder.glob("*")} - REPORT_FILES) if folder.is_dir() else []
    if strangers:
        raise InputError(
            f"{folder} holds {strangers[0]!r}, which is no part of a report; name another folder with --out"
        )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    except OSError as error:
        raise InputError(f"the report cannot be written to {folder}: {reason(error)}") from None


def put(work: Path, folder: Path) -> None:
    """Move the finished folder to its place; an older report is moved aside first and removed last.

    One that is not as it was written is kept beside, with a sentence.
    """
    aside = work.with_name(work.name + ".old")
    for attempt in range(PUTS):
        with contextlib.suppress(FileNotFoundError):
            if not as_written(folder):
                keep(folder)
            os.replace(folder, aside)
        try:
            os.replace(work, folder)
            break
        except OSError:
            # Another report of the same shop got there first: it is replaced in turn.
            if attempt == PUTS - 1:
                raise
        finally:
            shutil.rmtree(aside, ignore_errors=True)


@dataclass(frozen=True)
class Job:
    """What a report of a batch is made from: a shop, the notebook, where to work, how long, and what is shown how."""

    shop: Shop
    notebook: Path
    work_in: Path
    seconds: float
    show_pay: bool = False
    lang: Language = "en"
    pdf: bool = False

    def work_folder(self) -> Path:
        """A new work folder: no two tries share one, even when a worker that was given up is still alive."""
        return Path(tempfile.mkdtemp(dir=self.work_in, prefix=f"{self.shop.folder}."))


def write_report(
    job: Job, work: Path, *, in_process: bool = False, started: Callable[[str], None] = lambda cell: None
) -> str:
    """Write a whole report into `work`, and return the mark of its plan; `started` is told each cell before it runs.

    The folder holds its own scenario, from which the notebook makes its plan. All files come from that plan where the
    notebook ran in this process; where it had a kernel, from one made here of the job's inputs, which must have the
    same mark. Raises `ReportStopped` if a cell fails or the plan is of another shop. Who gave the job compares the mark
    with that of a plan of their own.
    """
    shop, run, notebook = job.shop, work / "report.ipynb", job.notebook
    content = yaml.safe_dump(shop.scenario.model_dump(), allow_unicode=True, sort_keys=False)
    (work / SCENARIO).write_text(content, encoding="utf-8")
    with using(job.lang):
        note = None if job.show_pay else withheld_note(shop.assumptions, shop.scenario.region)
        ready = book_with(notebook, note)
        book = nbformat.read(ready, as_version=4) if isinstance(ready, Path) else ready
        if not in_process:
            book.cells.append(nbformat.v4.new_code_cell(CHECK))
        parameters = parameters_of(SCENARIO, shop.figures, job.show_pay, job.lang)
        if reason := run_notebook(
            book, run, parameters, cwd=work, seconds=job.seconds, in_process=in_process, started=started
        ):
            # Inputs that no plan can be made of say so better than the cell that tried.
            shop.plan()
            raise ReportStopped(reason)
        plan = _plan_shown() if in_process else shop.plan()
        mark = mark_of(plan)
        if plan.scenario != shop.scenario or (not in_process and _take_check(run) != mark):
            raise ReportStopped("the notebook's plan is not that of the shop's own inputs")
        sliders = fill_from_plan(work, plan, job.show_pay)
        fill_from_run(work, plan, str(work / SCENARIO), job.show_pay, notebook, what_if=sliders, pdf=job.pdf)
    return mark


def mark_of(plan: Plan) -> str:
    """A mark of all that a plan says, with pay."""
    return hashlib.sha256(plan.to_json(True).encode()).hexdigest()


def _plan_shown() -> Plan:
    """The plan of the notebook that this process has just run."""
    from ecteam.publish.engine import shell

    plan = shell().user_ns.get("plan")
    if not isinstance(plan, Plan):
        raise ReportStopped("the notebook makes no plan with the name 'plan': what it shows cannot be checked")
    return plan


def _take_check(run: Path) -> str:
    """Take the last cell out of a run, and return what it printed."""
    book = nbformat.read(run, as_version=4)
    check = book.cells.pop()
    nbformat.write(book, run)
    return "".join(out.text for out in check.outputs if out.output_type == "stream" and out.name == "stdout")
