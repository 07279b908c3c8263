"""The procedure as data: whole, closed, and in the order of the SOP."""

from __future__ import annotations

from cadangan.procedure.steps import procedure


def test_six_steps_in_both_languages() -> None:
    steps = procedure().steps
    assert [step.no for step in steps] == [1, 2, 3, 4, 5, 6]
    for step in steps:
        for text in (step.activity, step.output, *step.needs):
            assert set(text) == {"id", "en"}
            assert all(text.values())


def test_standard_times_are_those_of_the_sop() -> None:
    assert [step.limit_minutes for step in procedure().steps] == [None, 15, 60, 480, 15, 15]


def test_every_act_belongs_to_a_step_and_its_actors() -> None:
    for act in procedure().acts.values():
        assert set(act.by) <= set(procedure().step_of(act).actors), act.id


def test_every_lead_is_an_act_and_every_act_can_be_reached() -> None:
    acts = procedure().acts
    leads = {name for act in acts.values() for following in act.leads.values() for name in following}
    assert leads <= set(acts)
    assert leads | {procedure().first.id} == set(acts)


def test_a_decision_tells_its_act() -> None:
    for act in procedure().acts.values():
        if act.decision:
            assert procedure().act_of_decision({"step": act.decision, "role": act.by[0]}) == act
