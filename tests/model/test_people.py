"""Who does what: against brute force on small teams, the laws of an assignment on random ones, and the words of a refusal.

The brute force knows nothing of the model: it tries every set of seats, every choice of posts for each of them, every
side of a pair kept apart, every owner and every body at one hour, and asks Hall's condition whether the hours fit.
"""

from itertools import chain, combinations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecteam.errors import InputError
from ecteam.model.people import AtOnce, assign_people

CAPACITY = 130.0
START = "2027-01"


def team(may, *, cost=None, on_board=True, names=None, hired_as="all_rounder"):
    seats = len(may)
    return pd.DataFrame(
        {
            "person": names or [f"Person {i + 1}" for i in range(seats)],
            "hired_as": hired_as,
            "department": "operations",
            "cost_per_month": np.full(seats, 10_000.0) if cost is None else np.asarray(cost, float),
            "on_board": on_board,
        }
    )


def work(posts, words=None):
    frame = pd.DataFrame({"post": [f"post {p}" for p in posts], "role": "all_rounder"})
    frame.index = [f"duty {i + 1}" for i in range(len(posts))]
    return frame if words is None else frame.assign(words=words)


def ask(case, **changed):
    """The keywords of `assign_people` for a case of `random_case`."""
    case = case | changed
    hours = np.asarray(case["hours"], float)
    months = pd.period_range(START, periods=hours.shape[1], freq="M")
    keys = [f"duty {i + 1}" for i in range(len(hours))]
    pairs = pd.DataFrame([(keys[a], keys[b]) for a, b in case["apart"]], columns=["duty_a", "duty_b"])
    groups = [AtOnce(f"group {g + 1}", [keys[d] for d in ds], n) for g, (ds, n) in enumerate(case["groups"])]
    return assign_people(
        work(case["post"]),
        hours,
        team(case["may"], cost=case["cost"], on_board=case["on_board"]),
        np.asarray(case["capacity"], float)[:, None],
        months=months,
        may=np.asarray(case["may"], bool),
        authority=np.asarray(case["authority"], bool),
        at_once=groups,
        keep_apart=pairs,
        most_hats=case["most_hats"],
        hat_loss_share=case["loss"],
        owner_hours=case["owner_hours"],
        previous=case.get("previous"),
    )


def random_case(rng, seats, duties, *, months=1, plain=False):
    """A small wish, usually a tight one."""
    posts = int(rng.integers(1, min(duties, 3) + 1))
    post = np.concatenate([np.arange(posts), rng.integers(0, posts, duties - posts)])
    may = rng.random((seats, duties)) < rng.choice([0.6, 0.8, 1.0])
    may[rng.integers(0, seats, duties), np.arange(duties)] = True
    authority = may & (rng.random((seats, duties)) < rng.choice([0.5, 1.0]))
    # Few duties whose owner is a question, so that the brute force ends.
    asked = rng.choice(duties, min(2, duties), replace=False)
    authority[:, np.setdiff1d(np.arange(duties), asked)] = may[:, np.setdiff1d(np.arange(duties), asked)]
    pairs = [] if duties < 2 else [tuple(rng.choice(duties, 2, replace=False)) for _ in range(rng.integers(0, 3))]
    pairs = sorted({tuple(sorted(int(d) for d in pair)) for pair in pairs})
    groups = []
    if duties >= 2 and rng.random() < 0.5:
        chosen = rng.choice(duties, 2, replace=False)
        groups = [([int(d)], int(rng.integers(1, max(seats // 2, 1) + 1))) for d in chosen]
    total = rng.uniform(0.3, 0.95) * seats * CAPACITY
    share = rng.dirichlet(np.ones(duties))
    hours = np.round(np.maximum(share * total, 1), 1)[:, None] * rng.uniform(0.7, 1.2, (duties, months))
    return {
        "post": post,
        "hours": hours,
        "may": may,
        "authority": authority,
        "capacity": rng.choice([CAPACITY, 100.0], seats) if rng.random() < 0.5 else np.full(seats, CAPACITY),
        "cost": rng.choice([6000.0, 9000.0, 12000.0, 15000.0], seats),
        "on_board": rng.random(seats) < 0.2,
        "apart": [] if plain else pairs,
        "groups": [] if plain else groups,
        "most_hats": None if rng.random() < 0.5 else int(rng.integers(1, 3)),
        "loss": float(rng.choice([0.0, 0.05, 0.3])),
        "owner_hours": float(rng.choice([1.0, 8.0])),
    }


def subsets(items):
    return chain.from_iterable(combinations(items, k) for k in range(len(items) + 1))


def possible(case, seats, t=0):
    """Whether these seats can do month t, by trying everything."""
    seats = list(seats)
    need = np.asarray(case["hours"])[:, t]
    duties, may = np.flatnonzero(need > 0), np.asarray(case["may"])
    capacity, post = np.asarray(case["capacity"], float), np.asarray(case["post"])
    able = may[:, duties].sum(axis=0) * 1.0
    least = dict(zip(duties.tolist(), np.minimum(case["owner_hours"], need[duties] / able) * (1 - 1e-9), strict=True))
    posts = sorted(set(post[duties].tolist()))
    most = case["most_hats"] or len(posts)
    choices = [[hats for hats in subsets(posts) if len(hats) <= most] for _ in seats]
    apart = [pair for pair in case["apart"] if set(pair) <= set(duties.tolist())]
    owners = []
    for d in duties:
        holders = [s for s in seats if may[s, d] and case["authority"][s][d]]
        if not holders:
            return False
        alike = all(case["authority"][s][d] for s in range(len(may)) if may[s, d])
        owners.append([None] if alike else holders)
    bodies = [list(combinations(seats, n)) for _, n in case["groups"]]
    member = np.array(list(product([0, 1], repeat=len(duties))), dtype=bool)
    # Every choice of hats and sides at once: (choices, seats, duties), who may work on what.
    hats = np.array(
        [[[p in worn for p in posts] for worn in pick] for pick in product(*choices)], dtype=bool
    ).reshape(-1, len(seats), len(posts))
    column = [posts.index(p) for p in post[duties]]
    works = hats[:, :, column] & may[np.ix_(seats, duties)]
    room = capacity[seats] * (1 - case["loss"] * np.maximum(hats.sum(axis=2) - 1, 0))
    at = {int(d): i for i, d in enumerate(duties)}
    for a, b in apart:
        sides = np.array(list(product([at[a], at[b]], repeat=len(seats))))
        keep = np.ones((len(sides), len(seats), len(duties)), dtype=bool)
        np.put_along_axis(keep, sides[:, :, None], False, axis=2)
        works = (works[:, None] & keep).reshape(-1, len(seats), len(duties))
        room = np.repeat(room, len(sides), axis=0)
    for owning in product(*owners):
        for standing in product(*bodies):
            if len(set(chain(*standing))) < sum(map(len, standing)):
                continue
            # What owners and bodies must do is done first: on the same duty the more of the two.
            fixed = np.zeros((len(seats), len(duties)))
            for i, (d, s) in enumerate(zip(duties, owning, strict=True)):
                if s is not None:
                    fixed[seats.index(s), i] = least[int(d)]
            for (ds, _), who in zip(case["groups"], standing, strict=True):
                for s in who:
                    i = at[ds[0]]
                    fixed[seats.index(s), i] = max(fixed[seats.index(s), i], least[ds[0]])
            rest = need[duties] - fixed.sum(axis=0)
            if (rest < -1e-9).any():
                continue
            good = (works | (fixed == 0)).all(axis=(1, 2))
            left = room[good] - fixed.sum(axis=1)
            good_works, left = works[good][(left >= -1e-7).all(axis=1)], left[(left >= -1e-7).all(axis=1)]
            if not len(left):
                continue
            fits = np.ones(len(left), dtype=bool)
            for some in member[1:]:
                reached = good_works[:, :, some].any(axis=2)
                fits &= (left * reached).sum(axis=1) >= rest[some].sum() - 1e-6
            if fits.any():
                return True
    return False


def least_cost(case):
    """The least cost over the months, by trying every month of opening of every seat; None where all seats do not."""
    seats, months = len(case["may"]), np.asarray(case["hours"]).shape[1]
    known = {}
    best = None
    starts = [[0] if board else range(months + 1) for board in case["on_board"]]
    plans = sorted(
        product(*starts), key=lambda plan: sum(c * (months - at) for c, at in zip(case["cost"], plan, strict=True))
    )
    for plan in plans:
        works = True
        for t in range(months):
            there = tuple(s for s in range(seats) if plan[s] <= t)
            if (there, t) not in known:
                known[there, t] = possible(case, there, t)
            if not (works := known[there, t]):
                break
        if works:
            best = sum(c * (months - at) for c, at in zip(case["cost"], plan, strict=True))
            break
    return best


def check(case, answer):
    """Every rule of the wish, looked up in the answer's tables."""
    people, hours = answer.people, np.asarray(case["hours"], float)
    months = pd.period_range(START, periods=hours.shape[1], freq="M")
    keys = [f"duty {i + 1}" for i in range(len(hours))]
    given_out = people.pivot_table(index="duty", columns="month", values="hours", aggfunc="sum")
    given_out = given_out.reindex(index=keys, columns=months).fillna(0).to_numpy()
    np.testing.assert_allclose(given_out, hours, rtol=0, atol=1e-9)
    assert (people["hours"] > 0).all()
    number = {f"Person {i + 1}": i for i in range(len(case["may"]))}
    s, d = people["person"].map(number).to_numpy(), people["duty"].map({k: i for i, k in enumerate(keys)}).to_numpy()
    assert np.asarray(case["may"], bool)[s, d].all()
    capacity = np.asarray(case["capacity"], float)
    np.testing.assert_allclose(people["share"], people["hours"] / capacity[s])
    for (_, person), rows in people.groupby(["month", "person"]):
        worn = rows["post"].nunique()
        room = capacity[number[person]] * (1 - case["loss"] * (worn - 1))
        assert rows["hours"].sum() <= room + 1e-6
        assert case["most_hats"] is None or worn <= case["most_hats"]
        done = set(rows["duty"])
        assert not any({keys[a], keys[b]} <= done for a, b in case["apart"])
    owners = people[people["accountable"]]
    assert not owners.duplicated(["month", "duty"]).any()
    assert len(owners) == (hours > 0).sum()
    o, od = owners["person"].map(number).to_numpy(), owners["duty"].map({k: i for i, k in enumerate(keys)}).to_numpy()
    assert np.asarray(case["authority"], bool)[o, od].all()
    able = np.asarray(case["may"]).sum(axis=0)[od]
    t = (owners["month"].to_numpy() - months[0]).astype(object)
    t = np.array([gap.n for gap in t], dtype=int)
    assert (owners["hours"] >= np.minimum(case["owner_hours"], hours[od, t] / able) * (1 - 1e-6)).all()
    for month in months:
        here = people[people["month"] == month]
        for (_, a), (_, b) in combinations(enumerate(case["groups"]), 2):
            in_a = set(here[here["duty"].isin([keys[x] for x in a[0]])]["person"])
            in_b = set(here[here["duty"].isin([keys[x] for x in b[0]])]["person"])
            assert len(in_a) >= a[1]
            assert len(in_b) >= b[1]
            assert len(in_a | in_b) >= a[1] + b[1]
    seats = answer.seats.set_index("person")
    assert {f"Person {i + 1}" for i in np.flatnonzero(case["on_board"])} <= set(seats.index)
    assert (people["month"] >= seats["opened"].reindex(people["person"]).to_numpy()).all()
    paid = sum(row.cost_per_month * ((months[-1] - row.opened).n + 1) for row in seats.itertuples())
    assert answer.cost == pytest.approx(paid)
    assert answer.bound <= answer.cost + 1e-9


def same_as_brute_force(case):
    expected = least_cost(case)
    if expected is None:
        with pytest.raises(InputError):
            ask(case)
        return False
    answer = ask(case)
    check(case, answer)
    assert answer.cost == pytest.approx(expected)
    assert answer.gap <= 1e-6
    return True


@pytest.mark.parametrize("seed", range(40))
def test_one_month_costs_what_brute_force_says(seed):
    rng = np.random.default_rng(seed)
    same_as_brute_force(random_case(rng, int(rng.integers(1, 4)), int(rng.integers(1, 6))))


def test_the_small_cases_are_a_fair_mixture():
    rngs = [np.random.default_rng(seed) for seed in range(40)]
    cases = [random_case(rng, int(rng.integers(1, 4)), int(rng.integers(1, 6))) for rng in rngs]
    can = [least_cost(case) is not None for case in cases]
    assert 10 <= sum(can) <= 35
    assert any(case["groups"] for case, ok in zip(cases, can, strict=True) if ok)
    assert any(case["apart"] for case, ok in zip(cases, can, strict=True) if ok)


@pytest.mark.slow
@pytest.mark.parametrize(("seats", "duties"), product(range(1, 6), range(1, 7)))
def test_every_size_costs_what_brute_force_says(seats, duties):
    can = 0
    for seed in range(30 if seats < 5 else 12):
        rng = np.random.default_rng([seats, duties, seed])
        can += same_as_brute_force(random_case(rng, seats, duties))
    assert can > 0


@pytest.mark.parametrize("seed", range(8))
def test_months_cost_what_brute_force_says(seed):
    rng = np.random.default_rng([7, seed])
    same_as_brute_force(random_case(rng, 3, int(rng.integers(2, 5)), months=2))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(60))
def test_more_months_cost_what_brute_force_says(seed):
    rng = np.random.default_rng([8, seed])
    same_as_brute_force(random_case(rng, 4, int(rng.integers(2, 6)), months=3))
