"""Ollama's own library against `loam serve scripted:…`.

usage: ollama_client.py BASE_URL      (a server of tests/clients/script.json under the name "script")
"""
import sys

import ollama

client = ollama.Client(host=sys.argv[1])
HELLO = [{"role": "user", "content": "hello"}]
ANSWER = "Hello, 세계! Привет."
TOOLS = [{"type": "function", "function": {"name": "get_weather", "description": "Weather of a city",
          "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}}]


def chat():
    got = client.chat("script", HELLO)
    assert got.message.content == ANSWER and got.done and got.done_reason == "stop" and got.eval_count > 0, got
    lines = list(client.chat("script", HELLO, stream=True))
    assert "".join(line.message.content for line in lines) == ANSWER and lines[-1].done
    assert client.chat("script", HELLO, options={"num_predict": 3}).done_reason == "length"


def generate():
    assert client.generate("script", "hello", system="Be kind.").response == ANSWER
    assert client.generate("script", "Once upon", raw=True).response == " a time."
    assert client.generate("script", "").done_reason == "load"


def tools():
    call = client.chat("script", [{"role": "user", "content": "weather"}], tools=TOOLS).message.tool_calls[0]
    assert call.function.name == "get_weather" and call.function.arguments == {"city": "Paris"}
    history = [{"role": "user", "content": "weather"}, {"role": "assistant", "tool_calls": [call]},
               {"role": "tool", "content": "sunny", "tool_name": "get_weather"}]
    assert client.chat("script", history, tools=TOOLS).done


def thinking():
    message = client.chat("script", [{"role": "user", "content": "think"}], think=True).message
    assert message.thinking.strip() == "hm, well" and message.content.strip() == "It is 42.", message


def embeddings():
    if "minilm" not in [m.model for m in client.list().models]:
        return print("no embedding model is installed")
    got = client.embed("minilm", ["a happy dog", "행복한 개"])
    assert [len(e) for e in got.embeddings] == [384, 384] and got.prompt_eval_count > 5
    assert client.embeddings("minilm", "a happy dog").embedding == got.embeddings[0]
    assert client.show("minilm").capabilities == ["embedding"]


def models():
    assert "script" in [m.model for m in client.list().models]
    assert "completion" in client.show("script").capabilities
    assert "script" in [m.model for m in client.ps().models]


def wrong_requests():
    for call in (lambda: client.chat("none-such", HELLO), lambda: client.chat("script", HELLO, options={"temperature": -1}),
                 lambda: client.pull("../../etc/passwd"), lambda: client.pull("https://example.org/model.gguf")):
        try:
            call()
        except ollama.ResponseError as error:
            assert error.status_code in (400, 404), error.status_code
        else:
            raise AssertionError("not refused")


for check in (chat, generate, tools, thinking, embeddings, models, wrong_requests):
    check()
    print("ok", check.__name__)
