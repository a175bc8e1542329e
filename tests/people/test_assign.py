"""Who does what: against brute force on small teams, laws on random ones, and the words of a refusal.

The brute force knows nothing of the model: it tries every set of seats, every choice of posts for each of them, every
side of a pair kept apart, every owner and every body at one hour, and asks Hall's condition whether the hours fit.
"""

from itertools import chain, combinations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecteam.inputs.checks import InputError
from ecteam.people.assign import AtOnce, assign_people

CAPACITY = 130.0
START = "2027-01"
BASE = {
    "post": [0, 1, 2],
    "hours": np.array([[40.0], [30.0], [20.0]]),
    "may": np.ones((1, 3), bool),
    "capacity": [CAPACITY],
    "cost": [9000.0],
    "on_board": [True],
    "apart": [],
    "groups": [],
    "loss": 0.05,
    "owner_hours": 1.0,
}
OF_SEATS = ("may", "capacity", "cost", "on_board")


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
        at_once=groups,
        keep_apart=pairs,
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
        "capacity": rng.choice([CAPACITY, 100.0], seats) if rng.random() < 0.5 else np.full(seats, CAPACITY),
        "cost": rng.choice([6000.0, 9000.0, 12000.0, 15000.0], seats),
        "on_board": rng.random(seats) < 0.2,
        "apart": [] if plain else pairs,
        "groups": [] if plain else groups,
        "loss": float(rng.choice([0.0, 0.05, 0.3])),
        "owner_hours": float(rng.choice([1.0, 8.0])),
    }


def people_alike(hours, people, loss):
    """A wish to people who may all do everything, each duty a post of its own."""
    able = np.ones((people, len(hours)), bool)
    return BASE | {
        "post": np.arange(len(hours)), "hours": hours, "may": able, "loss": loss,
        "capacity": np.full(people, CAPACITY), "cost": np.full(people, 9000.0), "on_board": np.ones(people, bool),
    }  # fmt: skip


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
    choices = [list(subsets(posts)) for _ in seats]
    apart = [pair for pair in case["apart"] if set(pair) <= set(duties.tolist())]
    if not may[np.ix_(seats, duties)].any(axis=0).all():
        return False
    bodies = [list(combinations(seats, n)) for _, n in case["groups"]]
    member = np.array(list(product([0, 1], repeat=len(duties))), dtype=bool)
    # Every choice of hats and sides at once: (choices, seats, duties), who may work on what.
    hats = np.array([[[p in worn for p in posts] for worn in pick] for pick in product(*choices)], dtype=bool).reshape(
        -1, len(seats), len(posts)
    )
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
    for standing in product(*bodies):
        if len(set(chain(*standing))) < sum(map(len, standing)):
            continue
        # What bodies must do is done first.
        fixed = np.zeros((len(seats), len(duties)))
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
        done = set(rows["duty"])
        assert not any({keys[a], keys[b]} <= done for a, b in case["apart"])
    owners = people[people["accountable"]]
    assert not owners.duplicated(["month", "duty"]).any()
    assert len(owners) == (hours > 0).sum()
    o, od = owners["person"].map(number).to_numpy(), owners["duty"].map({k: i for i, k in enumerate(keys)}).to_numpy()
    assert np.asarray(case["may"], bool)[o, od].all()
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


def same_as_brute_force(case):
    """All seats do it, as trying everything says, and of those that are taken on none is too many."""
    months = range(np.asarray(case["hours"]).shape[1])
    if not all(possible(case, range(len(case["may"])), t) for t in months):
        with pytest.raises(InputError):
            ask(case)
        return False
    answer = ask(case)
    check(case, answer)
    taken = {int(person.split()[1]) - 1 for person in answer.seats["person"]}
    for one in (s for s in taken if not case["on_board"][s]):
        assert not all(possible(case, sorted(taken - {one}), t) for t in months), one
    return True


@pytest.mark.core
@pytest.mark.parametrize("seed", range(40))
def test_one_month_is_as_brute_force_says(seed):
    rng = np.random.default_rng(seed)
    same_as_brute_force(random_case(rng, int(rng.integers(1, 4)), int(rng.integers(1, 6))))


@pytest.mark.slow
@pytest.mark.parametrize(("seats", "duties"), [*product(range(1, 6), range(1, 7))])
def test_every_size_is_as_brute_force_says(seats, duties):
    can = 0
    for seed in range(30 if seats < 5 else 12):
        rng = np.random.default_rng([seats, duties, seed])
        can += same_as_brute_force(random_case(rng, seats, duties))
    assert can > 0


@pytest.mark.parametrize("seed", range(8))
def test_months_are_as_brute_force_says(seed):
    rng = np.random.default_rng([7, seed])
    same_as_brute_force(random_case(rng, 3, int(rng.integers(2, 5)), months=2))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(60))
def test_more_months_are_as_brute_force_says(seed):
    rng = np.random.default_rng([8, seed])
    same_as_brute_force(random_case(rng, 4, int(rng.integers(2, 6)), months=3))


def fewest_changes(case, t, answer):
    """The fewest changes of month t from the month before in the answer, by trying every pattern of the open seats."""
    keys = [f"duty {i + 1}" for i in range(len(case["hours"]))]
    months = pd.period_range(START, periods=np.asarray(case["hours"]).shape[1], freq="M")
    before = answer.people[answer.people["month"] == months[t - 1]]
    opened = answer.seats.set_index("person")["opened"]
    seats = [i for i in range(len(case["may"])) if f"Person {i + 1}" in opened.index]
    seats = [i for i in seats if opened[f"Person {i + 1}"] <= months[t]]
    old = [i for i in seats if opened[f"Person {i + 1}"] < months[t]]
    worked = np.zeros(np.shape(case["may"]), dtype=bool)
    owner = {}
    for row in before.itertuples():
        s, d = int(row.person.split()[1]) - 1, keys.index(row.duty)
        worked[s, d] = True
        if row.accountable:
            owner[d] = s
    need, capacity, post = np.asarray(case["hours"])[:, t], np.asarray(case["capacity"]), np.asarray(case["post"])
    able = np.asarray(case["may"]).sum(axis=0)
    least = np.minimum(case["owner_hours"], need / able) * (1 - 1e-9)
    free = [(s, d) for s in seats for d in range(len(need)) if case["may"][s][d]]
    member = np.array(list(product([0, 1], repeat=len(need))), dtype=bool)[1:]
    best = np.inf
    for bits in product([False, True], repeat=len(free)):
        works = np.zeros_like(worked)
        for (s, d), bit in zip(free, bits, strict=True):
            works[s, d] = bit
        changes = (works[old] != worked[old]).sum()
        if changes >= best or not works.any(axis=0).all():
            continue
        worn = np.array([len(set(post[works[s]].tolist())) for s in range(len(works))])
        if any((works[:, a] & works[:, b]).any() for a, b in case["apart"]):
            continue
        room = capacity * (1 - case["loss"] * np.maximum(worn - 1, 0))
        # Who keeps a duty works on it; so does an owner, old or new.
        holders = [[s for s in seats if works[s, d]] for d in range(len(need))]
        for owning in product(*holders):
            handed = sum(owner[d] != s for d, s in enumerate(owning))
            if changes + handed >= best:
                continue
            fixed = np.where(works & worked, least, 0.0)
            for d, s in enumerate(owning):
                fixed[s, d] = least[d]
            left, rest = room - fixed.sum(axis=1), need - fixed.sum(axis=0)
            if (left[seats] < -1e-9).any() or (rest < -1e-9).any():
                continue
            if all(left[works[:, some].any(axis=1)].sum() >= rest[some].sum() - 1e-6 for some in member):
                best = changes + handed
    return best


def changing_case(seed):
    rng = np.random.default_rng([9, seed])
    case = random_case(rng, 3, 3, months=2)
    return case | {"groups": [], "on_board": np.ones(3, bool), "loss": 0.05}


def same_changes_as_brute_force(seed):
    case = changing_case(seed)
    try:
        answer = ask(case)
    except InputError:
        return None
    check(case, answer)
    assert len(answer.changes) == fewest_changes(case, 1, answer)
    return len(answer.changes)


@pytest.mark.parametrize("seed", range(30))
def test_changes_are_the_fewest_there_are(seed):
    same_changes_as_brute_force(seed)


@pytest.mark.slow
def test_changes_are_the_fewest_there_are_in_many_cases():
    found = [same_changes_as_brute_force(seed) for seed in range(30, 330)]
    assert sum(changes is not None and changes > 0 for changes in found) >= 20


@settings(max_examples=20)
@given(
    st.lists(st.floats(0.05, 4), min_size=1, max_size=13),
    st.sampled_from([0.0, 0.02, 0.05, 0.2]),
    st.booleans(),
)
def test_people_of_one_role_always_suffice(fte, loss, whole):
    """Hours of k posts and ceil(fte + (k - 1) x loss) people alike: filling them one after another comes out."""
    fte = np.array(fte)
    asked = fte.sum() + (len(fte) - 1) * loss
    heads = int(np.ceil(asked - 1e-9))
    if whole:
        # To the last hour: no room to spare.
        fte = fte + (heads - asked) / len(fte)
    case = people_alike(fte[:, None] * CAPACITY, heads, loss)
    check(case, ask(case))


@pytest.mark.parametrize("seed", range(40))
def test_people_who_are_alike_are_settled_as_brute_force_says(seed):
    rng = np.random.default_rng([17, seed])
    duties, people, loss = int(rng.integers(2, 5)), int(rng.integers(1, 5)), float(rng.choice([0.05, 0.2, 0.4]))
    fte = rng.choice([0.2, 0.25, 0.5, 0.6, 0.75, 0.9, 1.0], duties) * people * rng.uniform(0.5, 1) / duties * 1.6
    same_as_brute_force(people_alike(np.round(fte * CAPACITY, 1)[:, None], people, loss))


@pytest.mark.parametrize("seed", range(6))
def test_nothing_changes_while_the_hours_do_not(seed):
    rng = np.random.default_rng([11, seed])
    case = random_case(rng, 4, 6) | {"on_board": np.ones(4, bool), "groups": [], "apart": []}
    case |= {"hours": np.repeat(case["hours"] * 0.5, 6, axis=1), "loss": 0.05}
    case |= {"may": np.ones((4, 6), bool)}
    answer = ask(case)
    check(case, answer)
    assert answer.changes.empty
    patterns = answer.people.groupby("month")[["person", "duty", "accountable"]].apply(
        lambda rows: tuple(sorted(map(tuple, rows.to_numpy())))
    )
    assert len(set(patterns)) == 1
    # A new plan that starts from this one keeps it too.
    again = ask(case, previous=answer)
    assert again.changes.empty


def test_a_rule_that_is_new_is_kept_although_the_people_before_broke_it():
    case = BASE | {name: np.repeat(np.asarray(BASE[name]), 2, axis=0) for name in OF_SEATS}
    before = ask(case)
    assert before.people["person"].drop_duplicates().size == 1
    stricter = case | {"apart": [(0, 1)], "previous": before}
    answer = ask(stricter)
    check(stricter, answer)
    assert set(answer.changes["change"]) >= {"ends", "begins"}


def test_a_duty_that_rests_comes_back_to_who_had_it():
    hours = [[60, 60, 60, 60], [50, 0, 0, 50], [100, 100, 100, 100]]
    case = changing_case(0) | {"post": [0, 1, 2], "hours": np.array(hours, float), "may": np.ones((3, 3), bool)}
    case |= {"apart": [], "capacity": np.full(3, CAPACITY)}
    answer = ask(case)
    check(case, answer)
    assert answer.changes.empty
    assert answer.people.query("duty == 'duty 2'")["person"].drop_duplicates().size == 1


def test_the_same_input_gives_the_same_bytes_and_is_not_altered():
    case = random_case(np.random.default_rng(5), 4, 6, months=3, plain=True) | {"on_board": np.zeros(4, bool)}
    case["hours"] = case["hours"] * 0.7
    kept = {name: np.array(value, copy=True) for name, value in case.items() if isinstance(value, np.ndarray)}
    first, second = ask(case), ask(case)
    for name, value in kept.items():
        np.testing.assert_array_equal(case[name], value)
    for name in ("people", "seats", "changes"):
        assert getattr(first, name).to_csv() == getattr(second, name).to_csv()


def test_a_large_team_of_roles_keeps_every_rule():
    rng = np.random.default_rng(3)
    role, its_role = np.arange(60) % 8, np.sort(np.arange(30) % 8)
    may = role[:, None] == its_role
    share = rng.uniform(0.2, 1, (30, 1)) * np.linspace(0.8, 1, 6)
    for one in range(8):
        mine = its_role == one
        share[mine] *= 0.9 * (role == one).sum() / share[mine].sum(axis=0).max()
    case = {
        "post": np.arange(30) // 3,
        "hours": share * CAPACITY,
        "may": may,
        "capacity": np.full(60, CAPACITY),
        "cost": np.full(60, 8000.0),
        "on_board": np.zeros(60, bool),
        "apart": [(0, 1), (4, 6)],
        "groups": [([0, 1], 3), ([20, 21], 2)],
        "loss": 0.05,
        "owner_hours": 1.0,
    }
    check(case, ask(case))


@pytest.mark.parametrize("seed", range(6))
def test_a_growing_team_keeps_every_rule_and_most_of_its_work(seed):
    rng = np.random.default_rng([13, seed])
    duties, months = 7, 6
    share = rng.uniform(0.5, 2.5, (duties, 1)) * (1 + 0.05 * np.arange(months)) * rng.uniform(0.9, 1, (duties, months))
    loss = 0.05
    heads = np.maximum.accumulate(np.ceil(share.sum(axis=0) + (duties - 1) * loss))
    people = int(heads[-1])
    case = people_alike(share * CAPACITY, people, loss)
    case |= {"on_board": np.zeros(people, bool), "apart": [(0, 1)] if seed % 2 else []}
    answer = ask(case)
    check(case, answer)
    assert len(answer.changes) < len(answer.people) / 2


def refusal(case, **changed):
    with pytest.raises(InputError) as refused:
        ask(case, **changed)
    return refused.value.mistakes


def test_a_blocked_wish_names_what_blocks_it_and_nothing_else():
    ask(BASE)
    assert refusal(BASE, apart=[(0, 1)]) == ["'duty 1' and 'duty 2' must be two people: add a person or drop the rule"]
    assert refusal(BASE, groups=[([0], 1), ([1], 1)]) == [
        "group 1 needs 1 at the same hour in 2027-01 (1 may do it); and group 2 needs 1 at the same hour in 2027-01 "
        "(1 may do it): add a person or need fewer at one hour"
    ]
    assert refusal(BASE, hours=BASE["hours"] + [[52], [0], [0]]) == [
        "12 hours of 'duty 1' in 2027-01 do not fit: the 1 person who may do it has 130 productive hours in all: "
        "add a person or let others do it"
    ]
    # Two rules, each of which blocks alone, are two sentences.
    both = refusal(BASE, apart=[(0, 1)], groups=[([0], 1), ([2], 1)])
    assert len(both) == 2
    assert any("two people" in told for told in both)
    assert any("same hour" in told for told in both)


@pytest.mark.parametrize(
    "blocked",
    [
        {"apart": [(0, 2)]},
        {"groups": [([0], 1), ([2], 1)]},
        {"hours": BASE["hours"] * 2},
        {"hours": BASE["hours"] * 1.35, "loss": 0.3},
    ],
)
def test_without_the_rule_that_is_named_it_is_possible(blocked):
    told = refusal(BASE, **blocked)
    assert len(told) == 1
    words = {"apart": "two people", "groups": "same hour", "hours": "do not fit"}
    assert all(words[name] in told[0] for name in blocked if name in words)
    one_more = {name: np.repeat(np.asarray(BASE[name]), 4, axis=0) for name in OF_SEATS}
    ask(BASE | one_more, **blocked)
    ask(BASE | blocked | {name: BASE[name] for name in blocked})


def test_who_is_missing_is_told_in_words():
    duties, months = (
        work([0, 1], ["pack orders", "legal: review contracts"]),
        pd.period_range(START, periods=1, freq="M"),
    )
    terms = {"months": months, "may": [[True, False], [True, False]], "hat_loss_share": 0.05, "owner_hours": 1}
    with pytest.raises(InputError) as refused:
        assign_people(duties, [[10], [20]], team([1, 1], names=["Ann", "Ann"]), 130.0, **terms)
    assert refused.value.mistakes == [
        "seats row 2, column person: 'Ann' is there twice; each person has one name",
        "nobody may do 'legal: review contracts': let a role wear it or hire one",
    ]
