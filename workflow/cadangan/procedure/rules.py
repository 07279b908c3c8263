"""Who may do what, when: checked before anything is signed. The gate checks the signed result again."""

from __future__ import annotations

from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused
from ansible_collections.diskominfo.cadangan.plugins.module_utils.trust import TrustChain

from cadangan.procedure import moment
from cadangan.procedure.case import Case
from cadangan.procedure.steps import Act, procedure

SEPARATION = "one person acts in one role only within a case (SOP, Pelaksana)"


def check_act(case: Case, act_id: str, person: str, trust: TrustChain, now: str) -> str:
    """The role in which `person` may do this act on the case now; `Refused` with the reason and the rule."""
    act = procedure().acts[act_id]
    check_order_of_steps(case, act)
    role = _role(case, act, person, trust, now)
    _check_separation(case, role, person)
    if role == "personil":
        _check_executor(case, person, trust)
    return role


def check_order_of_steps(case: Case, act: Act) -> None:
    """`Refused` unless this act is one of those that may come next."""
    if act in case.next_acts:
        return
    if case.status == "running":
        raise Refused(
            f"case {case.id} is being executed",
            "SOP step 4: one execution at a time",
            f"see it with: cadangan case show {case.id}",
        )
    if not case.next_acts:
        raise Refused(f"case {case.id} is over: {case.status}", "a case that is over takes no more decisions")
    awaited = " or ".join(f"{nxt.id} (step {nxt.step}, {'/'.join(nxt.by)})" for nxt in case.next_acts)
    raise Refused(
        f"{act.id} (step {act.step}) can not be done on case {case.id} now",
        "the steps of the SOP are taken in their order",
        f"what comes next is: {awaited}",
    )


def expected_act(case: Case, acts: tuple[str, ...]) -> str:
    """Which of `acts` may be done next; `Refused` if none of them may."""
    for act in case.next_acts:
        if act.id in acts:
            return act.id
    check_order_of_steps(case, procedure().acts[acts[0]])
    raise AssertionError("an act that may come next is among those that may come next")


def _role(case: Case, act: Act, person: str, trust: TrustChain, now: str) -> str:
    for role in act.by:
        if trust.holds_role(person, role, now, case.agency if role == "opd" else None):
            return role
    trust.person(person)
    wanted = " or ".join(f"{role} of {case.agency}" if role == "opd" else role for role in act.by)
    raise Refused(
        f"{person} may not do {act.id}: it takes the role {wanted}, valid today",
        "roles and their validity are those of the signed trust document",
        "see who may with: cadangan trust show",
    )


def _check_separation(case: Case, role: str, person: str) -> None:
    for decision in case.decisions:
        other = decision.content
        if other["person"] == person and other["role"] != role:
            raise Refused(f"{person} has signed as {other['role']} already and can not act as {role}", SEPARATION)
    for order in case.orders:
        if order.content["person"] == person and role != "personil":
            raise Refused(f"{person} has executed this case and can not act as {role}", SEPARATION)


def _check_executor(case: Case, person: str, trust: TrustChain) -> None:
    disposition = case.latest("disposition_seksi")
    assigned = disposition.content["executors"] if disposition else []
    if person not in assigned:
        raise Refused(
            f"{person} is not assigned to case {case.id}; assigned are: {', '.join(assigned)}",
            "SOP step 2: the section assigns the personnel",
        )
    check_qualified(person, trust)


def check_qualified(person: str, trust: TrustChain) -> None:
    """`Refused` unless the trust document records this person's qualification."""
    if not trust.person(person)["qualified"]:
        raise Refused(
            f"{person} has no recorded qualification",
            "SOP, Kualifikasi pelaksana: server administration, D3/S1 in computing, database management",
            "record it in officials.yml (qualification) and sign the next trust version",
        )


def check_executors(executors: list[str], trust: TrustChain, signer: str, now: str) -> None:
    """`Refused` unless every one of `executors` holds the role, is qualified, and is not the signer."""
    if not executors:
        raise Refused("no executor is assigned", "SOP step 2: the section assigns the personnel")
    for person in executors:
        if person == signer:
            raise Refused(f"{person} can not assign themselves", SEPARATION)
        trust.person(person)
        if not trust.holds_role(person, "personil", now):
            raise Refused(
                f"{person} does not hold the role personil today",
                "SOP step 4 is carried out by Personil (Staf)",
                "see who does with: cadangan trust show",
            )
        check_qualified(person, trust)


def check_window(window_from: str, window_until: str, now: str) -> None:
    """`Refused` unless the window is in order, not over, and not longer than seven days."""
    start, end = moment.read(window_from), moment.read(window_until)
    if end <= start:
        raise Refused(f"the window ends ({window_until}) before it begins ({window_from})", "SOP step 3: Jadwal")
    if end <= moment.read(now):
        raise Refused(f"the window is over since {window_until}", "SOP step 3: a schedule lies ahead")
    if (end - start).days > 7:
        raise Refused("the window is longer than seven days", "SOP step 4: the work takes one day")
