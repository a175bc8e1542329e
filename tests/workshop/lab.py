"""A JupyterLab of a test's own, on loopback, with folders of its own, and a page of Chromium that looks at it."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
TOKEN = "a-token-of-the-test"
QUIET = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
FOLDERS = ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR", "LAB_SETTINGS_DIR", "LAB_WORKSPACES_DIR")
SETTINGS = {
    "notebook-extension/tracker": {"windowingMode": "none"},
    "apputils-extension/notification": {"checkForUpdates": False, "fetchNews": "false"},
}


@contextlib.contextmanager
def lab(folder: Path, own: Path):
    """A running JupyterLab on a folder; gives the address of its documents."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    places = {f"JUPYTER{'' if name.startswith('LAB') else '_'}{name}": own / name for name in FOLDERS}
    for place in places.values():
        place.mkdir(parents=True)
    for name, values in SETTINGS.items():
        path = places["JUPYTERLAB_SETTINGS_DIR"] / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1"),
        *(f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}"),
        *("--LabApp.expose_app_in_browser=True", f"--ServerApp.root_dir={folder}"),
    ]
    with (own / "log").open("w") as log:
        server = subprocess.Popen(
            command, env=os.environ | {k: str(v) for k, v in places.items()}, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
    try:
        until = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api?token={TOKEN}", timeout=5).close()
                break
            assert server.poll() is None, (own / "log").read_text()
            assert time.monotonic() < until, (own / "log").read_text()
        yield f"http://127.0.0.1:{port}/doc/tree/{{name}}?reset&token={TOKEN}"
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=30)


@contextlib.contextmanager
def page(own: Path):
    """A page of the system's Chromium with a profile of its own; skips where there is none."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: the lesson is not looked at in a browser")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as tools:
        context = tools.chromium.launch_persistent_context(
            str(own / "profile"), executable_path=CHROMIUM, args=QUIET, viewport={"width": 1366, "height": 768}
        )
        try:
            yield context.pages[0] if context.pages else context.new_page()
        finally:
            context.close()


OPEN = """() => {
  const widget = window.jupyterapp?.shell.currentWidget;
  return widget?.context?.isReady && widget.sessionContext?.session?.kernel?.info && true;
}"""
READY = "async () => { await window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.info; return true; }"
RUN_ALL = "async () => { await window.jupyterapp.commands.execute('notebook:run-all-cells'); }"
WRITE = """async ([start, text]) => {
  const book = window.jupyterapp.shell.currentWidget.content;
  const at = book.widgets.findIndex(cell => cell.model.sharedModel.getSource().startsWith(start));
  book.widgets[at].model.sharedModel.setSource(text);
  for (const step of [at, book.widgets.findIndex(
      (cell, i) => i > at && cell.model.sharedModel.getSource().startsWith('check('))]) {
    book.activeCellIndex = step;
    await window.jupyterapp.commands.execute('notebook:run-cell');
  }
}"""


def opened(page, address: str) -> None:
    """Open a notebook and wait until its kernel answers."""
    page.goto(address)
    page.wait_for_function(OPEN, timeout=60_000)
    page.evaluate(READY)


def write_and_check(page, start: str, text: str) -> None:
    """Write an answer into the cell that begins so, run it and the check after it."""
    page.evaluate(WRITE, [start, text])
