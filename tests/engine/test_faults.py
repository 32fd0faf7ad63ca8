"""Planned faults: which call gets which, and for how long."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from boto3_agentcore_payments.emulator.engine.errors import subclasses_by_code
from boto3_agentcore_payments.emulator.engine.faults import FaultPlan, changes


@pytest.fixture
def plan():
    return FaultPlan()


def test_an_empty_plan_has_nothing_for_anybody(plan):
    assert plan.take("ProcessPayment") is None


def test_a_fault_is_for_so_many_calls_of_its_operation(plan):
    plan.inject("ProcessPayment", error="ThrottlingException", times=2)
    assert plan.take("GetPaymentSession") is None
    for _ in range(2):
        error = plan.take("ProcessPayment").as_error()
        assert (error.code, error.message) == ("ThrottlingException", "Rate exceeded")
    assert plan.take("ProcessPayment") is None


@pytest.mark.parametrize("code", sorted(subclasses_by_code()))
def test_any_modelled_error_can_be_injected(plan, code):
    plan.inject(error=code, message="planned")
    error = plan.take("ProcessPayment").as_error()
    assert (error.code, error.message) == (code, "planned")
    assert error.members["message"] == "planned"


def test_a_fault_for_any_operation_waits_behind_one_for_this(plan):
    plan.inject(error="InternalServerException", message="any")
    plan.inject("ProcessPayment", latency=0.5)
    assert plan.take("ProcessPayment").latency == 0.5
    assert plan.take("ProcessPayment").message == "any"


def test_faults_of_one_operation_come_in_order(plan):
    plan.inject("ProcessPayment", latency=1)
    plan.inject("ProcessPayment", drop_after=True)
    assert plan.take("ProcessPayment").latency == 1
    assert plan.take("ProcessPayment").drop_after


def test_a_fault_without_an_error_has_none(plan):
    plan.inject(latency=1)
    assert plan.take("ProcessPayment").as_error() is None


def test_a_lasting_fault_lasts_until_it_is_cleared(plan):
    plan.inject("ProcessPayment", latency=1, times=None)
    for _ in range(10):
        assert plan.take("ProcessPayment") is not None
    plan.clear("ProcessPayment")
    assert plan.take("ProcessPayment") is None


def test_clearing_everything_clears_everything(plan):
    plan.inject(latency=1)
    plan.inject("ProcessPayment", latency=1)
    plan.clear()
    assert plan.take("ProcessPayment") is None


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"error": "NoSuchException"}, "unknown error code 'NoSuchException'"),
        ({"latency": -1}, "latency must not be negative"),
        ({"latency": float("nan")}, "latency must be at most 3600 seconds"),
        ({"latency": float("inf")}, "latency must be at most 3600 seconds"),
        ({"latency": 1e10}, "latency must be at most 3600 seconds"),
        ({"latency": 3600.001}, "latency must be at most 3600 seconds"),
        ({"latency": 1, "times": 0}, "times must be at least 1"),
        ({}, "a fault needs an error, a latency or drop_after"),
    ],
)
def test_nonsense_is_refused(plan, fault, message):
    with pytest.raises(ValueError, match=message):
        plan.inject(**fault)
    assert plan.take("ProcessPayment") is None


def test_threads_share_the_count(plan):
    plan.inject("ProcessPayment", latency=1, times=100)
    with ThreadPoolExecutor(16) as threads:
        taken = threads.map(lambda _: plan.take("ProcessPayment"), range(300))
        assert sum(fault is not None for fault in taken) == 100


@pytest.mark.parametrize("times", [1, None])
def test_a_fault_that_is_cancelled_lets_the_next_one_through(plan, times):
    plan.inject("ProcessPayment", error="ThrottlingException", times=times).cancel()
    plan.inject("ProcessPayment", error="InternalServerException")
    assert plan.take("ProcessPayment").error == "InternalServerException"
    assert plan.take("ProcessPayment") is None


def test_plans_that_shared_a_fault_share_it_when_both_are_put_back(plan):
    other, third = FaultPlan(), FaultPlan()
    fault = plan.inject("ProcessPayment", error="ThrottlingException", times=3)
    other.share(fault)
    plan.take("ProcessPayment")
    saved = plan.identified(), other.identified()
    together, shared = (FaultPlan(), FaultPlan()), {}
    for each, rows in zip(together, saved):
        each.put_back(rows, shared)
    third.put_back(plan.identified(), {})

    assert together[0].take("ProcessPayment")
    assert together[1].take("ProcessPayment")
    assert together[0].take("ProcessPayment") is None
    assert (together[0].planned(), together[1].planned()) == ([], [])
    assert [each.times for each in (*plan.planned(), *third.planned())] == [2, 2]


def test_a_fault_put_back_with_two_counts_has_the_lower_one(plan):
    other, shared = FaultPlan(), {}
    plan.inject("ProcessPayment", latency=1, times=3)
    before = plan.identified()
    plan.take("ProcessPayment")
    after = plan.identified()
    plans = (FaultPlan(), other)
    for each, rows in zip(plans, (before, after)):
        each.put_back(rows, shared)
    assert [each.planned()[0].times for each in plans] == [2, 2]


def test_every_change_of_a_plan_is_counted(plan):
    seen = [changes()]
    for change in (
        lambda: plan.inject("ProcessPayment", latency=1, times=2),
        lambda: plan.take("ProcessPayment"),
        lambda: plan.inject("ProcessPayment", latency=1).cancel(),
        plan.clear,
    ):
        change()
        seen.append(changes())
    assert sorted(set(seen)) == seen
