"""Queue and deadline duties of a plan: who sits at the service desk, who ships every order in time."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ecteam.inputs import Inputs, column
from ecteam.model import headcount
from ecteam.model.fulfilment import Crew

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Demand:
    """Orders by day (days,) without events and (draws, days) with them; by month (draws, months) with the share above
    an ordinary day; open days (months, 7); orders of the busy ordinary day, and of the busiest
    day, (draws, months, 7)."""

    ordinary_by_day: Floats
    by_day: Floats
    orders: Floats
    event_share: Floats
    open_days: Floats
    busy: Floats
    busiest: Floats


@dataclass(frozen=True, eq=False)
class Desk:
    """A staffed service desk: arrivals and agents (draws, months, 7, 24), the most agents at once (draws, months)."""

    arrivals: Floats
    agents: Floats
    most_agents: Floats


def staff_desks(
    inputs: Inputs,
    values: Mapping[str, Any],
    amounts: Mapping[str, Any],
    minutes: list[Any],
    permanent: Floats,
    demanded: Demand,
) -> tuple[Floats, dict[str, Desk]]:
    """Hours in which the chats keep people busy or waiting at the desk, and each desk's arrivals and agents by hour.

    Chats answered between other tasks take their minutes over the occupancy limit. A staffed desk takes the agents of
    every hour of an ordinary busy day; its hours are shared out to its duties by their minutes.
    """
    scenario, duties = inputs.scenario, inputs.duties
    occupancy = np.asarray(values["service_occupancy_max"])
    staffed, desks = permanent.copy(), {}
    queue = (duties["method"] == "queue").to_numpy()
    staffed[queue] = permanent[queue] / occupancy
    think = np.maximum(np.asarray(values["chat_elapsed_minutes"]) - values["presale_minutes_per_chat"], 0)
    for role in duties.loc[queue, "worn_by"].unique() if scenario.dedicated_desk else ():
        mine = np.flatnonzero(queue & (duties["worn_by"] == role).to_numpy())
        chats = np.stack([np.broadcast_to(amounts[d], permanent.shape[1:]) for d in duties["driver"].iloc[mine]])
        work = np.stack([c * minutes[i] for c, i in zip(chats, mine, strict=True)])
        per_order = np.divide(
            chats.sum(axis=0), demanded.orders, out=np.zeros(permanent.shape[1:]), where=demanded.orders > 0
        )
        reply = np.divide(
            work.sum(axis=0), chats.sum(axis=0), out=np.ones(permanent.shape[1:]), where=chats.sum(axis=0) > 0
        )

        def staff(sized: Floats, per_order: Floats = per_order, reply: Floats = reply) -> tuple[Floats, Any]:
            arrivals = headcount.desk_arrivals(
                per_order[..., None] * sized,
                inputs.profile.hour,
                scenario.service_from_hour,
                scenario.service_until_hour,
            )
            return arrivals, headcount.desk_agents(
                arrivals,
                scenario.service_from_hour,
                scenario.service_until_hour,
                reply_minutes=reply[..., None, None],
                think_minutes=column(think)[..., None, None],
                chats_at_once=scenario.chats_at_once,
                target_seconds=scenario.reply_target_seconds,
                target_share=scenario.reply_target_share,
                max_occupancy=column(occupancy)[..., None, None],
            )

        arrivals, agents = staff(demanded.busy)
        desk_hours = (agents.sum(axis=-1) * demanded.open_days).sum(axis=-1)
        event = (
            permanent[mine].sum(axis=0) * (0.0 if scenario.temps_on_event_days else demanded.event_share) / occupancy
        )
        most = agents if scenario.temps_on_event_days else staff(demanded.busiest)[1]
        share = work / np.maximum(work.sum(axis=0), 1e-12)
        staffed[mine] = np.maximum(share * (desk_hours + event), permanent[mine])
        desks[role] = Desk(arrivals, agents, most.max(axis=(-1, -2)))
    return staffed, desks


def staff_crews(
    inputs: Inputs,
    hours: Floats,
    demanded: Demand,
) -> dict[str, Crew]:
    """For each role with shipping deadlines, the crew on shift in a busy week of each month."""
    scenario, duties, crews = inputs.scenario, inputs.duties, {}
    deadline = (duties["method"] == "deadline").to_numpy()
    is_open = headcount.warehouse_hours(
        scenario.warehouse_from_hour,
        scenario.warehouse_until_hour,
        scenario.warehouse_days_per_week,
        inputs.profile.weekday,
    )
    sized = demanded.busy if scenario.temps_on_event_days else demanded.busiest
    for role in duties.loc[deadline, "worn_by"].unique():
        mine = deadline & (duties["worn_by"] == role).to_numpy()
        per_order = np.divide(
            hours[mine].sum(axis=0), demanded.orders, out=np.zeros(hours.shape[1:]), where=demanded.orders > 0
        )
        crews[role] = headcount.shipping_crew(
            per_order[..., None] * sized, inputs.profile.hour, is_open, scenario.ship_rule, scenario.cutoff_hour
        )
    return crews
