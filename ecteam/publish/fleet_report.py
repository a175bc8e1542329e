"""Many shops on one page: the fleet report beside the index and the reports of a batch, or alone."""

import os
import shutil
import tempfile
from functools import partial
from pathlib import Path

from ecteam.inputs.checks import InputError, reason
from ecteam.inputs.files import notebooks_dir
from ecteam.inputs.words import Language, using
from ecteam.publish.fleet import Fleet
from ecteam.publish.page import browser, make_ready, to_html, to_pdf
from ecteam.publish.report import ReportFailed, check_parameters, run_notebook
from ecteam.publish.workers import REPORT_SECONDS, beside

NOTEBOOK = "reports/fleet_report.ipynb"
PAGE = "fleet_report.html"
WORK = ".fleet_report."
SHOP_SECONDS = 5.0
"""How much longer it may take for each shop: all are planned, one after the other."""


def make_fleet_report(
    fleet: Fleet, out: Path, *, lang: Language = "en", pdf: bool = False, seconds: float | None = None
) -> Path:
    """Put the fleet's report in `out`, where a batch puts the shops' own: `fleet_report.html`, its run, its print.

    Each file takes its place by renaming when all are finished. Shops whose reports are there are linked. Returns the
    page's path. Raises `InputError` if `out` cannot be written or no browser is there to print with, `ReportFailed` if
    a cell fails or the notebook takes longer than `seconds` (by default more for a larger fleet).
    """
    notebook = notebooks_dir() / NOTEBOOK
    made = [shop for shop in fleet.shops if (out / shop.folder / "report.html").is_file()]
    links = {shop.name: f"{shop.folder}/report.html" for shop in made}
    parameters = {"fleet": str(fleet.file.resolve()), "links": links, "lang": lang}
    check_parameters(notebook, parameters)
    if pdf:
        browser()
    try:
        out.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(dir=out, prefix=WORK))
    except OSError as error:
        raise InputError(f"the report cannot be written to {out}: {reason(error)}") from None
    try:
        run = work / "fleet_report.ipynb"
        limit = seconds or REPORT_SECONDS + SHOP_SECONDS * len(fleet.shops)
        failed, _ = beside(partial(run_notebook, notebook, run, parameters, cwd=notebook.parent), make_ready, limit)
        if failed:
            raise ReportFailed(f"{notebook.name}: {failed}", run)
        with using(lang):
            (work / PAGE).write_text(to_html(run, fleet.file.name), encoding="utf-8")
        if pdf:
            to_pdf(work / PAGE, (work / PAGE).with_suffix(".pdf"))
        for path in sorted(work.iterdir()):
            os.replace(path, out / path.name)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return out / PAGE
