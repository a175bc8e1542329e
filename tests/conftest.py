"""One browser serves all tests that look at pages: playwright runs once in a process. Every test begins in English."""

import sys

import pytest
from hypothesis import settings

from ecteam.inputs.words import use
from tests import reports
from tests.browser import driver

# How long an example takes depends on what else the machine does; pytest-timeout bounds each test.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_sessionfinish():
    """Also in a worker of xdist, whose process ends without its own cleaning up."""
    reports.end_session()


@pytest.fixture(autouse=True)
def english():
    """A test may set another language; the next one begins in English."""
    yield
    use("en")


@pytest.fixture(autouse=True)
def nothing_drawn_later(monkeypatch):
    """The browser of other tests runs a loop in this thread, in which explorers of tests that are over would draw."""
    if viewer := sys.modules.get("ecteam.explore.viewer"):
        monkeypatch.setattr(viewer.Viewer, "finish_at_rest", lambda *_: None)


@pytest.fixture(scope="session")
def browser():
    """The system's Chromium, headless."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="browser tests need the package playwright")
    program = driver.chromium()
    if program is None:
        pytest.skip(f"browser tests need Chromium; none of {', '.join(driver.BROWSERS)} is installed")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=driver.FLAGS)
        yield opened
        opened.close()
