"""Draws and the time machine on a Dask cluster of this machine: the bytes of the serial run, a worker lost or not."""

import os
import signal
import sys
import threading
from functools import partial

import numpy as np
import pytest

from ecteam.analysis.tipping_points import time_machine
from ecteam.analysis.uncertainty import how_sure
from ecteam.inputs.checks import InputError
from ecteam.inputs.scenario_file import load_scenario
from ecteam.plan import plan as plans
from ecteam.publish import cluster
from ecteam.publish.cluster import spread

LOWEST, HIGHEST = 40, 400


@pytest.fixture(scope="module")
def plan():
    return plans.make_plan(load_scenario("tea_shop_startup", months=3))


@pytest.fixture(scope="module")
def here():
    """A worker that is a thread of this process: what is sent goes through Dask as it would to another."""
    from distributed import Client, LocalCluster

    options = {"host": "127.0.0.1", "protocol": "tcp://", "dashboard_address": None, "memory_limit": None}
    with (
        LocalCluster(n_workers=1, threads_per_worker=1, processes=False, **options) as running,
        Client(running, set_as_default=False) as client,
    ):
        yield client


def same_draws(one, other):
    """Whether two runs drew the same and came to the same, bit by bit."""
    parts = [(one.orders, other.orders), (one.inputs, other.inputs)]
    for name in ("heads", "cost", "enough", "kept"):
        mine, theirs = getattr(one, name), getattr(other, name)
        assert list(mine) == list(theirs)
        parts += [(mine[key], theirs[key]) for key in mine]
    return all(np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in parts)


def same(one, other):
    assert one.posts.equals(other.posts)
    assert one.stages.equals(other.stages)
    assert one.work.equals(other.work)
    assert one.team.equals(other.team)
    assert one.falls == other.falls


def test_draws_on_a_cluster_are_those_of_the_serial_run(plan, here):
    serial, sent = how_sure(plan, 1_500), how_sure(plan, 1_500, each=spread(here))
    assert same_draws(serial, sent)
    assert all((serial.cost[role] == sent.cost[role]).all() for role in serial.cost)


def test_the_time_machine_on_a_cluster_is_that_of_the_serial_run(plan, here):
    same(time_machine(plan, LOWEST, HIGHEST), time_machine(plan, LOWEST, HIGHEST, each=spread(here)))


def test_a_worker_with_other_tables_is_refused(plan, here, monkeypatch):
    monkeypatch.setattr(cluster, "maker_mark", lambda: "mine")
    monkeypatch.setattr(cluster, "_mark_here", lambda: "theirs")
    with pytest.raises(InputError, match="a worker of the cluster has other tables"):
        how_sure(plan, 10, each=spread(here))


def test_answers_come_in_the_order_asked(here):
    assert list(spread(here)(partial(pow, 2), range(9))) == [2**n for n in range(9)]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="kills a worker")
def test_two_workers_of_which_one_is_killed_give_the_same_bytes(plan):
    from distributed import Client, LocalCluster

    serial = how_sure(plan, 20_000)
    options = {"host": "127.0.0.1", "dashboard_address": None, "memory_limit": None}
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, **options) as running,
        Client(running, set_as_default=False) as client,
    ):
        first = next(iter(client.run(os.getpid).values()))
        killer = threading.Timer(0.5, os.kill, (first, signal.SIGKILL))
        killer.start()
        sent = how_sure(plan, 20_000, each=spread(client))
        killer.join()
        assert first not in client.run(os.getpid).values()
        same(time_machine(plan, LOWEST, HIGHEST), time_machine(plan, LOWEST, HIGHEST, each=spread(client)))
    assert same_draws(serial, sent)
