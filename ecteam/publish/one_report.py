"""One report of a fleet, written into a work folder of its own by whichever process is given the job.

The job is plain data, so that it can go to another process or machine. Nothing here knows who else is working.
"""

import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypedDict

import nbformat
import yaml

from ecteam.plan import Plan
from ecteam.publish.fleet import Shop
from ecteam.publish.report import fill_from_plan, fill_from_run, parameters_of, run_notebook
from ecteam.scenario import Scenario
from ecteam.view.words import Language

SCENARIO = "scenario.yaml"
CHECK = "from hashlib import sha256\nprint(sha256(plan.to_json(True).encode()).hexdigest(), end='')"
"""The last cell of a run in a kernel, taken out of the report again: the mark of the notebook's own plan."""


class Job(TypedDict):
    """What a report is made from: the row's own inputs, the notebook, where to work, and how long."""

    name: str
    row: int
    folder: str
    scenario: dict[str, Any]
    figures: dict[str, float]
    notebook: str
    work_in: str
    seconds: float
    show_pay: bool
    lang: Language
    pdf: bool


class Outcome(TypedDict):
    """What became of a job: the work folder; the mark of the plan its page shows; if it failed, the cell, a sentence,
    and whether to try again."""

    work: str
    mark: str
    sentence: str
    cell: str
    try_again: bool


class ReportStopped(RuntimeError):
    """A report could not be finished; the message is a sentence."""


def job_of(
    shop: Shop,
    notebook: Path,
    work_in: Path,
    seconds: float,
    show_pay: bool = False,
    lang: Language = "en",
    pdf: bool = False,
) -> Job:
    """The job of a shop's report."""
    return Job(
        name=shop.name,
        row=shop.row,
        folder=shop.folder,
        scenario=shop.scenario.model_dump(),
        figures=dict(shop.figures),
        notebook=str(notebook),
        work_in=str(work_in),
        seconds=seconds,
        show_pay=show_pay,
        lang=lang,
        pdf=pdf,
    )


def work_folder(job: Job) -> Path:
    """A new work folder: no two tries share one, even when a worker that was given up is still alive."""
    return Path(tempfile.mkdtemp(dir=job["work_in"], prefix=f"{job['folder']}."))


def write_report(
    job: Job, work: Path, *, engine: str | None = None, started: Callable[[str], None] = lambda cell: None
) -> str:
    """Write a whole report into `work`, and return the mark of its plan; `started` is told each cell before it runs.

    The folder holds its own scenario, from which the notebook makes its plan. All files come from that plan where the
    notebook ran in this process; where it had a kernel, from one made here of the job's inputs, which must have the
    same mark. Raises `ReportStopped` if a cell fails or the plan is of another shop. Who gave the job compares the mark
    with that of a plan of their own.
    """
    shop = Shop(job["row"], Scenario(**job["scenario"]), job["figures"], job["folder"])
    content = yaml.safe_dump(job["scenario"], allow_unicode=True, sort_keys=False)
    (work / SCENARIO).write_text(content, encoding="utf-8")
    book = nbformat.read(job["notebook"], as_version=4)
    if engine is None:
        book.cells.append(nbformat.v4.new_code_cell(CHECK))
    run = work / "report.ipynb"
    reason = run_notebook(
        book,
        run,
        parameters_of(SCENARIO, job["figures"], job["show_pay"], job["lang"]),
        cwd=work,
        engine=engine,
        # A save after each cell is for people who watch.
        request_save_on_cell_execute=False,
        on_cell_start=lambda cell, cell_index: started(first_line(cell.source)),
    )
    if reason:
        # Inputs that no plan can be made of say so better than the cell that tried.
        shop.plan()
        raise ReportStopped(reason)
    plan = shop.plan() if engine is None else _plan_shown()
    mark = mark_of(plan)
    if plan.scenario != shop.scenario or (engine is None and _take_check(run) != mark):
        raise ReportStopped("the notebook's plan is not that of the shop's own inputs")
    show = job["show_pay"], job["lang"]
    sliders = fill_from_plan(work, plan, *show)
    notebook = Path(job["notebook"])
    fill_from_run(work, plan, str(work / SCENARIO), *show, notebook, what_if=sliders, pdf=job["pdf"])
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


def first_line(source: str) -> str:
    """The first line of a cell that says something, cut where it is long."""
    return next((line.strip() for line in source.splitlines() if line.strip() and line.lstrip()[0] != "#"), "")[:60]
