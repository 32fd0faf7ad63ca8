"""The Strands example; a script plays the model."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("strands", reason="needs strands-agents: run nox -s agents")
pytestmark = pytest.mark.filterwarnings("ignore")  # the framework's own deprecations


def script(url):
    from strands.models import Model

    class Script(Model):
        """Fetches a URL until it reads a refusal, and then says what it read."""

        def update_config(self, **_):
            """Do nothing."""

        def get_config(self):
            return {}

        def structured_output(self, *_, **__):
            raise NotImplementedError

        async def stream(self, messages, *_, **__):
            last = messages[-1]["content"][0]
            read = last["toolResult"]["content"][0]["text"] if "toolResult" in last else "{"
            again = read.startswith("{")
            yield {"messageStart": {"role": "assistant"}}
            if again:
                tool = {"toolUse": {"name": "fetch", "toolUseId": f"call-{len(messages)}"}}
                yield {"contentBlockStart": {"start": tool}}
                given = json.dumps({"url": url})
                yield {"contentBlockDelta": {"delta": {"toolUse": {"input": given}}}}
            else:
                yield {"contentBlockStart": {"start": {}}}
                yield {"contentBlockDelta": {"delta": {"text": read}}}
            yield {"contentBlockStop": {}}
            yield {"messageStop": {"stopReason": "tool_use" if again else "end_turn"}}

    return Script()


def test_agent_buys_until_the_budget_refuses_and_says_so(example, new_payer, shop):
    made = example("strands_agent").agent(new_payer(), script(shop.url))
    said = str(made("read on"))
    assert said.startswith("Refused: the session's budget does not cover it")
    assert len(shop.sales) == 2


def test_agent_stops_at_the_ceiling(example, new_payer, shop):
    made = example("strands_agent").agent(new_payer(max_price="0.005"), script(shop.url))
    assert str(made("read")).startswith("Refused: ")
    assert shop.sales == []


def test_no_proof_is_in_what_the_model_sees(example, new_payer, shop):
    made = example("strands_agent").agent(new_payer(), script(shop.url))
    made("read")
    assert "signature" not in json.dumps(made.messages).lower()
