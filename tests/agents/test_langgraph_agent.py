"""The LangGraph example; a script plays the model."""

from __future__ import annotations

import pytest

pytest.importorskip("langchain.agents", reason="needs langchain: run nox -s agents")
pytestmark = pytest.mark.filterwarnings("ignore")  # the framework's own deprecations


def script(url):
    from langchain_core.language_models.chat_models import BaseChatModel
    from langchain_core.messages import AIMessage, ToolMessage
    from langchain_core.outputs import ChatGeneration, ChatResult

    class Script(BaseChatModel):
        """Fetches a URL until it reads a refusal, and then says what it read."""

        @property
        def _llm_type(self):
            return "script"

        def bind_tools(self, tools, **_):
            (tool,) = tools
            assert tool.name == "fetch"
            assert list(tool.args) == ["url"]
            return self

        def _generate(self, messages, *_, **__):
            read = messages[-1].content if isinstance(messages[-1], ToolMessage) else "{"
            call = {"name": "fetch", "args": {"url": url}, "id": f"call-{len(messages)}"}
            again = read.startswith("{")
            said = AIMessage("", tool_calls=[call]) if again else AIMessage(read)
            return ChatResult(generations=[ChatGeneration(message=said)])

    return Script()


def ask(made):
    return made.invoke({"messages": [{"role": "user", "content": "read on"}]})["messages"]


def test_agent_buys_until_the_budget_refuses_and_says_so(example, new_payer, shop):
    messages = ask(example("langgraph_agent").agent(new_payer(), script(shop.url)))
    assert messages[-1].content.startswith("Refused: the session's budget does not cover it")
    assert len(shop.sales) == 2


def test_agent_stops_at_the_ceiling(example, new_payer, shop):
    made = example("langgraph_agent").agent(new_payer(max_price="0.005"), script(shop.url))
    assert ask(made)[-1].content.startswith("Refused: ")
    assert shop.sales == []


def test_no_proof_is_in_what_the_model_sees(example, new_payer, shop):
    messages = ask(example("langgraph_agent").agent(new_payer(), script(shop.url)))
    assert "signature" not in str(messages).lower()
