"""A LangGraph agent that pays, with one tool.

    pip install 'boto3-agentcore-payments[pay]' langchain langchain-aws

A person opens the session, and so sets the budget, and gives the agent its id; the agent can only
spend it. The model sees what a tool returns: the content, or a refusal in words. The proof stays in
the payer.

    export AGENTCORE_PAYMENTS_MANAGER=arn:aws:bedrock-agentcore:...
    export AGENTCORE_PAYMENTS_INSTRUMENT=payment-instrument-...
    export AGENTCORE_PAYMENTS_SESSION=payment-session-... AGENTCORE_PAYMENTS_USER=alice
    python examples/agents/langgraph_agent.py "What does https://shop.example/report say?"
"""

from __future__ import annotations

import os
import sys
from typing import Any

import boto3
from langchain.agents import create_agent  # pyright: ignore[reportMissingImports]

from boto3_agentcore_payments.pay import Payer, fetch_tool

MODEL = os.environ.get("MODEL", "bedrock_converse:us.amazon.nova-pro-v1:0")


def agent(payer: Payer, model: Any = MODEL) -> Any:
    """Return the agent, a compiled graph.

    Args:
        payer: Who pays.
        model: A chat model, or its name with that of its provider.
    """
    return create_agent(model=model, tools=[fetch_tool(payer)])


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
        asked = {"messages": [{"role": "user", "content": " ".join(sys.argv[1:])}]}
        print(agent(payer).invoke(asked)["messages"][-1].content)
        for receipt in payer.receipts:
            print(f"paid {receipt.amount} USD for {receipt.url}", file=sys.stderr)


if __name__ == "__main__":
    main()
