"""One browser, one JupyterLab and one Voila for all tests of a run that need them."""

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


@pytest.fixture
def watched(browser):
    """A new page of a laptop's size, and what goes wrong in it."""
    page = browser.new_page(viewport=driver.LAPTOP)
    yield driver.watch(page)
    page.close()


@pytest.fixture(scope="session")
def lab(browser, tmp_path_factory):
    with driver.server("lab", tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture(scope="session")
def voila(browser, tmp_path_factory):
    with driver.server("voila", tmp_path_factory.mktemp("voila")) as running:
        yield running
