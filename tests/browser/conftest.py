"""One JupyterLab and one Voila for all tests of a run that need them."""

import pytest

from tests.browser import driver


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
