"""Accountability: 500 injected faults are all found and no other is told, the words, the rules, what is refused."""

import random

import pandas as pd
import pytest

from ecteam.inputs.assumptions import load_assumptions
from ecteam.inputs.files import data_dir
from ecteam.organisation.accountability import findings
from ecteam.organisation.rules import FINDINGS, is_group, read_rules

RULES = read_rules()
TABLES = load_assumptions()
DUTIES = TABLES.duties
ROLES = TABLES.roles
ROLE_OF = DUTIES["role"].to_dict()
DECISION = RULES.needed["decision"].to_dict()
PAIRS = list(RULES.keep_apart[["duty_a", "duty_b"]].itertuples(index=False, name=None))
FOLDER = data_dir() / "organisation"
GROUPS = ["客服部", "大家", "Service team", "everyone", "运营组", "相关部门", "the whole department", "All staff"]
# Roles whose decisions no duty needs: whoever is hired as one holds no authority that could be idle.
WITHOUT_AUTHORITY = ["designer", "photographer", "picker", "data_analyst"]


class Case:
    """A clean structure of some duties, two people a role, into which faults are put; `expected` is what was put in."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.duties = sorted(self.rng.sample(list(DUTIES.index), self.rng.randint(20, len(DUTIES))))
        self.people, self.owner, self.works, self.deputy = {}, {}, {}, {}
        self.may_do = {}
        self.hired = 0
        for duty in self.duties:
            role = ROLE_OF[duty]
            first, second = f"{role} 1", f"{role} 2"
            self.people |= {first: role, second: role}
            self.owner[duty] = {first}
            self.works[duty] = set()
            self.deputy[duty] = set()
            {"works": self.works, "deputy": self.deputy}.get(self.rng.choice(["works", "deputy", "may"]), {}).get(
                duty, set()
            ).add(second)
            if not self.works[duty] | self.deputy[duty]:
                self.may_do[duty] = {role}
        # Who has no work yet takes part in the work of the role, as anybody hired does.
        for person, role in self.people.items():
            if not any(person in self.owner[d] | self.works[d] for d in self.duties):
                duty = next(d for d in self.duties if ROLE_OF[d] == role)
                self.works[duty].add(person)
                self.deputy[duty].discard(person)
        self.free = self.rng.sample(self.duties, len(self.duties))
        self.expected = set()

    def fresh(self, role):
        self.hired += 1
        person = f"Person {self.hired}"
        self.people[person] = role
        return person

    def take(self, fits=lambda duty: True):
        """A duty without a fault so far, which is then spoken for."""
        duty = next((d for d in self.free if fits(d)), None)
        if duty:
            self.free.remove(duty)
        return duty

    def inject(self, kind):
        """Put a fault in; the number of findings that it must cause, 0 where the case has no room for it."""
        before = len(self.expected)
        getattr(self, kind)()
        return len(self.expected) - before

    def no_owner(self):
        if duty := self.take():
            self.works[duty] |= self.owner[duty]
            self.owner[duty] = set()
            self.expected.add(("no_owner", duty, "", ""))

    def two_owners(self):
        if duty := self.take():
            role = ROLE_OF[duty]
            # The second owner is at home in the role's work, and may decide what the duty needs.
            other = self.fresh(role)
            self.owner[duty].add(other)
            self.expected.add(("two_owners", duty, "", "; ".join(sorted(self.owner[duty]))))

    def group_owner(self):
        if duty := self.take():
            group = self.rng.choice(GROUPS)
            # Sometimes the group stands beside an owner, who is then the only one.
            if self.rng.random() < 0.3:
                self.owner[duty].add(group)
            else:
                self.works[duty] |= self.owner[duty]
                self.owner[duty] = {group}
            self.expected.add(("group_owner", duty, group, ""))

    def no_authority(self):
        if duty := self.take(lambda d: d in DECISION):
            # Half of the time somebody who may decide so, but only up to a lower limit.
            weak = {"settle_refunds": "cs_agent", "approve_payments": "accountant", "set_prices": "ops_specialist"}
            role = weak.get(duty) if self.rng.random() < 0.5 else None
            home = next((d for d in self.duties if ROLE_OF[d] == role and d != duty), None)
            person = self.fresh(role if home else self.rng.choice(WITHOUT_AUTHORITY))
            clash = any({duty, home} == {a, b} for a, b in PAIRS)
            if home and not clash:
                self.works[home].add(person)
            elif home:
                self.people[person] = "designer"
            self.works[duty] |= self.owner[duty]
            self.owner[duty] = {person}
            self.expected.add(("no_authority", duty, person, DECISION[duty]))

    def idle_authority(self):
        role = self.rng.choice(["accountant", "buyer", "aftersale_agent", "shop_manager", "planner_inventory"])
        mine = set(RULES.authority.loc[RULES.authority["role"] == role, "decision"])
        needed = {d: DECISION[d] for d in self.duties if d in DECISION}
        idle = mine & set(needed.values())
        elsewhere = self.take(
            lambda d: d not in DECISION and ROLE_OF[d] != role and not any(d in pair for pair in PAIRS) and bool(idle)
        )
        if elsewhere:
            person = self.fresh(role)
            if self.rng.random() < 0.5:
                self.deputy[elsewhere].add(person)
            for decision in idle:
                duty = next(d for d in self.duties if needed.get(d) == decision)
                self.expected.add(("idle_authority", duty, person, decision))

    def not_apart(self):
        pairs = [pair for pair in PAIRS if set(pair) <= set(self.free)]
        if pairs:
            a, b = self.rng.choice(pairs)
            self.free.remove(a), self.free.remove(b)
            taken, given = (a, b) if self.rng.random() < 0.5 else (b, a)
            person = next(iter(self.owner[taken]))
            mine = {d for d in self.duties if person in self.owner[d] | self.works[d]} | {given}
            self.works[given].add(person)
            self.expected |= {("not_apart", x, person, y) for x, y in PAIRS if {x, y} <= mine and given in (x, y)}

    def too_many(self):
        alone = [d for d in self.free if not any(d in pair for pair in PAIRS)]
        if len(alone) > 13:
            person = self.fresh("owner")
            count = self.rng.randint(13, len(alone) - 1)
            for duty in alone[:count]:
                self.free.remove(duty)
                self.works[duty] |= self.owner[duty]
                self.owner[duty] = {person}
            self.expected.add(("too_many", "", person, str(count)))

    def no_deputy(self):
        if duty := self.take():
            gone = self.works[duty] | self.deputy[duty]
            self.works[duty], self.deputy[duty] = set(), set()
            self.may_do.pop(duty, None)
            if self.rng.random() < 0.3:
                self.deputy[duty] = {self.rng.choice(GROUPS)}
            # Whoever has no other work has left the firm.
            for person in gone:
                if not any(person in self.owner[d] | self.works[d] for d in self.duties):
                    self.people.pop(person)
                    for other in self.duties:
                        could = person in self.deputy[other] or ROLE_OF[other] in self.may_do.get(other, ())
                        if could and other != duty and ROLE_OF[other] == ROLE_OF[duty]:
                            self.deputy[other].discard(person)
                            self.works[other].add(self.fresh(ROLE_OF[other]))
            self.expected.add(("no_deputy", duty, next(iter(self.owner[duty])), ""))

    def table(self):
        rows = [
            (duty, person, person in self.owner[duty], person in self.deputy[duty])
            for duty in self.duties
            for person in sorted(self.owner[duty] | self.works[duty] | self.deputy[duty])
        ]
        self.rng.shuffle(rows)
        return pd.DataFrame(rows, columns=["duty", "person", "accountable", "deputy"])

    def found(self):
        frame = findings(self.table(), DUTIES.loc[self.duties], RULES, roles=self.people, may_do=self.may_do)
        frame["other"] = [
            "; ".join(sorted(other.split("; "))) if finding == "two_owners" else other
            for finding, other in zip(frame["finding"], frame["other"], strict=True)
        ]
        return list(frame[["finding", "duty", "person", "other"]].itertuples(index=False, name=None))


def test_500_faults_are_all_found_and_no_others():
    injected = dict.fromkeys(FINDINGS, 0)
    seed = 0
    while sum(injected.values()) < 500:
        case = Case(seed)
        for kind in case.rng.choices(FINDINGS, k=case.rng.randint(1, 8)):
            injected[kind] += case.inject(kind)
        found = case.found()
        assert len(found) == len(set(found)), "a fault is told once"
        assert set(found) == case.expected, f"seed {seed}"
        seed += 1
    assert min(injected.values()) >= 20, f"every kind is tried often enough: {injected}"


def test_nothing_is_told_of_clean_structures():
    for seed in range(1000, 1030):
        assert Case(seed).found() == []


def told(table, duties=None, **given):
    mine = DUTIES if duties is None else DUTIES.loc[duties]
    return findings(pd.DataFrame(table, columns=["duty", "person", "accountable"]), mine, RULES, **given)


class TestWords:
    @pytest.mark.parametrize(
        ("kind", "en", "zh"),
        [
            ("no_owner", "“Plan stock” has no owner: nobody answers for it.",
             "“库存计划”没有负责人：出了问题找不到人。"),
            ("two_owners", "“Set prices” has 2 owners (A; B): each can wait for the other.",
             "“定价”有2个负责人（A；B）：容易互相等、互相推。"),
            ("group_owner", "“Settle refunds” is owned by “大家”, which is a group: nobody in it answers.",
             "“退款处理”由“大家”负责，这是一个集体：等于没人负责。"),
            ("not_apart", "A holds both “Pay supplier invoices” and “Approve payments and budget”: "
             "who pays invoices does not approve the payment.",
             "A同时承担“应付付款”和“审批付款与预算”：付款的人不审批付款。"),
            ("no_authority", "B answers for “Set prices” but may not decide what it needs: change prices.",
             "B对“定价”负责，却无权决定其所需事项：调整价格。"),
            ("idle_authority",
             "D may decide (release reorders) but answers for none of the work it belongs to, “Plan stock”.",
             "D有权决定（补货），却不对相关工作“库存计划”负任何责任。"),
            ("no_deputy", "Nobody but A can do “Pay supplier invoices”: it stops when A is away.",
             "“应付付款”除A外无人能做：A不在就停。"),
        ],
    )  # fmt: skip
    def test_every_fault_is_a_sentence_in_both_languages(self, kind, en, zh):
        rows = [
            ("set_prices", "A", True),
            ("set_prices", "B", True),
            ("settle_refunds", "大家", True),
            ("pay_supplier_invoices", "A", True),
            ("approve_payments", "A", False),
            ("approve_payments", "C", True),
        ]
        duties = ["set_prices", "settle_refunds", "pay_supplier_invoices", "approve_payments", "plan_stock"]
        found = told(rows, duties, roles={"A": "shop_manager", "B": "designer", "C": "finance_manager",
                                          "D": "planner_inventory"})  # fmt: skip
        row = found[found["finding"] == kind].iloc[0]
        assert (row["en"], row["zh"]) == (en, zh)
        assert "{" not in "".join(found[["en", "zh", "do_en", "do_zh"]].to_numpy().ravel())

    def test_too_many_duties_are_counted(self):
        alone = [d for d in DUTIES.index if not any(d in pair for pair in PAIRS)]
        rows = [(duty, "A", True) for duty in alone[:13]] + [(duty, "B", False) for duty in alone[:13]]
        found = told(rows, alone[:13], roles={"A": "owner"})
        assert found["en"].to_list() == ["A answers for 13 duties, more than 12."]
        assert found["zh"].to_list() == ["A负责13项职责，超过12项。"]
        assert told(rows[:12] + rows[13:25], alone[:12], roles={"A": "owner"}).empty

    def test_the_most_pressing_is_told_first_and_what_concerns_cash_before_the_rest(self):
        rows = [("plan_stock", "everyone", True)]
        found = told(rows, ["write_posts", "approve_payments", "plan_stock"])
        assert list(found[["finding", "duty", "critical"]].itertuples(index=False, name=None)) == [
            ("no_owner", "approve_payments", True),
            ("no_owner", "write_posts", False),
            ("group_owner", "plan_stock", False),
        ]


class TestRulesOfTheCheck:
    def test_a_hat_brings_its_authority_with_it(self):
        """In a small shop the operations specialist settles refunds; hired as a designer, nobody may."""
        rows = [("settle_refunds", "A", True), ("settle_refunds", "B", False)]
        hired = {"A": "ops_specialist", "B": "ops_specialist"}
        bare = told(rows, ["settle_refunds"], roles=hired)
        assert bare["finding"].to_list() == ["no_authority"]
        assert told(rows, ["settle_refunds"], roles=hired, worn_by=ROLES["two_posts"].items()).empty

    def test_a_lower_limit_is_not_enough_and_a_higher_one_is(self):
        def found(role):
            rows = [("approve_payments", "A", True), ("approve_payments", "B", False)]
            return set(told(rows, ["approve_payments"], roles={"A": role})["finding"])

        assert found("accountant") == {"no_authority"}, "5,000 is less than the finance manager's 100,000"
        assert found("finance_manager") == set()
        assert found("owner") == set()

    def test_pairs_are_kept_apart_from_their_stage_on(self):
        rows = [("pay_supplier_invoices", "A", True), ("approve_payments", "A", True)]
        duties = ["pay_supplier_invoices", "approve_payments"]
        assert "not_apart" not in set(told(rows, duties, stage="startup")["finding"])
        assert "not_apart" in set(told(rows, duties, stage="growth")["finding"])

    def test_nobody_stands_in_who_would_hold_two_duties_kept_apart(self):
        table = pd.DataFrame(
            [("approve_payments", "A", True, False), ("pay_supplier_invoices", "B", True, False),
             ("pay_supplier_invoices", "C", False, False), ("approve_payments", "C", False, True)],
            columns=["duty", "person", "accountable", "deputy"],
        )  # fmt: skip
        mine = DUTIES.loc[["approve_payments", "pay_supplier_invoices"]]
        assert findings(table, mine, RULES)["duty"].to_list() == ["approve_payments"]
        assert findings(table, mine, RULES, stage="startup").empty

    def test_every_duty_of_the_tables_can_be_owned_by_its_own_role(self):
        rows = [(duty, f"{role} {n}", n == 1) for duty, role in DUTIES["role"].items() for n in (1, 2)]
        people = {person: person[:-2] for _, person, _ in rows}
        for region in ("cn", "uk"):
            assert told(rows, roles=people, region=region).empty

    @pytest.mark.parametrize("hats", ["two_posts", "five_posts", "departments", "specialists"])
    def test_whoever_wears_a_hat_may_own_its_duties(self, hats):
        rows = [(duty, f"{ROLES.loc[role, hats]} {n}", n == 1) for duty, role in DUTIES["role"].items() for n in (1, 2)]
        people = {person: person[:-2] for _, person, _ in rows}
        found = told(rows, roles=people, worn_by=ROLES[hats].items(), stage="startup")
        # Who is on air cannot run the room, whatever a shop wishes.
        assert set(found.loc[found["duty"] != "host_live_room", "finding"]) <= {"too_many"}

    def test_of_a_plan_the_roles_stand_in_the_table(self):
        names = {"person": ["Designer 1", "x"], "hired_as": ["designer", "picker"], "accountable": [True, False]}
        people = pd.DataFrame(names | {"month": pd.Period("2027-01", "M"), "duty": "set_prices", "hours": 3.0})
        assert findings(people, DUTIES.loc[["set_prices"]], RULES)["finding"].to_list() == ["no_authority"]

    def test_the_order_of_the_rows_does_not_matter_and_nothing_is_altered(self):
        case = Case(7)
        for kind in FINDINGS:
            case.inject(kind)
        table = case.table()
        before = table.copy(deep=True)
        mine = DUTIES.loc[case.duties]
        found = findings(table, mine, RULES, roles=case.people, may_do=case.may_do)
        pd.testing.assert_frame_equal(table, before)
        again = findings(table.iloc[::-1], mine, RULES, roles=dict(reversed(case.people.items())), may_do=case.may_do)
        pd.testing.assert_frame_equal(found, again)

    def test_nobody_at_all_is_no_error(self):
        found = told([], ["pack_orders"])
        assert found["finding"].to_list() == ["no_owner"]
        assert told([("pack_orders", "", False), ("pack_orders", None, True)], ["pack_orders"])[
            "finding"
        ].to_list() == ["no_owner"]
        assert findings(pd.DataFrame(columns=["duty", "person", "accountable"]), DUTIES.iloc[:0], RULES).empty


class TestGroups:
    @pytest.mark.parametrize("name", [*GROUPS, "Team", "所有人", "仓库的同事们", "SERVICE DEPT.", "we", "采购中心"])
    def test_a_group_is_seen(self, name):
        assert is_group([name], RULES).to_list() == [True]

    @pytest.mark.parametrize("name", ["Allen Wu", "Teamer", "张敏", "部长安", "吴组缃", "Wei Alldis", "Usha"])
    def test_a_person_is_none(self, name):
        assert is_group([name], RULES).to_list() == [False]

    def test_no_seat_of_a_plan_has_the_name_of_a_group(self):
        names = [f"{ROLES.loc[role, lang]} {n}" for role in ROLES.index for lang in ("en", "zh") for n in (1, 12)]
        assert not is_group(names, RULES).any()


class TestRuleFiles:
    def test_the_duties_of_the_rules_are_those_of_the_assumptions(self):
        for table in (RULES.needed, RULES.critical):
            assert set(table.index) <= set(DUTIES.index)
        assert set(RULES.keep_apart[["duty_a", "duty_b"]].to_numpy().ravel()) <= set(DUTIES.index)
