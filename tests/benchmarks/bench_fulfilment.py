"""The deadline crew: the exact bound against the linear programmes that ask the same question."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from ecteam.staffing.deadlines import crew_required, due_hours
from tests.benchmarks.result import Result, best_seconds

RATE = 40


def benchmarks() -> Iterator[Result]:
    week = np.concatenate([np.tile(np.isin(np.arange(24), range(8, 20)), 6), np.zeros(24)]).astype(float)
    due = due_hours(week, "24h")
    day = np.interp(np.arange(24), [0, 6, 11, 15, 21, 23], [10, 4, 60, 50, 80, 25])
    orders = np.random.default_rng(11).poisson(np.tile(day, 7) * np.linspace(0.7, 2.5, 84)[:, None])
    orders[:, due >= 168] = 0

    def people(rows: np.ndarray, due_by: np.ndarray = due, cyclic: bool = False) -> np.ndarray:
        return crew_required(rows, week, due_by, rate_per_hour=RATE, cyclic=cyclic).people

    built = [smallest_programme(row, week, due) for row in orders]
    np.testing.assert_allclose(people(orders), [linprog(**programme).fun for programme in built], atol=1e-8)
    np.testing.assert_allclose(people(orders[0]), linprog(**time_expanded(orders[0], week, due)).fun, atol=1e-8)

    one = best_seconds(lambda: people(orders[0]), 300)
    lp = best_seconds(lambda: linprog(**time_expanded(orders[0], week, due)), 15)
    yield Result("one week: time-expanded LP / bound", lp / one, "x", at_least=10)
    lp = best_seconds(lambda: linprog(**smallest_programme(orders[0], week, due)), 15)
    yield Result("one week: smallest LP / bound", lp / one, "x", at_least=10)

    weeks = best_seconds(lambda: people(orders))
    lps = best_seconds(lambda: [linprog(**programme) for programme in built], 2)
    yield Result("84 weeks (12 months x 7): smallest LP, only solved / bound", lps / weeks, "x", at_least=10)
    yield Result("84 weeks (12 months x 7): bound", 1000 * weeks, "ms", at_most=200)
    round_due = due_hours(week, "24h", cyclic=True)
    weeks = best_seconds(lambda: people(orders, round_due, True))
    yield Result("84 repeating weeks: bound", 1000 * weeks, "ms", at_most=300)


def time_expanded(orders: np.ndarray, is_open: np.ndarray, due: np.ndarray) -> dict[str, Any]:
    """The usual programme: how many orders of each hour are done in each open hour until they are due."""
    hour = np.arange(len(orders))
    may = (hour >= hour[:, None]) & (hour <= due[:, None]) & (is_open > 0)
    released, done = np.nonzero(may & (orders > 0)[:, None])
    column, shape = np.arange(len(done)), (len(orders), len(done) + 1)
    load = sparse.csr_array((np.ones(len(done)), (done, column)), shape=shape)
    people = sparse.csr_array((RATE * is_open, (hour, np.full(len(hour), len(done)))), shape=shape)
    return {
        "c": np.r_[np.zeros(len(done)), 1.0],
        "A_ub": load - people,
        "b_ub": np.zeros(len(orders)),
        "A_eq": sparse.csr_array((np.ones(len(done)), (released, column)), shape=shape),
        "b_eq": orders,
    }


def smallest_programme(orders: np.ndarray, is_open: np.ndarray, due: np.ndarray) -> dict[str, Any]:
    """The smallest programme we know: orders finished by each hour and the people, 169 columns for a week."""
    hours = len(orders)
    owed = np.bincount(due, orders, minlength=hours)[:hours].cumsum()
    step = sparse.eye_array(hours) - sparse.eye_array(hours, k=-1)
    people = sparse.csr_array(RATE * is_open[:, None])
    nobody = sparse.csr_array((hours, 1))
    return {
        "c": np.r_[np.zeros(hours), 1.0],
        "A_ub": sparse.vstack([sparse.hstack([step, -people]), sparse.hstack([-step, nobody])], format="csr"),
        "b_ub": np.zeros(2 * hours),
        "bounds": np.stack([np.r_[owed, 0], np.r_[orders.cumsum(), np.inf]], axis=1),
    }
