"""Anthropic's own library, in strict response validation, against `loam serve scripted:…`.

usage: anthropic_client.py BASE_URL      (a server of tests/clients/script.json under the name "script")
"""
import sys

import anthropic

client = anthropic.Anthropic(base_url=sys.argv[1], api_key="none", max_retries=0, _strict_response_validation=True)
HELLO = [{"role": "user", "content": "hello"}]
ANSWER = "Hello, 세계! Привет."
TOOLS = [{"name": "get_weather", "description": "Weather of a city",
          "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}]


def messages():
    got = client.messages.create(model="script", max_tokens=100, messages=HELLO, system="Be kind.")
    assert got.content[0].text == ANSWER and got.stop_reason == "end_turn", got
    got = client.messages.create(model="script", max_tokens=4, messages=HELLO)
    assert got.stop_reason == "max_tokens" and got.usage.output_tokens == 4
    got = client.messages.create(model="script", max_tokens=100, messages=HELLO, stop_sequences=["세"])
    assert got.stop_reason == "stop_sequence" and got.stop_sequence == "세" and got.content[0].text == "Hello, "


def stream():
    with client.messages.stream(model="script", max_tokens=100, messages=HELLO) as events:
        assert "".join(events.text_stream) == ANSWER
        final = events.get_final_message()
    assert final.stop_reason == "end_turn" and final.usage.output_tokens > 0


def tools():
    ask = [{"role": "user", "content": "weather?"}]
    got = client.messages.create(model="script", max_tokens=200, messages=ask, tools=TOOLS)
    assert got.stop_reason == "tool_use" and got.content[-1].input == {"city": "Paris"}, got
    ask += [{"role": "assistant", "content": got.content},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": got.content[-1].id, "content": "sunny"}]}]
    assert client.messages.create(model="script", max_tokens=9, messages=ask, tools=TOOLS)
    with client.messages.stream(model="script", max_tokens=200, messages=ask[:1], tools=TOOLS) as events:
        final = events.get_final_message()
    assert final.content[-1].input == {"city": "Paris"} and final.stop_reason == "tool_use"


def forced_tools():
    """The script says hello, and would use nothing."""
    schema = {"type": "object", "properties": {"color": {"type": "string", "enum": ["red", "blue"]}}, "required": ["color"]}
    for choice in ({"type": "any", "disable_parallel_tool_use": True}, {"type": "tool", "name": "pick"}):
        ask = {"model": "script", "max_tokens": 200, "messages": HELLO, "tool_choice": choice,
               "tools": [{"name": "pick", "input_schema": schema}]}
        used, = client.messages.create(**ask).content
        assert used.type == "tool_use" and used.input["color"] in ("red", "blue"), used
        with client.messages.stream(**ask) as events:
            used, = events.get_final_message().content
        assert used.type == "tool_use" and used.input["color"] in ("red", "blue"), used


def thinking():
    got = client.messages.create(model="script", max_tokens=200, messages=[{"role": "user", "content": "think"}],
                                 thinking={"type": "enabled", "budget_tokens": 100})
    assert [b.type for b in got.content] == ["thinking", "text"] and got.content[0].thinking.strip() == "hm, well", got
    with client.messages.stream(model="script", max_tokens=200, messages=[{"role": "user", "content": "think"}]) as events:
        assert [b.type for b in events.get_final_message().content] == ["thinking", "text"]


def counting_and_models():
    assert client.messages.count_tokens(model="script", messages=HELLO).input_tokens > 5
    assert "script" in [m.id for m in client.models.list()]


def wrong_requests():
    for status, arguments in ((404, {"model": "none-such"}), (400, {"messages": []}), (400, {"max_tokens": 0}),
                              (400, {"messages": [{"role": "user", "content": [{"type": "image"}]}]})):
        try:
            client.messages.create(**{"model": "script", "max_tokens": 9, "messages": HELLO, **arguments})
        except anthropic.APIStatusError as error:
            assert error.status_code == status and error.body["type"] == "error", (error.status_code, error.body)
        else:
            raise AssertionError(f"not refused: {arguments}")


for check in (messages, stream, tools, forced_tools, thinking, counting_and_models, wrong_requests):
    check()
    print("ok", check.__name__)
