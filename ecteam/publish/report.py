"""One scenario -> one report folder: papermill runs the notebook, nbconvert makes the page, renames make it whole."""

import contextlib
import hashlib
import json
import platform
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import nbformat
import yaml

from ecteam.inputs.checks import InputError, did_you_mean, reason
from ecteam.inputs.files import data_dir, data_version, notebooks_dir
from ecteam.inputs.outside import guarded, read_bytes
from ecteam.inputs.scenario import Scenario
from ecteam.inputs.words import Language, language, phrase, using
from ecteam.plan.plan import Plan
from ecteam.plan.privacy import cost_shown, own_pay, withheld_note
from ecteam.publish.fleet import Fleet, Shop
from ecteam.publish.journal import Journal, digest, history_files
from ecteam.publish.page import browser, make_ready, to_html, to_pdf
from ecteam.publish.scratch import drop, put, put_file, report_in, scratch, temporary
from ecteam.publish.what_if import what_if
from ecteam.publish.workbook.write import workbook
from ecteam.publish.workers import GRACE_SECONDS, REPORT_SECONDS, ReportStopped, TimeIsUp, beside, time_limit
from ecteam.view import organisation, pay

NOTEBOOK = "reports/team_report.ipynb"
FLEET_NOTEBOOK = "reports/fleet_report.ipynb"
SHOP_SECONDS = 5.0
"""How much longer a fleet's report may take for each shop: all are planned, one after the other."""
SCENARIO = "scenario.yaml"
REPORT_FILES = {
    "report.html", "report.ipynb", "plan.json", "team.csv", "cost.csv", "assumptions.csv", "post_cards.html",
    "organisation.svg", "accountability.csv", "hiring_plan.csv", "manifest.json", "scenario.yaml",
    "report.pdf", "plan.xlsx",
}  # fmt: skip
# Built at import by a part of jsonschema that is not used here; without it papermill starts 2 s sooner.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


class ReportFailed(RuntimeError):
    """A notebook stopped; the message names the cell and the reason, `run` the saved run, if there is one."""

    def __init__(self, message: str, run: Path | None = None) -> None:
        super().__init__(message)
        self.run = run


def make_report(
    plan: Plan,
    scenario_file: str,
    folder: Path,
    *,
    notebook: Path | None = None,
    show_pay: bool = False,
    lang: Language = "en",
    pdf: bool = False,
    seconds: float = REPORT_SECONDS,
) -> Path:
    """Run the report notebook for a plan that has been made, put the finished report in `folder`, return its page.

    The folder appears, or takes the place of an older one, when everything in it is complete. `scenario_file` is the
    one that was read, for the manifest. Without `show_pay` it is the report of `plan.shown()` (`privacy.py`).

    Raises `InputError` if the folder cannot be written or no browser is there to print with, `ReportFailed` if a cell
    fails or the report takes longer than `seconds`: then the run, if there is one, is saved as
    `<folder>.failed.ipynb` and an older report stays as it was.
    """
    notebook = notebook or notebooks_dir() / NOTEBOOK
    plan = plan.shown(show_pay)
    figures = plan.assumptions.region(plan.scenario.region)
    changes = {key: figures[key] for key in sorted(plan.assumptions.changed) if key in figures}
    parameters = parameters_of(SCENARIO, changes, show_pay, lang)
    check_parameters(notebook, parameters)
    if pdf:
        browser()
    if mistakes := no_place(folder):
        raise InputError(mistakes)
    with _working(folder.parent, folder) as there, using(lang):
        work = report_in(there, folder.name)
        run = work / "report.ipynb"
        parameters["scenario"] = _save_scenario(plan.scenario, work)
        try:
            with time_limit(seconds + 2 * GRACE_SECONDS):
                failed, sliders = beside(
                    partial(run_notebook, notebook, run, parameters, cwd=notebook.parent),
                    partial(fill_from_plan, work, plan, show_pay),
                    seconds,
                )
                if not failed:
                    fill_from_run(work, plan, scenario_file, show_pay, notebook, what_if=sliders, pdf=pdf)
        except (TimeIsUp, TimeoutError):
            failed = f"the report was not ready within {seconds:g} s and was stopped"
        if failed:
            raise ReportFailed(*_saved(run, folder, f"{notebook.name}: {failed}"))
        put(work, folder)
    drop(failed_run(folder))
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
    """Put the fleet's report in `out`, where a batch puts the shops' own, and return its page.

    Shops whose reports are there are linked. `show_pay` and what it raises are as in `make_report`; `seconds` are by
    default more for a larger fleet.
    """
    notebook = notebooks_dir() / FLEET_NOTEBOOK
    made = [shop for shop in fleet.shops if (out / shop.folder / "report.html").is_file()]
    links = {shop.name: f"{shop.folder}/report.html" for shop in made}
    last = {row["name"]: row["before"] for row in Journal(out).before()[1] if row["before"]}
    parameters = {"fleet": str(fleet.file.resolve()), "links": links, "before": last} | {
        "lang": lang,
        "show_pay": show_pay,
    }
    check_parameters(notebook, parameters)
    if pdf:
        browser()
    with _working(out, out / "fleet_report") as there:
        work = report_in(there, "fleet_report")
        run, page = work / "fleet_report.ipynb", work / "fleet_report.html"
        limit = seconds or REPORT_SECONDS + SHOP_SECONDS * len(fleet.shops)
        failed, _ = beside(partial(run_notebook, notebook, run, parameters, cwd=notebook.parent), make_ready, limit)
        if failed:
            raise ReportFailed(f"{notebook.name}: {failed}")
        with using(lang):
            page.write_text(to_html(run, fleet.file.name), encoding="utf-8")
        if pdf:
            to_pdf(page, page.with_suffix(".pdf"))
        for path in sorted(work.iterdir()):
            put_file(path, out / path.name)
    return out / page.name


@contextlib.contextmanager
def _working(out: Path, target: Path) -> Iterator[Path]:
    """A folder to work in, in `out`, for what will be `target`."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        there = contextlib.ExitStack()
        folder = there.enter_context(scratch(out, target.name))
    except OSError as error:
        raise InputError(f"the report cannot be written to {target}: {reason(error)}") from None
    with there:
        yield folder


def _save_scenario(scenario: Scenario, work: Path) -> str:
    content = yaml.safe_dump(scenario.model_dump(), allow_unicode=True, sort_keys=False)
    (work / SCENARIO).write_text(content, encoding="utf-8")
    return str(work / SCENARIO)


def _saved(run: Path, folder: Path, sentence: str) -> tuple[str, Path]:
    """Keep a failed run beside the report's folder, and say where; a process that died has left none."""
    saved = failed_run(folder)
    if not run.is_file():
        return sentence, saved
    put_file(run, saved)
    return f"{sentence}; the run is saved in {saved}", saved


def failed_run(folder: Path) -> Path:
    """Where the last failed run of a report is saved."""
    return folder.with_name(folder.name + ".failed.ipynb")


def fill_from_plan(work: Path, plan: Plan, show_pay: bool) -> str:
    """The files that need the plan only, written while the notebook runs; returns the HTML of the page's sliders."""
    plan = plan.shown(show_pay)
    (work / "plan.json").write_text(plan.to_json(show_pay), encoding="utf-8")
    (work / "post_cards.html").write_text(pay.booklet(plan, [language()], show_pay), encoding="utf-8")
    _tables(plan, work, show_pay)
    workbook(plan, work / "plan.xlsx", show_pay)
    make_ready()
    return what_if(plan, show_pay)


def fill_from_run(
    work: Path, plan: Plan, scenario_file: str, show_pay: bool, notebook: Path, *, what_if: str = "", pdf: bool = False
) -> None:
    """The page of a run, its print, and the manifest of all files."""
    run = work / "report.ipynb"
    note = None if show_pay else withheld_note(plan.assumptions, plan.scenario.region)
    (work / "report.html").write_text(to_html(run, phrase(plan.scenario.name), what_if, note), encoding="utf-8")
    if pdf:
        to_pdf(work / "report.html", work / "report.pdf")
    # By the hash of a file with pay in it, a guess of the pay could be tried.
    settings = Path(scenario_file) if show_pay or not own_pay(plan.assumptions) else None
    (work / "manifest.json").write_text(_manifest(plan, work, settings, notebook), encoding="utf-8")


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
    inputs = {f"scenario/{settings.name}": settings} if settings else {}
    tables = [f"{name}/*.csv" for name in ("assumptions", "organisation", "pay", "quality", "stages")]
    for path in (path for place in (*tables, "payroll/**/*.yaml") for path in sorted(data_dir().glob(place))):
        inputs[f"data/{path.relative_to(data_dir()).as_posix()}"] = path
    inputs |= {f"history/{path.name}": path for path in history_files(plan.scenario)}
    inputs[f"notebook/{notebook.name}"] = notebook
    rows = plan.assumptions.rows(plan.scenario.region)
    packages = ("ecteam", "numpy", "pandas", "scipy", "matplotlib", "pydantic", "papermill", "nbconvert", "holidays")
    content = {
        "scenario": plan.scenario.name,
        "made_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "data": data_version(),
        "language": language(),
        "notebook": notebook.stem,
        "python": platform.python_version(),
        "versions": {p: version(p) for p in packages},
        "sha256": {path.name: digest(path) for path in sorted(folder.iterdir())},
        "inputs_sha256": {key: digest(path) for key, path in inputs.items()},
        "oldest_assumption": min(rows["as_of"]),
        "newest_assumption": max(rows["as_of"]),
        "planning_assumptions": int((rows["kind"] == "planning assumption").sum()),
        "sourced": int((rows["kind"] == "sourced").sum()),
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def run_notebook(
    notebook: Path,
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

    from ecteam.publish.engine import kernel_config, register

    ends = contextlib.ExitStack()
    options: dict[str, Any]
    if in_process:
        ends.enter_context(time_limit(seconds))
        # A save after each cell is for people who watch.
        options = {"engine_name": register(), "request_save_on_cell_execute": False}
    else:
        end = time.monotonic() + seconds
        # A path of a socket takes 107 bytes: the run's own folder may be too deep.
        sockets = ends.enter_context(temporary())
        options = {
            "start_timeout": seconds,
            "timeout_func": lambda cell: max(0.1, end - time.monotonic()),
            "config": kernel_config(str(sockets)),
        }
    last = ""

    def on_cell_start(cell: Any, cell_index: int) -> None:
        nonlocal last
        last = first_line(cell.source)
        started(last)

    reason = None
    try:
        with ends:
            papermill.execute_notebook(
                str(notebook),
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
        if error.ename == TimeIsUp.__name__:
            reason = f"{error.evalue} and was stopped in the cell {last!r}"
    except TimeoutError:
        reason = f"the report was not ready within {seconds:g} s and was stopped in the cell {last!r}"
    except RuntimeError as error:
        reason = f"the kernel stopped: {error}"
    if not (reason := reason or failure(run)):
        _settle(run, parameters)
    return reason


def _settle(run: Path, parameters: Mapping[str, Any]) -> None:
    """Take out of a finished run what differs between two runs of the same: times, ids, addresses, the work folder."""
    book = nbformat.read(run, as_version=4)
    book.metadata["papermill"] = {"parameters": dict(parameters)}
    for number, cell in enumerate(book.cells):
        for name in ("papermill", "execution"):
            cell.metadata.pop(name, None)
        if re.fullmatch("[0-9a-f]{8}", cell.get("id", "")):
            cell["id"] = f"cell-{number}"
        for output in cell.get("outputs", []):
            if "text/plain" in output.get("data", {}):
                output.data["text/plain"] = re.sub(" at 0x[0-9a-f]+", "", output.data["text/plain"])
    text = nbformat.writes(book)
    for path in (parameters[name] for name in ("scenario", "fleet") if parameters.get(name)):
        text = text.replace(path, Path(path).name)
    run.write_text(text + "\n", encoding="utf-8")


def _tables(plan: Plan, folder: Path, show_pay: bool) -> None:
    rows = plan.assumptions.rows(plan.scenario.region).reset_index().drop(columns=["file", "row"])
    if not show_pay:
        rows["value"] = rows["value"].mask(rows["key"].isin(own_pay(plan.assumptions)))
    here = plan.organised()
    who = ["month", "post", "duty", "person", "hired_as", "accountable", "hours", "share"]
    cost = plan.cost if show_pay else cost_shown(plan.cost, plan.team)
    tables = {"assumptions": rows, "team": plan.team, "cost": cost, "accountability": here.people[who]}
    # What a hire costs is pay of few.
    hires = plan.hires[["advertise_by", "month", "role", "new_posts", "replacements"]]
    for name, table in (tables | {"hiring_plan": hires}).items():
        table.map(_no_formula).to_csv(folder / f"{name}.csv", index=False)
    chart = organisation.organisation_svg(here.tree, here.people)
    (folder / "organisation.svg").write_text(chart, encoding="utf-8")


def _no_formula(cell: Any) -> Any:
    """A cell of a CSV file, from which a spreadsheet makes no formula: such a text begins with an apostrophe.

    >>> [_no_formula(cell) for cell in ("=1+1", "@SUM(A1)", "Ann-Marie", -5.0)]
    ["'=1+1", "'@SUM(A1)", 'Ann-Marie', -5.0]
    """
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(tuple("=+-@\t\r")) else cell


def no_place(folder: Path) -> list[str]:
    """Why no report can be put there: it may take the place of an older one only."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        return [f"{folder} is no folder; name another one with --out"]
    strangers = sorted({path.name for path in folder.glob("*")} - REPORT_FILES)
    what = "which is no part of a report; name another folder with --out"
    return [f"{folder} holds {strangers[0]!r}, {what}"] if strangers else []


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
        return report_in(self.work_in, self.shop.folder)


def write_report(job: Job, work: Path, started: Callable[[str], None] = lambda cell: None) -> str:
    """Write a whole report into `work` and return the mark of its plan, by a process that does nothing else.

    All files come from the plan of the notebook, which is run in this process. `started` is told each cell before it
    runs. Raises `ReportStopped` if a cell fails or the plan is that of another shop.
    """
    shop, run, notebook = job.shop, work / "report.ipynb", job.notebook
    _save_scenario(shop.scenario, work)
    with using(job.lang):
        parameters = parameters_of(SCENARIO, shop.figures, job.show_pay, job.lang)
        if reason := run_notebook(
            notebook, run, parameters, cwd=work, seconds=job.seconds, in_process=True, started=started
        ):
            # Inputs that no plan can be made of say so better than the cell that tried.
            shop.plan()
            raise ReportStopped(reason)
        plan = _plan_shown().shown(job.show_pay)
        if plan.scenario != shop.scenario:
            raise ReportStopped("the notebook's plan is not that of the shop's own inputs")
        sliders = fill_from_plan(work, plan, job.show_pay)
        fill_from_run(work, plan, str(work / SCENARIO), job.show_pay, notebook, what_if=sliders, pdf=job.pdf)
    return mark_of(plan)


def mark_of(plan: Plan) -> str:
    """A mark of all that a plan says, with pay."""
    return hashlib.sha256(plan.to_json(True).encode()).hexdigest()


def _plan_shown() -> Plan:
    from ecteam.publish.engine import shell

    plan = shell().user_ns.get("plan")
    if not isinstance(plan, Plan):
        raise ReportStopped("the notebook makes no plan with the name 'plan': what it shows cannot be checked")
    return plan
