"""One process with everything loaded serves all tests that fork reports: it takes ten seconds to get ready.

One browser serves all tests that look at pages: playwright runs once in a process.
"""

import psutil
import pytest

from tests.browser import driver


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


@pytest.fixture(scope="session")
def process():
    """A preloaded process of this test run's own."""
    from ecteam.files import data_dir
    from ecteam.publish.preloaded import Preloaded

    running = Preloaded(str(data_dir().resolve()))
    yield running
    if running.process is not None:
        ended = running.process.pid
        running.stop()
        assert not psutil.pid_exists(ended), "the end of its input ends it"
