"""A run notebook as one page: one language, code hidden, contents with links, everything embedded, no request."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import nbformat

from ecteam.inputs.checks import InputError
from ecteam.inputs.words import Note, in_language, label, language
from ecteam.publish.workers import ReportStopped
from ecteam.view.picture import font_face
from ecteam.view.table import CODES, css_text

TEMPLATES = Path(__file__).with_name("template")
CONTENTS = '<nav id="contents"></nav>'
"""Where a report notebook wants its list of sections."""
WHAT_IF = '<div id="what-if"></div>'
"""Where it wants the sliders."""
FONT = "/* font */"
"""Where the template wants the font."""
_SECTION = re.compile(r'<h2 id="([^"]*)">(.*?)(?:<a class="anchor-link".*?</a>)?</h2>', re.DOTALL)


def to_html(run: Path, title: str, what_if: str = "", note: Note | None = None) -> str:
    """The run as one page in one language; `what_if` are the sliders, where the notebook has a place for them, and
    `note` must be on it: at the top, if the notebook does not say it."""
    book = nbformat.read(run, as_version=4)
    for cell in (cell for cell in book.cells if cell.cell_type == "markdown"):
        cell.source = in_language(cell.source, language())
    for cell in (cell for cell in book.cells if cell.cell_type == "code"):
        # Warnings are for who made the report; they stay in its notebook.
        cell.outputs = [out for out in cell.outputs if out.get("name") != "stderr"]
    name = _first_heading(book)
    heading = {"name": f"{title} · {name}" if name else title}
    resources = {
        "metadata": heading,
        "lang": CODES[language()],
        "shop": css_text(title),
        "appendix": label("folded_appendix"),
    }
    page, _ = _exporter().from_notebook_node(book, resources=resources)
    page = page.replace(WHAT_IF, what_if)
    if note is not None and escape(str(note)) not in page:
        page = page.replace("<body>", f"<body>\n<p class='withheld'>{escape(str(note))}</p>", 1)
    if CONTENTS in page:
        page = page.replace(CONTENTS, contents(page))
    return page.replace(FONT, font_face(page), 1)


def make_ready() -> None:
    """Load what makes pages, while there is time."""
    _exporter()
    font_face("")


def contents(page: str) -> str:
    """The sections of a page as links.

    >>> contents('<h2 id="The-team">The team</h2>')
    '<nav id="contents"><h3>Contents</h3><ol><li><a href="#The-team">The team</a></li></ol></nav>'
    """
    links = "".join(f'<li><a href="#{anchor}">{name}</a></li>' for anchor, name in _SECTION.findall(page))
    return f'<nav id="contents"><h3>{escape(label("contents"))}</h3><ol>{links}</ol></nav>'


def _first_heading(book: nbformat.NotebookNode) -> str:
    lines = (line for cell in book.cells if cell.cell_type == "markdown" for line in cell.source.splitlines())
    return next((line.removeprefix("# ").strip() for line in lines if line.startswith("# ")), "")


@cache
def _exporter() -> Any:
    """The maker of pages; made once, since it reads and compiles its template."""
    from nbconvert.exporters import HTMLExporter, TemplateExporter
    from nbconvert.filters import Highlight2HTML

    class Pages(HTMLExporter):
        """HTMLExporter without its last step, a parser that goes over the page for what our template already writes."""

        def from_notebook_node(self, nb: Any, resources: Any = None, **options: Any) -> Any:
            return TemplateExporter.from_notebook_node(self, nb, resources, **options)

    return Pages(
        template_name="report", extra_template_basedirs=[str(TEMPLATES)], exclude_input=True,
        exclude_output_prompt=True, optimistic_validation=True,
        filters={"highlight_code": Highlight2HTML(pygments_lexer="ipython3")},
    )  # fmt: skip


BROWSERS = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge",
)  # fmt: skip
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)
"""Where browsers live that no search path knows."""
PDF_SECONDS = 120.0
# A report asks nobody for anything; neither may the browser that prints it.
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-extensions", "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND", "--no-pdf-header-footer",
)  # fmt: skip


class NoPdf(ReportStopped):
    """The browser did not print; the message is a sentence."""


def browser() -> str:
    """The program that prints; raises `InputError` where this machine has none."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    found = found or next((place for place in PLACES if Path(place).is_file()), None)
    if found is None:
        raise InputError(
            "there is no Chromium, Chrome or Edge on this machine to print a PDF with; install one, or open the report "
            "in your browser and print it to a file"
        )
    return found


def to_pdf(page: Path, pdf: Path, *, seconds: float = PDF_SECONDS) -> None:
    """Print a page of ours into a PDF file; raises `InputError` without a browser, `NoPdf` if it prints nothing."""
    program = browser()
    with tempfile.TemporaryDirectory(prefix="ecteam-", dir=pdf.parent, ignore_cleanup_errors=True) as profile:
        options = [*FLAGS, f"--user-data-dir={profile}", f"--print-to-pdf={pdf.resolve()}"]
        # A group of its own: a browser is several processes, and all of them must end with it.
        command, no = [program, *options, page.resolve().as_uri()], subprocess.DEVNULL
        process = subprocess.Popen(command, stdin=no, stdout=no, stderr=no, start_new_session=True)
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise NoPdf(f"{Path(program).name} did not print {page.name} within {seconds:g} s") from None
        finally:
            _end(process)
    if process.returncode != 0 or not pdf.is_file() or not pdf.read_bytes().startswith(b"%PDF"):
        raise NoPdf(f"{Path(program).name} printed no PDF of {page.name} (exit status {process.returncode})")


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.wait()
