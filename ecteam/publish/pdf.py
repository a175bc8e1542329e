"""A page as PDF, printed by a Chromium of this machine: no library of ours knows print styles as well."""

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from ecteam.errors import InputError

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "msedge",
)
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


class NoPdf(RuntimeError):
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
    with tempfile.TemporaryDirectory(prefix="ecteam-", ignore_cleanup_errors=True) as profile:
        command = [
            program,
            *FLAGS,
            f"--user-data-dir={profile}",
            f"--print-to-pdf={pdf.resolve()}",
            page.resolve().as_uri(),
        ]
        # A group of its own: a browser is several processes, and all of them must end with it.
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise NoPdf(f"{Path(program).name} did not print {page.name} within {seconds:g} s") from None
        finally:
            _end(process)
    if process.returncode != 0 or not pdf.is_file() or not pdf.read_bytes().startswith(b"%PDF"):
        raise NoPdf(f"{Path(program).name} printed no PDF of {page.name} (exit status {process.returncode})")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End what is left of a browser's processes."""
    if process.poll() is None:
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.wait()
