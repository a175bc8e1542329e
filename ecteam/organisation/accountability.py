"""Who answers for what, and where does nobody, or more than one, or one without the power to decide?

A responsibility table has one row a duty and person: duty, person, accountable; of a plan's people in one month, or
what a department keeps itself (`ecteam.inputs.roster.read_responsibilities`).
"""

from collections import Counter
from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from ecteam.inputs.tables import CAPABILITIES, STAGES
from ecteam.organisation.rules import FINDINGS, Rules, is_group

ALL_DECISIONS = "all_decisions"
AND = {"en": "; ", "zh": "；"}


def findings(
    table: pd.DataFrame,
    duties: pd.DataFrame,
    rules: Rules,
    *,
    roles: Mapping[str, str] | None = None,
    worn_by: Collection[tuple[str, str]] = (),
    may_do: Mapping[str, Collection[str]] | None = None,
    region: str = "cn",
    stage: str = "maturity",
) -> pd.DataFrame:
    """What is wrong with who answers for what?

    Parameters
    ----------
    table : duty, person ("" is nobody), accountable (bool); optional deputy (bool: named to stand in, does not do it
        now) and hired_as (role key). Of a plan's people, the rows of one month.
    duties : indexed by duty, those that must have an owner: role, en, zh
    roles : person -> role as hired, by default what `hired_as` says; the authority of others is not judged
    worn_by : a role, and one that wears it in a small shop: whoever is hired as the second has the first's authority
    may_do : duty -> roles that may do it, of which anybody can stand in; by default only those named or at work on it
    region, stage : whose limits of authority hold, and from which stage pairs are kept apart

    Returns one row a fault, the most pressing first: finding (a key of `rules.FINDINGS`), duty ("" for `too_many`),
    person ("" where it is no one person), other (the names, the second duty or the decision, as keys), severity,
    critical (of a duty of cash, safety or law), en, zh (what is wrong), do_en, do_zh (what to do).

    Formula: A group is no owner and no deputy. A duty needs the authority of its own role: its decision
    (`authority_needed.csv`), up to that role's limit. Authority is idle where somebody has such a decision by the role
    that he is hired as, but works on no duty of his roles and on none that needs it. Two duties are together where one
    person owns or does both. Nobody stands in who would then hold two duties that are kept apart.

    >>> from ecteam.organisation.rules import read_rules
    >>> duties = pd.DataFrame({"role": ["buyer", "packer"], "en": ["Place purchase orders", "Pack orders"],
    ...     "zh": ["下采购单", "打包"]}, index=["place_purchase_orders", "pack_orders"])
    >>> table = pd.DataFrame({"duty": duties.index, "person": ["Li Wei", "everyone"], "accountable": True})
    >>> faults = findings(table, duties, read_rules(), roles={"Li Wei": "designer"})
    >>> print(*faults["en"], faults["zh"][0], sep="\\n")
    “Pack orders” is owned by “everyone”, which is a group: nobody in it answers.
    Li Wei answers for “Place purchase orders” but may not decide what it needs: place purchase orders.
    Nobody but Li Wei can do “Place purchase orders”: it stops when Li Wei is away.
    “打包”由“everyone”负责，这是一个集体：等于没人负责。
    """
    rows = named_rows(table)
    hired = dict(zip(rows["person"], rows["hired_as"], strict=True)) if roles is None else dict(roles)
    people = pd.Index(sorted({*rows["person"], *hired}), dtype=object)
    as_hired = pd.Index([hired.get(name, "") for name in people], dtype=object)
    person = ~is_group(people, rules).to_numpy()
    place = duties.index.get_indexer(rows["duty"]), people.get_indexer(rows["person"])

    def matrix(holds: pd.Series) -> np.ndarray:
        cells = np.zeros((len(duties), len(people)), dtype=bool)
        cells[place[0][holds], place[1][holds]] = True
        return cells

    own = matrix(rows["accountable"])
    works, stands_in = (matrix(~rows["accountable"] & (rows["deputy"] == deputy)) for deputy in (False, True))
    owners, does = own & person, (own | works) & person
    apart = rules.keep_apart[rules.keep_apart["from_stage"].map(STAGES.index) <= STAGES.index(stage)]
    apart = apart[apart["duty_a"].isin(duties.index) & apart["duty_b"].isin(duties.index)]
    pair_a, pair_b = (duties.index.get_indexer(apart[side]) for side in ("duty_a", "duty_b"))

    several = owners.sum(axis=1) > 1
    owned = owners.sum(axis=0)
    too_many = owned > rules.limits.loc["duties_per_owner", "typical"]
    may = np.zeros_like(own)
    if may_do is not None:
        may[:] = [as_hired.isin(list(may_do.get(duty, ()))) for duty in duties.index]
    barred = np.zeros_like(own)
    np.logical_or.at(barred, pair_a, does[pair_b])
    np.logical_or.at(barred, pair_b, does[pair_a])
    cover = (does | (stands_in | may) & person & ~barred) & ~owners
    alone = (owners.sum(axis=1) == 1) & ~cover.any(axis=1)
    lacking, idle = _authority_faults(owners, does, people, as_hired, duties, rules, worn_by, region)

    def at(finding: str, faults: np.ndarray) -> pd.DataFrame:
        duty, who = np.nonzero(faults)
        return pd.DataFrame({"finding": finding, "duty": duties.index[duty], "person": people[who]})

    pair, both = np.nonzero(does[pair_a] & does[pair_b])
    first, second = duties.index[pair_a[pair]], duties.index[pair_b[pair]]
    names = [AND["en"].join(people[several_owners]) for several_owners in owners[several]]
    faults = [
        pd.DataFrame({"finding": "no_owner", "duty": duties.index[~own.any(axis=1)]}),
        pd.DataFrame({"finding": "not_apart", "duty": first, "person": people[both], "other": second}),
        pd.DataFrame({"finding": "two_owners", "duty": duties.index[several], "other": names}),
        at("group_owner", own & ~person),
        at("no_authority", lacking).assign(other=lambda frame: frame["duty"].map(rules.needed["decision"])),
        idle.assign(finding="idle_authority"),
        pd.DataFrame({"finding": "too_many", "person": people[too_many], "other": owned[too_many].astype(str)}),
        at("no_deputy", owners & alone[:, None]),
    ]
    table = pd.concat(faults).reindex(columns=["finding", "duty", "person", "other"]).fillna("")
    return _in_words(table, duties, rules, apart)


def named_rows(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of a responsibility table that name somebody, with all its columns."""
    kept = table[table["person"].fillna("").astype(str).str.strip() != ""]
    return pd.DataFrame(
        {
            "duty": kept["duty"].astype(str),
            "person": kept["person"].astype(str).str.strip(),
            "accountable": kept["accountable"].astype(bool),
            "deputy": kept["deputy"].astype(bool) if "deputy" in kept.columns else False,
            "hired_as": kept["hired_as"].fillna("").astype(str) if "hired_as" in kept.columns else "",
        }
    ).reset_index(drop=True)


def _authority_faults(
    owners: np.ndarray,
    does: np.ndarray,
    people: pd.Index,
    as_hired: pd.Index,
    duties: pd.DataFrame,
    rules: Rules,
    worn_by: Collection[tuple[str, str]],
    region: str,
) -> tuple[np.ndarray, pd.DataFrame]:
    """Owners who lack what their duty needs (duties x people), and people who may decide what they have no part in."""
    authority = rules.authority[rules.authority["region"].isin(["all", region])]
    roles = pd.Index(dict.fromkeys([*duties["role"], *authority["role"], *as_hired]), dtype=object)
    decisions = pd.Index(authority["decision"].unique())
    # Limits, roles x decisions: nothing is -inf, and whoever may decide everything has no limit in anything.
    limits = np.full((len(roles), len(decisions)), -np.inf)
    place = roles.get_indexer(authority["role"]), decisions.get_indexer(authority["decision"])
    limits[place] = authority["typical"]
    limits[place[0][authority["decision"] == ALL_DECISIONS]] = np.inf

    known, hired = (as_hired != ""), as_hired.to_numpy()[:, None]
    wears = hired == roles.to_numpy()
    for role, wearer in worn_by:
        wears[:, roles == role] |= hired == wearer
    wears &= known[:, None]
    held = np.where(wears[:, :, None], limits, -np.inf).max(axis=1, initial=-np.inf)

    needing = duties.index.isin(rules.needed.index)
    decision = decisions.get_indexer(rules.needed["decision"].reindex(duties.index[needing]))
    of_role = roles.get_indexer(duties["role"])
    least = limits[of_role[needing], decision]
    have = held[:, decision].T
    lacking = np.zeros_like(owners)
    lacking[needing] = owners[needing] & known & ((have < least[:, None]) | np.isneginf(have))

    own_limits = np.where(known[:, None], limits[roles.get_indexer(as_hired)], -np.inf)
    in_own_roles = (does & wears[:, of_role].T).any(axis=0)
    used = np.zeros(own_limits.shape, dtype=bool)
    np.logical_or.at(used.T, decision, does[needing])
    at_stake = np.zeros(len(decisions), dtype=bool)
    at_stake[decision] = True
    who, what = np.nonzero(np.isfinite(own_limits) & at_stake & ~used & ~in_own_roles[:, None])
    first_duty = pd.Series(duties.index[needing], index=decisions[decision])
    first_duty = first_duty[~first_duty.index.duplicated()]
    idle = pd.DataFrame({"person": people[who], "other": decisions[what]})
    return lacking, idle.assign(duty=idle["other"].map(first_duty))


def _in_words(faults: pd.DataFrame, duties: pd.DataFrame, rules: Rules, apart: pd.DataFrame) -> pd.DataFrame:
    """The faults, the most pressing first and those of cash, safety and law before the rest, with their sentences."""
    faults = faults.assign(
        place=duties.index.get_indexer(faults["duty"]),
        rank=faults["finding"].map(FINDINGS.index),
        critical=faults["duty"].isin(rules.critical.index),
    )
    order = ["rank", "critical", "place", "person", "other"]
    faults = faults.sort_values(order, ascending=[True, False, True, True, True], ignore_index=True)
    why = apart.set_index(["duty_a", "duty_b"])
    limit = f"{rules.limits.loc['duties_per_owner', 'typical']:g}"
    templates = rules.findings.loc[faults["finding"]].reset_index(drop=True)
    words: dict[str, list[str]] = {"en": [], "zh": [], "do_en": [], "do_zh": []}
    for fault, template in zip(faults.to_dict("records"), templates.to_dict("records"), strict=True):
        kind, duty, other = fault["finding"], fault["duty"], fault["other"]
        for lang in ("en", "zh"):
            if kind == "not_apart":
                shown = duties.loc[other, lang]
            elif kind in ("no_authority", "idle_authority"):
                shown = rules.needed.loc[duty, lang]
            else:
                shown = other.replace(AND["en"], AND[lang])
            fields = {
                "duty": duties.loc[duty, lang] if duty else "",
                "person": fault["person"],
                "other": shown,
                "why": why.loc[(duty, other), lang] if kind == "not_apart" else "",
                "count": other if kind == "too_many" else len(other.split(AND["en"])),
                "limit": limit,
            }
            words[lang].append(template[f"sentence_{lang}"].format(**fields))
            words[f"do_{lang}"].append(template[f"do_{lang}"].format(**fields))
    return faults.drop(columns=["place", "rank", "critical"]).assign(
        severity=templates["severity"], critical=faults["critical"], **words
    )


def capability_matrix(table: pd.DataFrame, duties: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Who owns the duties of each capability and post, and which of them does nobody own?

    `table` as in `findings`; `duties` indexed by duty: capability, post, en, zh. Returns one row a capability and post,
    all capabilities there: capability, post ("" in the one row of a capability without duties), duties (how many),
    owned (a group owns none), owners (who owns most first, apart by "; "), gaps (keys of the duties that nobody owns).

    >>> from ecteam.organisation.rules import read_rules
    >>> duties = pd.DataFrame({"capability": "daily_operation", "post": "promotion"},
    ...     index=["plan_campaigns", "write_posts"])
    >>> table = pd.DataFrame({"duty": ["plan_campaigns"], "person": ["Li Wei"], "accountable": [True]})
    >>> capability_matrix(table, duties, read_rules()).loc[1, ["owned", "owners", "gaps"]].astype(str).tolist()
    ['1', 'Li Wei', 'write_posts']
    """
    rows = named_rows(table)
    owners = rows.loc[rows["accountable"], ["duty", "person"]].drop_duplicates()
    owners_of = owners[~is_group(owners["person"], rules)].groupby("duty")["person"].agg(list)
    matrix = []
    for capability in CAPABILITIES:
        its_posts = duties.loc[duties["capability"] == capability, "post"]
        for post in [post for post in duties["post"].unique() if post in set(its_posts)] or [""]:
            keys = its_posts.index[its_posts == post]
            gaps = [duty for duty in keys if duty not in owners_of]
            owned = Counter(person for duty in keys for person in owners_of.get(duty, ()))
            names = sorted(owned, key=lambda person: (-owned[person], person))
            matrix.append(
                (capability, post, len(keys), len(keys) - len(gaps), AND["en"].join(names), AND["en"].join(gaps))
            )
    return pd.DataFrame(matrix, columns=["capability", "post", "duties", "owned", "owners", "gaps"])


def capabilities_without_owner(matrix: pd.DataFrame) -> list[str]:
    """Which of the three capabilities does nobody own a single duty of? None of them may be in this list.

    >>> matrix = pd.DataFrame({"capability": CAPABILITIES, "owned": [2, 0, 1]})
    >>> capabilities_without_owner(matrix)
    ['daily_operation']
    """
    owned = matrix.groupby("capability", sort=False)["owned"].sum().reindex(CAPABILITIES, fill_value=0)
    return [str(name) for name in owned.index[owned == 0]]
