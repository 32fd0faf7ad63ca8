"""The example without a framework; a script plays the model through Bedrock's Converse."""

from __future__ import annotations

import json

import pytest


class Model:
    """Fetches a URL until it reads a refusal, and then says what it read."""

    def __init__(self, url):
        self.url = url
        self.read = []

    def converse(self, *, messages, **more):
        assert more["modelId"]
        assert more["toolConfig"]["tools"][0]["toolSpec"]["name"] == "fetch"
        last = messages[-1]["content"][0]
        if "toolResult" in last:
            self.read.append(last["toolResult"]["content"][0]["text"])
            if not self.read[-1].startswith("{"):
                return _message({"text": self.read[-1]})
        return _message(
            {"toolUse": {"toolUseId": "1", "name": "fetch", "input": {"url": self.url}}}
        )


def _message(part):
    return {"output": {"message": {"role": "assistant", "content": [part]}}}


def test_agent_buys_until_the_budget_refuses_and_says_so(example, new_payer, shop):
    model = Model(shop.url)
    said = example("plain_tools").ask("read on", new_payer(), model.converse)
    assert [json.loads(text)["content"] for text in model.read[:-1]] == [
        "The article you paid for."
    ] * 2
    assert said.startswith("Refused: the session's budget does not cover it")
    assert said.endswith("Nothing was paid. Only a person can change this; tell the user.")
    assert len(shop.sales) == 2


def test_agent_stops_at_the_ceiling(example, new_payer, shop):
    model = Model(shop.url)
    said = example("plain_tools").ask("read", new_payer(max_price="0.005"), model.converse)
    assert said.startswith("Refused: ")
    assert "0.01 USD" in said
    assert shop.sales == []


def test_model_without_an_end_is_stopped(example, new_payer):
    with pytest.raises(RuntimeError, match="came to no end in 20 steps"):
        example("plain_tools").ask("read", new_payer(), _endless)


def _endless(**_):
    return _message({"toolUse": {"toolUseId": "1", "name": "fetch", "input": {}}})
