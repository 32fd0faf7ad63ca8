"""The SDK's Strands plugin and LangGraph middleware, each in a whole agent that pays a merchant.

The model is a script: it calls ``http_request`` until it has the joke, and then ends. The merchant
is a web server that answers 402 until a payment header comes; whether a proof is good is tested
with the proofs.
"""

from __future__ import annotations

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from boto3_agentcore_payments.emulator.control import PaymentsControl

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

REGION = "us-west-2"
JOKE = "to get to the other chain"
MOST_MESSAGES = 6
"""Messages after which a script gives up: three calls of a tool and their results."""
NO_GRANT = (
    "Delegated signing grant is not active for the end user wallet. "
    "Please redirect end user to the WalletHub to grant the permissions."
)


class Merchant(ThreadingHTTPServer):
    """Sells a joke; ``paid`` holds the payment headers it was shown."""

    def __init__(self, required: dict[str, Any]) -> None:
        self.required = required
        self.paid: list[dict[str, Any]] = []
        super().__init__(("127.0.0.1", 0), _Joke)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/joke"


class _Joke(BaseHTTPRequestHandler):
    server: Merchant

    def do_GET(self) -> None:
        payment = self.headers.get("PAYMENT-SIGNATURE")
        if payment:
            self.server.paid.append(json.loads(base64.b64decode(payment)))
            self._answer(200, {"joke": JOKE}, {})
        else:
            self._answer(402, {"error": "payment required"}, self.server.required["headers"])

    def _answer(self, status: int, body: dict[str, Any], headers: dict[str, str]) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(raw))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def merchant(payment_required: Callable[..., dict[str, Any]]) -> Iterator[Merchant]:
    with Merchant(payment_required(amount=20_000)) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def settings(shop: Any, wallet: Any) -> dict[str, Any]:
    """What both integrations are configured with."""
    payments = shop.payments()
    session = payments.create_payment_session(
        60, user_id="alice", limits={"maxSpendAmount": {"value": "0.03", "currency": "USD"}}
    )
    return {
        "payment_manager_arn": shop.arn,
        "user_id": "alice",
        "payment_instrument_id": wallet(payments, shop.connector, user_id="alice"),
        "payment_session_id": session["paymentSessionId"],
        "region": REGION,
        "agent_name": "joker",
        "post_payment_retry_delay_seconds": 0.0,
    }


def _assert_paid_once(merchant: Merchant) -> None:
    (shown,) = merchant.paid
    authorization = shown["payload"]["authorization"]
    (payment,) = PaymentsControl(region=REGION).payments()
    assert authorization["nonce"].lower() == payment.proof_id
    assert authorization["value"] == "20000"


class TestStrands:
    @pytest.fixture
    def agent(self, settings: dict[str, Any], merchant: Merchant) -> Any:
        strands = pytest.importorskip("strands", reason="strands-agents is not installed")
        from bedrock_agentcore.payments.integrations.strands import (
            AgentCorePaymentsPlugin,
            AgentCorePaymentsPluginConfig,
        )
        from strands.models import Model

        class Script(Model):  # type: ignore[misc] # untyped where it is not installed
            """Calls the tool until it has the joke, three times at most, then ends."""

            def update_config(self, **_: Any) -> None:
                """Do nothing."""

            def get_config(self) -> Any:
                return {}

            def structured_output(self, *_: Any, **__: Any) -> Any:
                raise NotImplementedError

            async def stream(self, messages: Any, *_: Any, **__: Any) -> AsyncIterator[Any]:
                calls = len(messages) < MOST_MESSAGES and JOKE not in json.dumps(messages)
                yield {"messageStart": {"role": "assistant"}}
                if calls:
                    tool = {"name": "http_request", "toolUseId": f"call-{len(messages)}"}
                    given = json.dumps({"url": merchant.url, "headers": {}})
                    yield {"contentBlockStart": {"start": {"toolUse": tool}}}
                    yield {"contentBlockDelta": {"delta": {"toolUse": {"input": given}}}}
                else:
                    yield {"contentBlockStart": {"start": {}}}
                    yield {"contentBlockDelta": {"delta": {"text": "done"}}}
                yield {"contentBlockStop": {}}
                yield {"messageStop": {"stopReason": "tool_use" if calls else "end_turn"}}

        plugin = AgentCorePaymentsPlugin(AgentCorePaymentsPluginConfig(**settings))
        return strands.Agent(model=Script(), plugins=[plugin], callback_handler=None)

    @pytest.mark.filterwarnings("ignore")  # the framework's own deprecations
    def test_agent_pays_for_a_joke(self, agent: Any, merchant: Merchant) -> None:
        agent("tell me a joke")
        assert JOKE in json.dumps(agent.messages)
        _assert_paid_once(merchant)

    @pytest.mark.filterwarnings("ignore")  # the framework's own deprecations
    def test_agent_pays_once_the_wallets_user_has_granted_signing(
        self, agent: Any, merchant: Merchant, settings: dict[str, Any]
    ) -> None:
        emulator = PaymentsControl(region=REGION)
        wallet = settings["payment_instrument_id"]
        emulator.revoke_grant(wallet)
        stopped = agent("tell me a joke")
        assert stopped.stop_reason == "interrupt"
        (interrupt,) = stopped.interrupts
        assert NO_GRANT in interrupt.reason["exceptionMessage"]
        assert (merchant.paid, emulator.payments()) == ([], [])

        emulator.give_grant(wallet)
        answer = {"interruptId": interrupt.id, "response": "granted"}
        agent([{"interruptResponse": answer}])
        assert JOKE in json.dumps(agent.messages)
        _assert_paid_once(merchant)


class TestLangGraph:
    @pytest.fixture
    def agent(self, settings: dict[str, Any], merchant: Merchant) -> Any:
        agents = pytest.importorskip("langchain.agents", reason="langchain is not installed")
        from bedrock_agentcore.payments.integrations.langgraph import (
            AgentCorePaymentsConfig,
            AgentCorePaymentsMiddleware,
        )
        from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
        from langchain_core.messages import AIMessage

        class Script(GenericFakeChatModel):  # type: ignore[misc] # untyped where not installed
            """Says what it was given; takes any tools."""

            def bind_tools(self, *_: Any, **__: Any) -> Any:
                return self

        call = {"name": "http_request", "args": {"url": merchant.url}, "id": "call-1"}
        model = Script(messages=iter([AIMessage("", tool_calls=[call]), AIMessage("done")]))
        middleware = AgentCorePaymentsMiddleware(AgentCorePaymentsConfig(**settings))
        return agents.create_agent(model=model, middleware=[middleware])

    @pytest.mark.filterwarnings("ignore")  # the framework's own deprecations
    def test_agent_pays_for_a_joke(self, agent: Any, merchant: Merchant) -> None:
        result = agent.invoke({"messages": [{"role": "user", "content": "tell me a joke"}]})
        assert JOKE in str(result["messages"][-2].content)
        _assert_paid_once(merchant)

    @pytest.mark.filterwarnings("ignore")  # the framework's own deprecations
    def test_budget_stops_the_agent(
        self, agent: Any, merchant: Merchant, settings: dict[str, Any]
    ) -> None:
        from bedrock_agentcore.payments.manager import PaymentManager

        payments = PaymentManager(settings["payment_manager_arn"], region_name=REGION)
        payments.generate_payment_header(
            payment_instrument_id=settings["payment_instrument_id"],
            payment_session_id=settings["payment_session_id"],
            payment_required_request=merchant.required,
            user_id="alice",
        )
        result = agent.invoke({"messages": [{"role": "user", "content": "tell me a joke"}]})
        assert "budget" in str(result["messages"][-2].content).lower()
        assert merchant.paid == []
