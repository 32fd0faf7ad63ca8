"""An agent that pays, without a framework: a model of Amazon Bedrock and one tool.

A person opens the session, and so sets the budget, and gives the agent its id; the agent can only
spend it. The model sees what a tool returns: the content, or a refusal in words. The proof stays in
the payer.

    export AGENTCORE_PAYMENTS_MANAGER=arn:aws:bedrock-agentcore:...
    export AGENTCORE_PAYMENTS_INSTRUMENT=payment-instrument-...
    export AGENTCORE_PAYMENTS_SESSION=payment-session-... AGENTCORE_PAYMENTS_USER=alice
    python examples/agents/plain_tools.py "What does https://shop.example/report say?"
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import boto3

from boto3_agentcore_payments.pay import Payer, fetch_tool

if TYPE_CHECKING:
    from collections.abc import Callable

MODEL = os.environ.get("MODEL", "us.amazon.nova-pro-v1:0")
STEPS = 20
"""Answers of the model after which the agent gives up."""
TOOL = {
    "toolSpec": {
        "name": "fetch",
        "description": "Fetch a URL, paying for it within a budget that a person set.",
        "inputSchema": {
            "json": {
                "type": "object",
                "properties": {"url": {"type": "string"}},
                "required": ["url"],
            }
        },
    }
}


def ask(question: str, payer: Payer, converse: Callable[..., Any]) -> str:
    """Let the model answer a question, fetching what it wants to.

    Args:
        question: The user's words.
        payer: Who pays.
        converse: Bedrock's Converse operation.

    Raises:
        RuntimeError: if the model comes to no end.
    """
    fetch = fetch_tool(payer)
    messages: list[dict[str, Any]] = [{"role": "user", "content": [{"text": question}]}]
    for _ in range(STEPS):
        answer = converse(modelId=MODEL, messages=messages, toolConfig={"tools": [TOOL]})
        message = answer["output"]["message"]
        messages.append(message)
        uses = [part["toolUse"] for part in message["content"] if "toolUse" in part]
        if not uses:
            return "".join(part.get("text", "") for part in message["content"])
        results = [
            {
                "toolResult": {
                    "toolUseId": use["toolUseId"],
                    "content": [{"text": fetch(str(use["input"].get("url", "")))}],
                }
            }
            for use in uses
        ]
        messages.append({"role": "user", "content": results})
    raise RuntimeError(f"the model came to no end in {STEPS} steps")


def main() -> None:
    """Ask what is on the command line."""
    # Of Any: the published types of boto3 know AWS's own services alone.
    session: Any = boto3.Session()
    with Payer(
        session.client("bedrock-agentcore-payments"),
        payment_manager_arn=os.environ["AGENTCORE_PAYMENTS_MANAGER"],
        payment_session_id=os.environ["AGENTCORE_PAYMENTS_SESSION"],
        payment_instrument_ids=[os.environ["AGENTCORE_PAYMENTS_INSTRUMENT"]],
        user_id=os.environ.get("AGENTCORE_PAYMENTS_USER"),
        max_price=os.environ.get("AGENTCORE_PAYMENTS_MAX_PRICE", "0.05"),
    ) as payer:
        print(ask(" ".join(sys.argv[1:]), payer, session.client("bedrock-runtime").converse))
        for receipt in payer.receipts:
            print(f"paid {receipt.amount} USD for {receipt.url}", file=sys.stderr)


if __name__ == "__main__":
    main()
