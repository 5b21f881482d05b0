"""OpenAI's own library, in strict response validation, against `loam serve scripted:…`.

usage: openai_client.py BASE_URL      (a server of tests/clients/script.json under the name "script")
"""
import json
import sys

import openai
from openai import OpenAI

BASE = sys.argv[1]
client = OpenAI(base_url=BASE + "/v1", api_key="none", max_retries=0, _strict_response_validation=True)
HELLO = [{"role": "user", "content": "hello"}]
TOOLS = [{"type": "function", "function": {"name": "get_weather", "description": "Weather of a city",
          "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}}]
PICK = {"name": "pick", "parameters": {"type": "object", "properties": {"color": {"type": "string", "enum": ["red", "blue"]}},
                                       "required": ["color"]}}
ANSWER = "Hello, 세계! Привет."


def refused(status, param, **arguments):
    arguments = {"model": "script", "messages": HELLO, **arguments}
    try:
        client.chat.completions.create(**arguments)
    except openai.APIStatusError as error:
        assert error.status_code == status, (error.status_code, arguments)
        assert param is None or error.body["param"].startswith(param), (error.body, param)
        return
    raise AssertionError(f"not refused: {arguments}")


def chat():
    got = client.chat.completions.create(model="script", messages=HELLO)
    assert got.choices[0].message.content == ANSWER, got
    assert got.choices[0].finish_reason == "stop" and got.usage.total_tokens > 0
    got = client.chat.completions.create(model="script", messages=HELLO, n=2, max_tokens=5)
    assert [c.finish_reason for c in got.choices] == ["length", "length"] and got.usage.completion_tokens == 10
    got = client.chat.completions.create(model="script", messages=HELLO, stop=["세"])
    assert got.choices[0].message.content == "Hello, "


def stream():
    chunks = list(client.chat.completions.create(model="script", messages=HELLO, stream=True,
                                                 stream_options={"include_usage": True}))
    assert chunks[0].choices[0].delta.role == "assistant"
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == ANSWER
    assert chunks[-1].choices == [] and chunks[-1].usage.completion_tokens > 0
    assert len({c.id for c in chunks}) == 1


def logprobs():
    got = client.chat.completions.create(model="script", messages=HELLO, logprobs=True, top_logprobs=3)
    content = got.choices[0].logprobs.content
    assert bytes(b for t in content for b in t.bytes).decode() == ANSWER
    assert all(len(t.top_logprobs) == 3 and t.top_logprobs[0].logprob >= t.logprob - 1e-4 for t in content)
    chunks = client.chat.completions.create(model="script", messages=HELLO, logprobs=True, stream=True)
    streamed = [t for c in chunks if c.choices[0].logprobs for t in c.choices[0].logprobs.content]
    assert bytes(b for t in streamed for b in t.bytes).decode() == ANSWER


def tools():
    ask = [{"role": "user", "content": "weather?"}]
    got = client.chat.completions.create(model="script", messages=ask, tools=TOOLS)
    call = got.choices[0].message.tool_calls[0]
    assert got.choices[0].finish_reason == "tool_calls"
    assert call.function.name == "get_weather" and call.function.arguments == '{"city": "Paris"}', call
    ask += [got.choices[0].message, {"role": "tool", "tool_call_id": call.id, "content": "hello: sunny"}]
    assert client.chat.completions.create(model="script", messages=ask, tools=TOOLS).choices[0].message
    deltas = [t for c in client.chat.completions.create(model="script", messages=ask[:1], tools=TOOLS, stream=True)
              for t in c.choices[0].delta.tool_calls or []]
    assert deltas[0].id and deltas[0].function.name == "get_weather" and all(d.index == 0 for d in deltas)
    assert "".join(d.function.arguments or "" for d in deltas) == '{"city": "Paris"}'
    got = client.chat.completions.create(model="script", messages=ask[:1], tools=TOOLS, tool_choice="none")
    assert not got.choices[0].message.tool_calls


def forced_tools():
    """The script says hello, and would call nothing."""
    for choice in ("required", {"type": "function", "function": {"name": "pick"}}):
        ask = {"model": "script", "messages": HELLO, "tools": [{"type": "function", "function": PICK}],
               "tool_choice": choice, "parallel_tool_calls": False}
        call, = client.chat.completions.create(**ask).choices[0].message.tool_calls
        assert json.loads(call.function.arguments)["color"] in ("red", "blue"), call
        deltas = [t for c in client.chat.completions.create(**ask, stream=True) for t in c.choices[0].delta.tool_calls or []]
        assert json.loads("".join(d.function.arguments or "" for d in deltas))["color"] in ("red", "blue"), deltas
    for choice in ("required", {"type": "function", "name": "pick"}):
        call, *_ = client.responses.create(model="script", input="hello", tools=[{"type": "function", "strict": True, **PICK}],
                                           tool_choice=choice).output
        assert call.type == "function_call" and json.loads(call.arguments)["color"] in ("red", "blue"), call
    refused(400, "tool_choice", tools=TOOLS, tool_choice={"type": "function", "function": {"name": "none_such"}})


def reasoning():
    message = client.chat.completions.create(model="script", messages=[{"role": "user", "content": "think"}]).choices[0].message
    assert message.reasoning_content.strip() == "hm, well" and message.content.strip() == "It is 42.", message


def completions():
    got = client.completions.create(model="script", prompt="Once upon", max_tokens=6)
    assert got.choices[0].text == " a tim" and got.choices[0].finish_reason == "length", got
    got = client.completions.create(model="script", prompt=["Once upon", "Once upon a"], max_tokens=4, n=2)
    assert [c.text for c in got.choices] == [" a t", " a t", " tim", " tim"] and [c.index for c in got.choices] == [0, 1, 2, 3]
    text = "".join(c.choices[0].text for c in client.completions.create(model="script", prompt="Once upon", stream=True))
    assert text == " a time.", text
    ids = [ord(c) for c in "Once upon"]
    assert client.completions.create(model="script", prompt=ids, max_tokens=2).choices[0].text == " a"
    loose = OpenAI(base_url=BASE + "/v1", api_key="none", max_retries=0)  # the first token's logprob is null
    got = loose.completions.create(model="script", prompt="Once upon", max_tokens=1, echo=True, logprobs=1)
    scores = got.choices[0].logprobs
    assert got.choices[0].text == "Once upon " and "".join(scores.tokens) == "Once upon "
    assert scores.token_logprobs[0] is None and all(x <= 0 for x in scores.token_logprobs[1:])
    assert scores.text_offset == list(range(10))


def responses():
    got = client.responses.create(model="script", input="hello", instructions="Be kind.")
    assert got.output_text == ANSWER and got.status == "completed" and got.usage.total_tokens > 0
    more = client.responses.create(model="script", input="think", previous_response_id=got.id)
    assert [item.type for item in more.output] == ["reasoning", "message"], more.output
    with client.responses.stream(model="script", input="hello") as events:
        kinds = [event.type for event in events]
        assert events.get_final_response().output_text == ANSWER
    assert kinds[0] == "response.created" and kinds[-1] == "response.completed"
    tool = {"type": "function", **TOOLS[0]["function"], "strict": False}
    got = client.responses.create(model="script", input="weather", tools=[tool])
    assert got.output[-1].type == "function_call" and got.output[-1].arguments == '{"city": "Paris"}'
    assert client.responses.retrieve(got.id).id == got.id


def embeddings():
    if "minilm" not in [m.id for m in client.models.list()]:
        return print("no embedding model is installed")
    texts = ["a happy dog", "счастливая собака", "행복한 개", ""]
    # The library asks for base64 and decodes it behind its own validation, which therefore refuses any server's.
    loose = OpenAI(base_url=BASE + "/v1", api_key="none", max_retries=0)
    got = loose.embeddings.create(model="minilm", input=texts)
    assert client.embeddings.create(model="minilm", input=texts, encoding_format="float").usage == got.usage
    assert [d.index for d in got.data] == [0, 1, 2, 3] and got.usage.total_tokens == got.usage.prompt_tokens > 8, got.usage
    assert all(len(d.embedding) == 384 and abs(sum(x * x for x in d.embedding) - 1) < 1e-4 for d in got.data)
    numbers = client.embeddings.create(model="minilm", input=texts[0], encoding_format="float").data[0].embedding
    assert all(abs(a - b) < 1e-6 for a, b in zip(numbers, got.data[0].embedding, strict=True))
    few = loose.embeddings.create(model="minilm", input=texts[0], dimensions=64).data[0].embedding
    assert len(few) == 64 and abs(sum(x * x for x in few) - 1) < 1e-4
    ids = loose.embeddings.create(model="minilm", input=[[101, 1037, 3407, 3899, 102]]).data[0].embedding
    assert all(abs(a - b) < 1e-6 for a, b in zip(numbers, ids, strict=True))
    for arguments in ({"input": []}, {"dimensions": 385}, {"model": "script"}):
        try:
            client.embeddings.create(**{"model": "minilm", "input": "x", **arguments})
        except openai.BadRequestError:
            continue
        raise AssertionError(f"not refused: {arguments}")
    refused(400, "model", model="minilm")


def models():
    assert "script" in [m.id for m in client.models.list()]
    assert client.models.retrieve("script").owned_by == "loam"


def wrong_requests():
    refused(400, "temperature", temperature=-1)
    refused(400, "top_logprobs", logprobs=True, top_logprobs=500)
    refused(400, "stop", stop=["x"] * 5000)
    refused(400, "messages", messages=[])
    refused(400, "messages", messages=[{"role": "wizard", "content": "x"}])
    refused(404, "model", model="none-such")
    refused(400, "n", n=10**9)
    refused(400, "max_tokens", max_tokens=-2)
    refused(400, "logit_bias", logit_bias={"99999999": 1})
    refused(400, "response_format", response_format={"type": "json_schema", "json_schema": {"name": "x"}})
    assert client.chat.completions.create(model="script", messages=HELLO).choices[0].message.content == ANSWER


for check in (chat, stream, logprobs, tools, forced_tools, reasoning, completions, responses, embeddings, models, wrong_requests):
    check()
    print("ok", check.__name__)
