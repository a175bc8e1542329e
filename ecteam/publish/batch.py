"""A fleet of shops -> their reports and an index page. One batch a folder; it can be killed and go on."""

import contextlib
import shutil
import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import TextIO

import pandas as pd

from ecteam.analysis.pooling import Part, parts_of, shared
from ecteam.inputs.checks import InputError, reason
from ecteam.inputs.files import notebooks_dir
from ecteam.inputs.words import Language, using
from ecteam.plan.headline import share_of_sales
from ecteam.plan.plan import Plan
from ecteam.plan.privacy import own_pay
from ecteam.publish.cluster import client_of, run_here, run_on
from ecteam.publish.fleet import Fleet
from ecteam.publish.fleet_index import index_page
from ecteam.publish.journal import (
    JOURNAL,
    LAST,
    MANIFEST,
    Journal,
    Row,
    digest,
    is_whole,
    key_of,
    only_batch,
    shared_mark,
)
from ecteam.publish.page import browser
from ecteam.publish.report import (
    NOTEBOOK,
    Job,
    check_parameters,
    failed_run,
    mark_of,
    no_place,
    parameters_of,
)
from ecteam.publish.scratch import drop, put, put_file, scratch
from ecteam.publish.workers import REPORT_SECONDS, End

INDEX = "index.html"
LONGEST_SENTENCE = 1000


class BatchStopped(RuntimeError):
    """The batch cannot go on, such as with a full disk; what is done stays done."""


def run_fleet(
    fleet: Fleet,
    out: Path,
    *,
    workers: int = 2,
    scheduler: str | None = None,
    insecure: bool = False,
    resume: bool = False,
    seconds: float = REPORT_SECONDS,
    notebook: Path | None = None,
    show_pay: bool = False,
    lang: Language = "en",
    pdf: bool = False,
) -> list[Row]:
    """Make the report of every shop of a fleet in `out`, and the index page; returns a row for each shop.

    `workers` processes of this machine are at work at a time, or those of the Dask `scheduler`, which must have TLS
    unless `insecure`. A script that calls this needs `if __name__ == "__main__":`, as with all of `multiprocessing`.

    A report that fails, or takes longer than `seconds`, three times is a row with its sentence. A finished one's plan
    is compared with that of its row before it takes its place. With `resume`, reports whose inputs have not changed
    are kept; `show_pay`, `lang`, `pdf` are as in `make_report`. Raises `InputError` before anything runs if the folder
    is in use or not a batch's, or shows pay while this does not; `BatchStopped` if nothing more can be written.
    """
    notebook = (notebook or notebooks_dir() / NOTEBOOK).resolve()
    check_parameters(notebook, parameters_of("", {}, show_pay, lang))
    fleet = fleet.shown(show_pay)
    if pdf:
        browser()
    _check_folder(fleet, out)
    ends = contextlib.ExitStack()
    client = ends.enter_context(client_of(scheduler, insecure)) if scheduler else None
    try:
        with ends, only_batch(out.resolve()), using(lang):
            out = out.resolve()
            shared = shared_mark(notebook, show_pay, lang, pdf)
            keys = {shop.name: key_of(shop, shared) for shop in fleet.shops}
            journal = Journal(out)
            unfinished, finished = journal.before()
            if not show_pay and any(row["pay_shown"] for row in unfinished + finished):
                raise InputError(f"{out} holds reports that show pay (--show-pay); name another folder with --out")
            done = _kept(out, unfinished, finished, keys) if resume else {}
            journal.begin(done.values())
            missing = [shop for shop in fleet.shops if shop.name not in done]
            before = {row["name"]: row["totals"] or row["before"] for row in finished}
            parts: dict[str, tuple[Part, ...]] = {}
            # A folder of its own: a worker of a batch that was killed may still write into that of the other.
            with scratch(out, "batch") as work:
                jobs = [Job(shop, notebook, work, seconds, show_pay, lang, pdf) for shop in missing]
                if jobs:
                    tell = progress(len(keys), len(done))
                    ended = run_on(client, jobs) if client else run_here(jobs, min(workers, len(jobs)))
                    with contextlib.closing(ended):
                        for job, end in ended:
                            name = job.shop.name
                            done[name] = _settled(job, end, out, keys[name], before.get(name, {}), parts)
                            journal.add(done[name])
                            tell(done[name])
                rows = [done[shop.name] for shop in fleet.shops]
                rows += [_wrong(row.row, row.name, row.mistakes) for row in fleet.wrong]
                gone = [row for row in finished if row["name"] not in keys and not row["sentence"]]
                page = work / INDEX
                page.write_text(index_page(fleet.file.name, rows, gone, _pooled(fleet, rows, parts)), encoding="utf-8")
                put_file(page, out / INDEX)
            journal.end(rows)
            return rows
    except OSError as error:
        # That of a single report is a row; this one is of the batch's own files.
        where = f" ({error.filename})" if error.filename else ""
        raise BatchStopped(f"{out} cannot be written: {reason(error)}{where}") from error


def _check_folder(fleet: Fleet, out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise InputError(f"{out} is a file; name another folder with --out")
    mistakes = []
    if (out / INDEX).exists() and not (out / LAST).is_file() and not (out / JOURNAL).is_file():
        mistakes.append(f"{out} holds an {INDEX} that is not of a batch; name another folder with --out")
    mistakes += [mistake for shop in fleet.shops for mistake in no_place(out / shop.folder)]
    if mistakes:
        raise InputError(mistakes)


def _pooled(fleet: Fleet, rows: list[Row], parts: dict[str, tuple[Part, ...]]) -> pd.DataFrame:
    """What the shops whose reports are right would save by sharing; those that were kept are planned again."""
    right = {row["name"] for row in rows if not row["sentence"]}
    shops = [shop for shop in fleet.shops if shop.name in right]
    return shared({shop.name: parts.get(shop.name) or parts_of(shop.plan()) for shop in shops})


def _kept(out: Path, unfinished: list[Row], finished: list[Row], keys: dict[str, str]) -> dict[str, Row]:
    """The rows that need no new report: right, of the same inputs, and whole on disk."""
    rows = {row["name"]: Row(**row | {"before": row["totals"]}) for row in finished}
    rows |= {row["name"]: row for row in unfinished}
    return {
        name: row
        for name, row in rows.items()
        if not row["sentence"] and keys.get(name) == row["key"] and is_whole(out / row["folder"], row["manifest"])
    }


def _settled(
    job: Job, end: End, out: Path, key: str, before: dict[str, float | None], parts: dict[str, tuple[Part, ...]]
) -> Row:
    """The row of a shop whose report has ended: in its place if it is right, else beside it as a failed run.

    What the shop would bring to a shared desk or warehouse is put into `parts`.
    """
    shop, work, sentence = job.shop, end.work, end.sentence
    folder = out / shop.folder
    totals: dict[str, float | None] = {}
    if work and not sentence:
        try:
            plan = shop.plan()
            # As JSON takes them: what is unknown is null.
            figures = plan.totals | {"share_of_sales": share_of_sales(plan, plan.totals)}
            totals = {key: None if value != value else round(value, 6) for key, value in figures.items()}
            parts[shop.name] = parts_of(plan)
            sentence = _difference(work, end.answer, plan, job.show_pay)
        except InputError as error:
            # The workers could plan it: a file has changed since, or theirs are others.
            sentence = f"the finished report cannot be compared with its row: {' '.join(error.mistakes)}"
    if work and not sentence:
        try:
            put(work, folder)
            drop(failed_run(folder))
        except OSError as error:
            sentence = f"the report cannot be written to {folder}: {reason(error)}"
    elif work and (work / "report.ipynb").is_file():
        put_file(work / "report.ipynb", failed_run(folder))
    if work:
        shutil.rmtree(work, ignore_errors=True)
    if len(sentence) > LONGEST_SENTENCE:
        sentence = sentence[: LONGEST_SENTENCE - 4] + " ..."
    return Row(
        name=shop.name, row=shop.row, folder=shop.folder, key=key,
        manifest="" if sentence else digest(folder / MANIFEST),
        sentence=sentence, cell=end.cell, tries=end.tries,
        stage=shop.scenario.stage, city=shop.scenario.city, currency=shop.scenario.currency,
        totals={} if sentence else totals, before=before,
        pay_shown=job.show_pay and bool(own_pay(shop.assumptions)),
    )  # fmt: skip


def _difference(work: Path, mark: str, plan: Plan, show_pay: bool) -> str:
    """A sentence if the plan a report shows, or the one it holds, is not the one that its row gives."""
    try:
        held = (work / "plan.json").read_text(encoding="utf-8")
    except OSError as error:
        return f"the finished report cannot be read: {reason(error)}"
    if mark == mark_of(plan.shown(show_pay)) and held == plan.to_json(show_pay):
        return ""
    return f"the report shows another plan than its row gives; it was made by other data or another version in {work}"


def _wrong(number: int, name: str, mistakes: tuple[str, ...]) -> Row:
    return Row(
        name=name, row=number, folder="", key="", manifest="", sentence="; ".join(mistakes), cell="", tries=0,
        stage="", city="", currency="", totals={}, before={}, pay_shown=False,
    )  # fmt: skip


def progress(total: int, done: int, stream: TextIO | None = None) -> Callable[[Row], None]:
    """Tells of each finished row in a line, and how long the rest may take; `done` of the `total` are there already."""
    stream, started, finished = stream or sys.stderr, time.monotonic(), count(1)

    def tell(row: Row) -> None:
        made = next(finished)
        here = done + made
        left = (time.monotonic() - started) / made * (total - here)
        after = f"; about {_duration(left)} left" if here < total else ""
        words = f"failed: {row['sentence']}"
        if not row["sentence"]:
            totals = row["totals"]
            words = f"{totals['heads_last_month']} heads, {totals['cost_per_month']:,.0f} {row['currency']} a month"
        print(f"{here} of {total}: {row['name']}: {words}{after}", file=stream, flush=True)

    return tell


def _duration(seconds: float) -> str:
    """Seconds in words.

    >>> _duration(42.3), _duration(180), _duration(7300)
    ('43 s', '3 min', '2 h 2 min')
    """
    if seconds < 90:
        return f"{int(seconds) + 1} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
