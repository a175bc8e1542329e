"""Drive notebooks in a real browser: JupyterLab or Voila on loopback, and what a person would see go wrong there."""

import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit

import nbformat

ROOT = Path(__file__).resolve().parents[2]
SCREENS = ROOT / "reports" / "screens"
LAPTOP, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
SETTINGS = {
    # Without it cells that are off the screen are not in the page.
    "@jupyterlab/notebook-extension/tracker": '{"windowingMode": "none"}',
    "@jupyterlab/apputils-extension/notification": '{"fetchNews": "false", "checkForUpdates": false}',
}
FOLDERS = {
    "JUPYTER_CONFIG_DIR": "config",
    "JUPYTER_DATA_DIR": "data",
    "JUPYTER_RUNTIME_DIR": "runtime",
    "JUPYTERLAB_SETTINGS_DIR": "settings",
    "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    "IPYTHONDIR": "ipython",
}


def chromium() -> str | None:
    """The system's Chromium, or None."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


APP = ROOT / "ecteam" / "publish" / "template" / "app"


@dataclass(frozen=True)
class Server:
    """A running JupyterLab or Voila: it serves the notebooks of `folder` to who knows the token."""

    kind: str
    port: int
    token: str
    folder: Path
    pid: int

    def address(self, name: str) -> str:
        # With its file browser open, as `make lab` opens a notebook.
        path = f"lab/tree/{name}?reset&" if self.kind == "lab" else f"voila/render/{name}?"
        return f"http://127.0.0.1:{self.port}/{path}token={self.token}"


@contextmanager
def server(kind: str, home: Path) -> Iterator[Server]:
    """A JupyterLab (`lab`) or a Voila (`voila`) of our own on loopback, with folders of its own, ended afterwards."""
    folder, port, token = home / "notebooks", free_port(), secrets.token_hex(16)
    folder.mkdir(parents=True)
    places = {name: home / place for name, place in FOLDERS.items()}
    for name, text in SETTINGS.items():
        file = places["JUPYTERLAB_SETTINGS_DIR"] / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    command = {
        "lab": ["jupyterlab", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", "--ServerApp.port_retries=0",
                f"--IdentityProvider.token={token}", "--allow-root", f"--ServerApp.root_dir={folder}",
                "--LabApp.expose_app_in_browser=True"],
        "voila": ["voila", str(folder), f"--Voila.port={port}", "--Voila.port_retries=0"],
    }[kind]  # fmt: skip
    environment = os.environ | {name: str(place) for name, place in places.items()}
    environment |= {"PYTHONPATH": str(ROOT), "JUPYTER_PATH": str(APP), "JUPYTER_CONFIG_PATH": str(APP)}
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *command, "--no-browser"],
            env=environment, cwd=home, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        wait_for_answer(process, f"http://127.0.0.1:{port}/?token={token}", home / "log")
        if kind == "voila":  # it makes a token of its own and prints it
            token = re.findall(r"\?token=([0-9a-f]{32,})", (home / "log").read_text())[0]
        yield Server(kind, port, token, folder, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)  # it ends its kernels, then itself
        try:
            process.wait(20)
        finally:
            stop_group(process.pid)


def stop_group(pid: int) -> None:
    """End what is left of a process group."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def wait_for_answer(process: subprocess.Popen, address: str, log: Path, seconds: float = 90) -> None:
    """Return when the address answers; fail with the server's own words if it ends or stays silent."""
    end = time.monotonic() + seconds
    while True:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except (URLError, OSError):
            if process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"no answer from {address}:\n{log.read_text()[-3000:]}") from None
            time.sleep(0.1)  # between two tries


def put(notebook: Path, folder: Path, **parameters: object) -> str:
    """A copy of a notebook to open, with some of its parameters set; its name."""
    book = nbformat.read(notebook, as_version=4)
    cell = next(cell for cell in book.cells if "parameters" in cell.metadata.get("tags", []))
    for name, value in parameters.items():
        cell.source, found = re.subn(
            rf"^{name} = .*$", f"{name} = {json.dumps(value)}", cell.source, flags=re.MULTILINE
        )
        assert found == 1, f"{notebook.name} has no parameter {name}"
    name = f"{notebook.stem}_{secrets.token_hex(3)}.ipynb"
    nbformat.write(book, folder / name)
    return name


@dataclass
class Watched:
    """A page and what went wrong in it so far."""

    page: "object"
    errors: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)


def watch(page) -> Watched:
    """Listen to a page: its console's errors, and requests to another host than this machine."""
    seen = Watched(page)

    def said(message) -> None:
        if message.type == "error":
            seen.errors.append(f"{message.text} [{message.location.get('url', '')}]")

    def asked(request) -> None:
        if urlsplit(request.url).hostname not in ("127.0.0.1", None):
            seen.outside.append(request.url)

    page.on("console", said)
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on("request", asked)
    return seen


def open_in_lab(page, address: str) -> None:
    """Open a notebook in JupyterLab and wait until its kernel answers."""
    page.goto(address)
    page.wait_for_function(
        """() => {
            const at = window.jupyterapp?.shell?.currentWidget;
            return Boolean(at?.context?.isReady && at.sessionContext?.session?.kernel);
        }""",
        timeout=90_000,
    )
    # The mark of an idle kernel shows before there is one.
    page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.info.then(() => true)")


def run_all(page) -> None:
    """Run every cell and wait until the last one is done and its widgets are there."""
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
    page.wait_for_function(
        """() => ![...document.querySelectorAll('.jp-InputPrompt')].some(p => p.innerText.includes('*'))
            && window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'""",
        timeout=180_000,
    )
    widgets_there(page)


def open_app(page, address: str) -> None:
    """Open a notebook in Voila and wait until it has run and its widgets are there."""
    page.goto(address, timeout=180_000)
    page.wait_for_selector(".jp-OutputArea-output, .voila-spinner-completed", state="attached", timeout=180_000)
    widgets_there(page)


def widgets_there(page) -> None:
    """Wait until no picture of the page is still loading."""
    page.wait_for_function("() => [...document.images].every(i => i.complete)", timeout=60_000)


WIDER = """() => {
    const found = [];
    for (const area of document.querySelectorAll('.jp-OutputArea-output, .jp-MarkdownOutput')) {
        const right = area.getBoundingClientRect().right;
        for (const e of area.querySelectorAll('*')) {
            const box = e.getBoundingClientRect();
            if (box.width < 2 || box.height < 2 || e.closest('mjx-assistive-mml')) continue;
            const wide = box.right - right > 1, scrolls = e.scrollWidth - e.clientWidth > 1
                && ['auto', 'scroll'].includes(getComputedStyle(e).overflowX);
            if (wide || scrolls) found.push(`${e.tagName}.${e.className?.baseVal ?? e.className} `
                + `${Math.round(Math.max(box.right - right, e.scrollWidth - e.clientWidth))} px too wide: `
                + e.innerText?.slice(0, 60).replaceAll(String.fromCharCode(10), ' | '));
        }
        if (area.scrollWidth - area.clientWidth > 1) found.push(`output ${area.scrollWidth - area.clientWidth} px: `
            + area.innerText.slice(0, 60).replaceAll(String.fromCharCode(10), ' | '));
    }
    return found;
}"""


def too_wide(page) -> list[str]:
    """What of a notebook's texts and outputs is wider than its cell, so that somebody must scroll sideways."""
    return page.evaluate(WIDER)


BELOW = """() => {
    const panel = document.querySelector('.jp-WindowedPanel-outer');
    const end = Math.min(innerHeight, panel ? panel.getBoundingClientRect().bottom : innerHeight);
    const first = document.querySelector('.ecteam-explorer'), found = [];
    const controls = '.widget-hslider, .widget-dropdown, .widget-checkbox, .widget-text';
    const answer = first.querySelector('.figures') ? '.figures, .ecteam-who, .ecteam-later' : 'img, table.ecteam';
    const shown = [document.querySelector('h1'), ...first.querySelectorAll(controls),
        ...[...first.querySelectorAll(answer)].slice(0, answer.startsWith('.') ? 3 : 1)];
    for (const e of shown) {
        const box = e.getBoundingClientRect();
        // Of a picture or table the upper part is enough.
        const last = ['IMG', 'TABLE'].includes(e.tagName) ? box.top + Math.min(box.height, 200) : box.bottom;
        if (box.height && last > end) found.push(`${Math.round(last - end)} px below: ${e.innerText.slice(0, 50)}`);
    }
    return shown.length > 4 ? found : ['nothing to see: ' + shown.length];
}"""


def below_first_screen(page) -> list[str]:
    """What of a notebook's question, answer and first controls one must scroll to; the page stands at its top."""
    page.evaluate(
        "() => { const p = document.querySelector('.jp-WindowedPanel-outer'); (p ?? window).scrollTo(0, 0); }"
    )
    page.wait_for_selector(".ecteam-explorer", timeout=60_000)
    waiting = "[...document.querySelectorAll('.ecteam-later')].some(e => e.innerText === '…')"
    page.wait_for_function(f"() => !{waiting}", timeout=60_000)
    return page.evaluate(BELOW)


SEEN = "[...document.querySelectorAll('*')].filter(e => e.checkVisibility())"  # not what a closed <details> holds
TALLEST = f"Math.max(...{SEEN}.map(e => e.scrollHeight))"


def screens(page) -> float:
    """How many screens long a notebook is; JupyterLab shows it in a panel, Voila scrolls another element."""
    panel = "document.querySelector('.jp-WindowedPanel-outer')"
    return page.evaluate(f"() => {{ const p = {panel}; return {TALLEST} / (p ? p.clientHeight : innerHeight); }}")


BROKEN = """() => {
    const found = [];
    for (const area of document.querySelectorAll('.jp-OutputArea-output, .jp-MarkdownOutput')) {
        const walk = document.createTreeWalker(area, NodeFilter.SHOW_TEXT);
        for (let text; (text = walk.nextNode());) {
            if (text.parentElement.closest('pre, style, script')) continue;
            // An address may be broken anywhere.
            for (const word of text.data.matchAll(/(?<![\\w/.:-])[A-Za-z]{3,}(?![\\w/.:])/g)) {
                const range = document.createRange();
                range.setStart(text, word.index);
                range.setEnd(text, word.index + word[0].length);
                if (new Set([...range.getClientRects()].map(box => Math.round(box.top))).size > 1) found.push(word[0]);
            }
        }
    }
    return found;
}"""


def broken_words(page) -> list[str]:
    """English words of a notebook's texts and outputs that are cut in two by the end of a line."""
    return page.evaluate(BROKEN)


def error_outputs(page) -> list[str]:
    """The error and warning outputs of a page, those inside widgets too."""
    kinds = ("stderr", "error")
    marks = ", ".join(f'[data-mime-type="application/vnd.jupyter.{kind}"]' for kind in kinds)
    return page.locator(marks).all_inner_texts()


def screenshot(page, name: str) -> Path:
    """Keep a picture of the whole notebook, as wide as a laptop."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    tall = page.evaluate(f"() => {TALLEST}")
    page.set_viewport_size({"width": LAPTOP["width"], "height": min(int(tall) + 120, 16_000)})
    page.evaluate("() => document.querySelectorAll('*').forEach(e => { if (e.scrollTop) e.scrollTop = 0; })")
    widgets_there(page)
    page.screenshot(path=SCREENS / f"{name}.png")
    page.set_viewport_size(LAPTOP)
    return SCREENS / f"{name}.png"


def other_language(page, lang: str) -> list[str]:
    """What is visible of the texts in the other language."""
    other = "zh" if lang == "en" else "en"
    return [text.inner_text() for text in page.locator(f'div[lang="{other}"]').all() if text.is_visible()]
