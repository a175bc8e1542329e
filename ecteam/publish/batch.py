"""A fleet of shops -> their reports and an index page. One batch a folder; it can be killed and go on."""

import contextlib
import dataclasses
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

from ecteam.analysis.pooling import Part, Pooling, parts_of, shared
from ecteam.inputs.checks import InputError, reason
from ecteam.inputs.files import notebooks_dir
from ecteam.inputs.words import Language, using
from ecteam.plan.plan import Plan
from ecteam.publish.cluster import client_of, run_here, run_on
from ecteam.publish.fleet import Fleet, Shop
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
    whole,
)
from ecteam.publish.page import browser
from ecteam.publish.report import (
    NOTEBOOK,
    REPORT_FILES,
    Outcome,
    check_parameters,
    job_of,
    mark_of,
    parameters_of,
    put,
)
from ecteam.publish.workers import REPORT_SECONDS

INDEX = "index.html"
WORK = ".batch.work."
"""What work folders begin with: each batch has its own, since a worker of a killed one may still write into that."""


class BatchStopped(RuntimeError):
    """The batch cannot go on, such as with a full disk; what is done stays done."""


def run_fleet(
    fleet: Fleet,
    out: Path,
    *,
    workers: int = 2,
    scheduler: str | None = None,
    resume: bool = False,
    seconds: float = REPORT_SECONDS,
    notebook: Path | None = None,
    show_pay: bool = False,
    lang: Language = "en",
    pdf: bool = False,
) -> list[Row]:
    """Make the report of every shop of a fleet in `out`, and the index page; returns a row for each shop.

    `workers` processes of this machine are at work at a time, each for one report; or else those of the Dask
    `scheduler`. A script that calls this needs `if __name__ == "__main__":`, as with all of `multiprocessing`.

    A report that fails is a row with its sentence, and the rest goes on; one that takes longer than `seconds` is
    stopped; each is tried up to three times. A finished report's plan is compared with the one its row gives here, in
    another process, before it takes its place. With `resume`, reports whose inputs have not changed are kept;
    `show_pay`, `lang` and `pdf` are as in `make_report`. Raises `InputError` before anything runs if the folder is in
    use, or holds what is not ours; `BatchStopped` if nothing more can be written.
    """
    notebook = (notebook or notebooks_dir() / NOTEBOOK).resolve()
    check_parameters(notebook, parameters_of("", {}, show_pay, lang))
    if pdf:
        browser()
    _check_folder(fleet, out)
    try:
        out.mkdir(parents=True, exist_ok=True)
        with only_batch(out), using(lang):
            batch = _Batch(fleet, out.resolve(), notebook, seconds, show_pay, lang, pdf, {})
            return batch.run(workers, scheduler, resume)
    except OSError as error:
        # That of a single report is a row; this one is of the batch's own files.
        where = f" ({error.filename})" if error.filename else ""
        raise BatchStopped(f"{out} cannot be written: {reason(error)}{where}") from error


def _check_folder(fleet: Fleet, out: Path) -> None:
    """Refuse to take the place of what is no older report or index of ours."""
    if out.exists() and not out.is_dir():
        raise InputError(f"{out} is a file; name another folder with --out")
    mistakes = []
    if (out / INDEX).exists() and not (out / LAST).is_file() and not (out / JOURNAL).is_file():
        mistakes.append(f"{out} holds an {INDEX} that is not of a batch; name another folder with --out")
    for shop in fleet.shops:
        folder = out / shop.folder
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            mistakes.append(f"{folder} is no folder, but the report of {shop.name!r} would be there")
        elif folder.is_dir() and (strangers := sorted({path.name for path in folder.iterdir()} - REPORT_FILES)):
            mistakes.append(f"{folder} holds {strangers[0]!r}, which is no part of a report")
    if mistakes:
        raise InputError(mistakes)


@dataclasses.dataclass(frozen=True)
class _Batch:
    fleet: Fleet
    out: Path
    notebook: Path
    seconds: float
    show_pay: bool
    lang: Language
    pdf: bool
    parts: dict[str, tuple[Part, ...]]
    """What each shop whose report is right would bring to a desk or a warehouse that is shared."""

    def run(self, workers: int, scheduler: str | None, resume: bool) -> list[Row]:
        shops = {shop.name: shop for shop in self.fleet.shops}
        shared = shared_mark(self.notebook, self.show_pay, self.lang, self.pdf)
        keys = {name: key_of(shop, shared) for name, shop in shops.items()}
        journal = Journal(self.out)
        unfinished, finished = journal.before()
        before = {row["name"]: row["totals"] or row["before"] for row in finished}
        done = self._kept(unfinished, finished, keys) if resume else {}
        self._clear()
        work = Path(tempfile.mkdtemp(dir=self.out, prefix=WORK))
        journal.begin(done.values())
        missing = [shop for name, shop in shops.items() if name not in done]
        try:
            if missing:
                how = (self.notebook, work, self.seconds, self.show_pay, self.lang, self.pdf)
                jobs = [(shop.name, job_of(shop, *how)) for shop in missing]
                with contextlib.ExitStack() as ends:
                    if scheduler:
                        results = run_on(ends.enter_context(client_of(scheduler)), jobs)
                    else:
                        results = run_here(jobs, min(workers, len(missing)))
                    ends.enter_context(contextlib.closing(results))
                    tell = ends.enter_context(progress(len(shops), len(done)))
                    for name, outcome, tries in results:
                        row = self._settled(shops[name], outcome, tries, keys[name], before.get(name, {}))
                        journal.add(row)
                        done[name] = row
                        tell(row)
        finally:
            self._clear()
        rows = [done[name] for name in shops] + [_wrong(row.row, row.name, row.mistakes) for row in self.fleet.wrong]
        gone = [row for row in finished if row["name"] not in shops and not row["sentence"]]
        whole(self.out / INDEX, index_page(self.fleet.file.name, rows, gone, self._pooled(rows)))
        journal.end(rows)
        return rows

    def _pooled(self, rows: list[Row]) -> Pooling:
        """What the shops whose reports are right would save by sharing; those that were kept are planned again."""
        right = {row["name"] for row in rows if not row["sentence"]}
        shops = [shop for shop in self.fleet.shops if shop.name in right]
        return shared({shop.name: self.parts.get(shop.name) or parts_of(shop.plan()) for shop in shops})

    def _clear(self) -> None:
        """Remove what this batch, or one that was killed, was at work on."""
        for work in self.out.glob(f"{WORK}*"):
            shutil.rmtree(work, ignore_errors=True)

    def _kept(self, unfinished: list[Row], finished: list[Row], keys: dict[str, str]) -> dict[str, Row]:
        """The rows that need no new report: right, of the same inputs, and whole on disk."""
        rows = {row["name"]: Row(**row | {"before": row["totals"]}) for row in finished}
        rows |= {row["name"]: row for row in unfinished}
        return {
            name: row
            for name, row in rows.items()
            if not row["sentence"]
            and keys.get(name) == row["key"]
            and is_whole(self.out / row["folder"], row["manifest"])
        }

    def _settled(self, shop: Shop, outcome: Outcome, tries: int, key: str, before: dict[str, float | None]) -> Row:
        """The row of a shop whose report has ended: in its place if it is right, else beside it as a failed run."""
        folder, saved = self.out / shop.folder, self.out / f"{shop.folder}.failed.ipynb"
        work = Path(outcome["work"])
        totals: dict[str, float | None] = {}
        sentence = outcome["sentence"]
        if not sentence:
            try:
                plan = shop.plan()
                totals, sentence = _figures(plan), _difference(outcome, plan, self.show_pay)
                self.parts[shop.name] = parts_of(plan)
            except InputError as error:
                # The workers could plan it: a file has changed since, or theirs are others.
                sentence = f"the finished report cannot be compared with its row: {' '.join(error.mistakes)}"
        if sentence:
            if outcome["work"] and (work / "report.ipynb").is_file():
                os.replace(work / "report.ipynb", saved)
        else:
            try:
                put(work, folder)
                saved.unlink(missing_ok=True)
            except OSError as error:
                sentence = f"the report cannot be written to {folder}: {reason(error)}"
        if outcome["work"]:
            shutil.rmtree(work, ignore_errors=True)
        return Row(
            name=shop.name, row=shop.row, folder=shop.folder, key=key,
            manifest="" if sentence else digest(folder / MANIFEST),
            sentence=sentence, cell=outcome["cell"], tries=tries,
            stage=shop.scenario.stage, city=shop.scenario.city, currency=shop.scenario.currency,
            totals={} if sentence else totals, before=before,
        )  # fmt: skip


def _difference(outcome: Outcome, plan: Plan, show_pay: bool) -> str:
    """A sentence if the plan a report shows, or the one it holds, is not the one that its row gives."""
    work = Path(outcome["work"])
    try:
        held = (work / "plan.json").read_text(encoding="utf-8")
    except OSError as error:
        return f"the finished report cannot be read: {reason(error)}"
    if outcome["mark"] == mark_of(plan) and held == plan.to_json(show_pay):
        return ""
    return f"the report shows another plan than its row gives; it was made by other data or another version in {work}"


def _figures(plan: Plan) -> dict[str, float | None]:
    """The totals as JSON takes them: what is unknown is null."""
    return {key: None if value != value else round(value, 6) for key, value in plan.totals().items()}


def _wrong(number: int, name: str, mistakes: tuple[str, ...]) -> Row:
    """The row of a shop that was not run, since its own input is wrong."""
    return Row(
        name=name, row=number, folder="", key="", manifest="", sentence="; ".join(mistakes), cell="", tries=0,
        stage="", city="", currency="", totals={}, before={},
    )  # fmt: skip


@contextlib.contextmanager
def progress(total: int, done: int, stream: TextIO | None = None) -> Iterator[Callable[[Row], None]]:
    """Tell of each finished row; `done` of the `total` reports are there already."""
    stream = stream or sys.stderr
    if stream.isatty():
        from tqdm import tqdm

        with tqdm(total=total, initial=done, unit="report", file=stream, dynamic_ncols=True) as bar:

            def advance(row: Row) -> None:
                if row["sentence"]:
                    bar.write(f"{row['name']}: {row['sentence']}", file=stream)
                bar.update()

            yield advance
        return
    started, here = time.monotonic(), done

    def line(row: Row) -> None:
        nonlocal here
        here += 1
        left = (time.monotonic() - started) / (here - done) * (total - here)
        after = f"; about {_duration(left)} left" if here < total else ""
        print(f"{here} of {total}: {row['name']}: {_said(row)}{after}", file=stream, flush=True)

    yield line


def _said(row: Row) -> str:
    if row["sentence"]:
        return f"failed: {row['sentence']}"
    totals = row["totals"]
    return f"{totals['heads_last_month']} heads, {totals['cost_per_month']:,.0f} {row['currency']} a month"


def _duration(seconds: float) -> str:
    """Seconds in words.

    >>> _duration(42.3), _duration(180), _duration(7300)
    ('43 s', '3 min', '2 h 2 min')
    """
    if seconds < 90:
        return f"{int(seconds) + 1} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
