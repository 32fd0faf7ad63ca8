"""What the GitHub workflows may do: no more than they must, by actions that cannot change."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

WORKFLOWS = Path(__file__).resolve().parents[2] / ".github" / "workflows"
PERMISSIONS = {
    ("ci", "ci"): {"contents": "read"},
    ("release", "build"): {"contents": "read"},
    ("release", "attest"): {"attestations": "write", "id-token": "write"},
    ("release", "publish"): {"id-token": "write"},
    ("release", "announce"): {"contents": "write"},
}

if not WORKFLOWS.is_dir():
    pytest.skip("a source distribution has no workflows", allow_module_level=True)


def workflow(name):
    return yaml.safe_load((WORKFLOWS / f"{name}.yml").read_text(encoding="utf-8"))


def steps(name):
    return [step for job in workflow(name)["jobs"].values() for step in job["steps"]]


NAMES = sorted(path.stem for path in WORKFLOWS.iterdir())


def test_each_job_has_the_permissions_it_needs_alone():
    assert {
        (name, job): settings["permissions"]
        for name in NAMES
        for job, settings in workflow(name)["jobs"].items()
    } == PERMISSIONS


@pytest.mark.parametrize("name", NAMES)
def test_a_job_that_is_added_can_do_nothing(name):
    assert workflow(name)["permissions"] == {}


@pytest.mark.parametrize("name", NAMES)
def test_actions_are_named_by_commit(name):
    used = [step["uses"] for step in steps(name) if "uses" in step]
    assert used
    assert [action for action in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action)] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_secret_is_used(name):
    assert "secrets" not in (WORKFLOWS / f"{name}.yml").read_text(encoding="utf-8")


def test_ci_runs_what_runs_before_a_change_lands():
    assert ".ci/run" in [step.get("run") for step in steps("ci")]


def test_a_release_is_published_after_it_was_attested():
    jobs = workflow("release")["jobs"]
    assert [jobs[job].get("needs") for job in ("build", "attest", "publish", "announce")] == [
        None,
        "build",
        "attest",
        "publish",
    ]
    assert jobs["publish"]["environment"]["name"] == "pypi"
