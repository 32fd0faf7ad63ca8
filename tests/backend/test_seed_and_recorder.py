"""moto's seed and recorder apply to the emulator as to moto's own services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

BASE = "http://motoapi.amazonaws.com/moto-api"


def test_seed_makes_a_run_repeatable(make_world: Any) -> None:
    def run() -> tuple[str, str, str, Any]:
        requests.post(f"{BASE}/reset", timeout=5)
        requests.post(f"{BASE}/seed?a=42", timeout=5)
        world = make_world()
        arn = world.manager()
        instrument = world.instrument(arn, world.connector(arn))
        session = world.session(arn)
        paid = world.pay(arn, session, instrument)
        nonce = paid["paymentOutput"]["cryptoX402"]["payload"]["authorization"]["nonce"]
        return arn, instrument, session, nonce

    assert run() == run()


def test_recorded_requests_are_replayed(
    make_world: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from moto.moto_api import recorder

    monkeypatch.setattr(recorder, "_user_enabled", False)  # and so again at the end
    monkeypatch.setattr(recorder, "_location", str(tmp_path / "recording"))
    requests.post(f"{BASE}/recorder/start-recording", timeout=5)
    make_world().manager("recorded")
    requests.post(f"{BASE}/recorder/stop-recording", timeout=5)
    requests.post(f"{BASE}/reset", timeout=5)
    assert make_world().control.list_payment_managers()["paymentManagers"] == []
    recorder.replay_recording()
    managers = make_world().control.list_payment_managers()["paymentManagers"]
    assert [manager["name"] for manager in managers] == ["recorded"]
