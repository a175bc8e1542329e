"""One process with everything loaded serves all tests that fork reports: it takes ten seconds to get ready."""

import psutil
import pytest


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
