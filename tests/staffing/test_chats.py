"""Chats against a brute force of all states, a simulation of single agents, and the desks they must equal."""

from heapq import heappop, heappush
from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import linalg

from ecteam.staffing import queueing as q

# Origin of the values: MODELS.md "queueing", chats with concurrency.


def test_three_chats_at_once_are_neither_erlang_over_three_nor_three_times_the_agents():
    chats = {"concurrency": 3, "throughput": (1, 1.7, 2.5)}
    assert q.agents_required(300, 300, 30, 0.9) == 31
    assert -(-31 // 3) == 11
    assert q.service_level(11, 300, 300, 30, **chats) == pytest.approx(0.62, abs=0.005)
    assert q.agents_required(300, 300, 30, 0.9, **chats) == 13
    assert q.service_level(13, 300, 300, 30, **chats) == pytest.approx(0.965, abs=0.0005)


@settings(max_examples=60)
@given(st.floats(1, 300), st.floats(0, 3000), st.integers(1, 12))
def test_derived_throughput_is_the_closed_network_of_two_stations(reply, think, chats):
    factors = q.chat_throughput(reply, think, chats)
    # An agent is idle while all j customers think, which is Erlang's B of j lines offered think / reply erlangs.
    busy = 1 - np.array([q.erlang_b(j, think / reply) for j in range(1, chats + 1)])
    assert factors == pytest.approx(busy * (1 + think / reply), rel=1e-9)
    assert factors[0] == 1
    assert (np.diff(factors) >= -1e-12 * factors[1:]).all()
    assert (factors <= np.arange(1, chats + 1) * (1 + 1e-12)).all()


def test_reply_and_think_seconds_stand_for_their_throughput():
    think = np.array([30.0, 60.0, 240.0])
    derived = q.agents_required(300, 300, 30, 0.9, concurrency=3, reply_seconds=30, think_seconds=think)
    given_ = q.agents_required(300, 300, 30, 0.9, concurrency=3, throughput=q.chat_throughput(30, think, 3))
    one_by_one = [
        q.agents_required(300, 300, 30, 0.9, concurrency=3, throughput=q.chat_throughput(30, t, 3)) for t in think
    ]
    assert derived.tolist() == given_.tolist() == one_by_one
    assert (np.diff(derived) < 0).all()


rates = st.floats(0.2, 60).map(lambda load: load * 12)
patiences = st.one_of(st.just(inf), st.floats(1, 10_000))


@settings(max_examples=60)
@given(st.integers(1, 40), rates, st.floats(0, 900), patiences)
def test_chats_that_do_not_disturb_each_other_are_as_many_agents(agents, rate, target, patience):
    slots = {"concurrency": 4, "throughput": (1, 2, 3, 4), "patience_seconds": patience}
    lines = {"patience_seconds": patience}
    # Near its capacity a desk amplifies the last digit of its load.
    for measure in (q.abandonment, q.occupancy):
        assert measure(agents, rate, 300, **slots) == pytest.approx(measure(4 * agents, rate, 300, **lines), abs=1e-9)
    level = q.service_level(4 * agents, rate, 300, target, **lines)
    assert q.service_level(agents, rate, 300, target, **slots) == pytest.approx(level, abs=1e-9)


@settings(max_examples=60)
@given(st.integers(1, 60), rates, st.floats(0, 900), patiences)
def test_one_chat_at_once_is_erlang_c_or_a(agents, rate, target, patience):
    call = q.service_level(agents, rate, 300, target, patience_seconds=patience)
    chat = q.service_level(agents, rate, 300, target, patience_seconds=patience, concurrency=1, throughput=(1, 1.5))
    # In an array beside a desk of two chats, one chat takes the chain of states instead of Erlang's B.
    both = q.service_level(
        agents, rate, 300, target, patience_seconds=patience, concurrency=[1, 2], throughput=(1, 1.5)
    )
    assert chat == call
    assert both[0] == pytest.approx(call, abs=1e-9)
    assert both[1] >= both[0] - 1e-9


def brute_force(agents, load, factors, patience, target):
    """Waits, leaves and served in time from the generator of all states, times in handle times."""
    slots, full, longest = agents * (len(factors) - 1), agents * factors[-1], 100
    chats = np.arange(slots)
    death = (agents - chats % agents) * np.take(factors, chats // agents) + (chats % agents) * np.take(
        factors, chats // agents + 1
    )
    ahead = np.arange(longest)
    death = np.concatenate([death, full + ahead / patience])
    chance = np.cumprod(np.append(1, load / death[1:]))
    chance /= chance.sum()
    # Who finds k in the queue moves up whenever one ahead is taken or leaves, and may leave; with none ahead, is taken.
    found = chance[slots:]
    moves = np.diag(-(full + ahead / patience) - 1 / patience) + np.diag((full + ahead / patience)[1:], -1)
    taken = np.zeros(longest)
    taken[0] = full
    served = linalg.solve(-moves, taken)
    served_late = linalg.expm(moves * target) @ served
    return found.sum(), found @ (1 - served), 1 - found.sum() + found @ (served - served_late)


@pytest.mark.parametrize("patience", [0.3, 3.0, inf])
@pytest.mark.parametrize("factors", [(0, 1, 1.7, 2.5), (0, 1, 1.2, 2.0, 2.0)])
@pytest.mark.parametrize("agents", [1, 5])
def test_brute_force_over_all_states(agents, factors, patience):
    most = len(factors) - 1
    desk = {"concurrency": most, "throughput": factors[1:], "patience_seconds": patience * 300}
    for usage in (0.5, 0.8, 1.3):
        load = usage * agents * factors[-1]
        if load >= agents * factors[-1] and np.isinf(patience):
            continue
        for target in (0, 0.4):
            waits, leaves, in_time = brute_force(agents, load, factors, patience, target)
            mine = q.service_level(agents, load * 12, 300, target * 300, **desk)
            assert mine == pytest.approx(in_time, abs=1e-9)
            assert q.abandonment(agents, load * 12, 300, **desk) == pytest.approx(leaves, abs=1e-9)
            if target == 0:
                assert mine == pytest.approx(1 - waits, abs=1e-9)


def test_large_chat_desks_forget_the_states_far_below():
    many = {"concurrency": 3, "throughput": (1, 1.7, 2.5)}
    whole = q.service_level(2000, 12 * 4900, 300, 5, **many)
    # The same desk in exact states: 6,000 of them.
    m = np.arange(6000)
    factors = np.array([0, 1, 1.7, 2.5])
    death = (2000 - m % 2000) * factors[m // 2000] + (m % 2000) * factors[m // 2000 + 1]
    below = 1.0
    for rate in death[1:]:
        below = 1 + below * rate / 4900
    waits = 4900 / (4900 + (5000 - 4900) * below)
    assert whole == pytest.approx(1 - waits * np.exp(-100 * 5 / 300), abs=1e-11)


def simulated(rng, agents, load, reply, think, patience, most, target, customers):
    """The share served in time by single agents with their own chats, who answer them in turn.

    Times in handle times; a chat is a number of rounds of one reply and one thought, geometric with mean 1 / (reply +
    think); an agent works on one reply at a time, first come first served; a new chat goes to an agent with the fewest.
    """
    rounds = 1 / (reply + think)
    events = [(rng.exponential(1 / load), 0, "arrives", None)]
    waiting, chats, turn = [], [0] * agents, [0] * agents
    in_time, number, arrived = 0, 0, 0

    def start(now, who):
        nonlocal number
        turn[who] += 1
        if turn[who] == 1:
            number += 1
            heappush(events, (now + rng.exponential(reply), number, "replies", who))

    while events:
        now, _, what, who = heappop(events)
        free = []
        if what == "arrives":
            arrived += 1
            if arrived < customers:
                number += 1
                heappush(events, (now + rng.exponential(1 / load), number, "arrives", None))
            waiting.append((now, now + rng.exponential(patience)))
            free = [int(np.argmin(chats))]
        elif what == "thinks":
            if rng.random() < 1 / rounds:
                chats[who] -= 1
                free = [who]
            else:
                start(now, who)
        else:
            turn[who] -= 1
            if turn[who]:
                number += 1
                heappush(events, (now + rng.exponential(reply), number, "replies", who))
            number += 1
            heappush(events, (now + rng.exponential(think), number, "thinks", who))
        for agent in free:
            while waiting and chats[agent] < most:
                came, leaves = waiting.pop(0)
                if leaves > now:
                    chats[agent] += 1
                    in_time += now - came <= target
                    start(now, agent)
    return in_time / customers


@pytest.mark.slow
@pytest.mark.parametrize(("agents", "load", "patience"), [(4, 6.0, 1e9), (4, 9.5, 0.5), (10, 17.0, 1.0)])
def test_single_agents_answering_in_turn(agents, load, patience):
    reply, think, most, target = 0.05, 0.15, 3, 0.1
    rng = np.random.default_rng(7)
    level = np.mean([simulated(rng, agents, load, reply, think, patience, most, target, 20_000) for _ in range(4)])
    desk = {"concurrency": most, "reply_seconds": reply * 300, "think_seconds": think * 300}
    desk["patience_seconds"] = patience * 300
    assert q.service_level(agents, load * 12, 300, target * 300, **desk) == pytest.approx(level, abs=0.01)
