"""OpenAI's own client for Python where a model calls tools. Arguments: the base URL without /v1, an API key."""

import enum
import json
import sys

import openai
import pydantic


class Unit(enum.Enum):
    celsius = "celsius"
    fahrenheit = "fahrenheit"


class Weather(pydantic.BaseModel):
    """Tells the weather of a city."""

    city: str = pydantic.Field(max_length=20)
    unit: Unit


class Alarm(pydantic.BaseModel):
    """Sets an alarm."""

    hour: int = pydantic.Field(ge=0, le=23)
    label: str = pydantic.Field(max_length=20)


CLASSES = {"Weather": Weather, "Alarm": Alarm}
tools = [openai.pydantic_function_tool(one) for one in CLASSES.values()]
client = openai.OpenAI(base_url=sys.argv[1] + "/v1", api_key=sys.argv[2], max_retries=0)
question = [{"role": "user", "content": "What is the weather like in Paris, and in Rome?"}]


def check(calls):
    """Every call of a message is one of a tool, with arguments that its class takes."""
    for call in calls:
        assert call.type == "function" and call.id.startswith("call_") and len(call.id) == 29, call
        CLASSES[call.function.name].model_validate_json(call.function.arguments)


parsed = 0
for seed in range(4):
    completion = client.chat.completions.create(
        model="default", messages=question, tools=tools, tool_choice="required", parallel_tool_calls=False,
        temperature=1, seed=seed, max_tokens=200)
    choice = completion.choices[0]
    assert not choice.message.content, completion
    if choice.finish_reason == "length":
        continue
    assert choice.finish_reason == "tool_calls", completion
    assert len(choice.message.tool_calls) == 1, completion
    check(choice.message.tool_calls)
    parsed += 1
assert parsed >= 2, "most answers were cut"

# the client's own reading of arguments into classes, and its own putting together of a stream
completion = client.chat.completions.parse(
    model="default", messages=question, tools=tools, parallel_tool_calls=False, max_tokens=200,
    tool_choice={"type": "function", "function": {"name": "Weather"}})
call = completion.choices[0].message.tool_calls[0]
assert isinstance(call.function.parsed_arguments, Weather), completion

with client.chat.completions.stream(
        model="default", messages=question, tools=tools, tool_choice="required", parallel_tool_calls=False,
        max_tokens=200) as stream:
    events = list(stream)
    streamed = stream.get_final_completion().choices[0].message.tool_calls
check(streamed)
pieces = [event for event in events if event.type == "tool_calls.function.arguments.delta"]
assert len(pieces) > 3, pieces
assert "".join(piece.arguments_delta for piece in pieces) == streamed[0].function.arguments, pieces

# the result of a call goes back, and an answer in words comes
history = question + [
    {"role": "assistant", "content": None, "tool_calls": [call.model_dump(include={"id", "type", "function"}) | {
        "function": {"name": call.function.name, "arguments": call.function.arguments}}]},
    {"role": "tool", "tool_call_id": call.id, "content": json.dumps({"degrees": 21})}]
answer = client.chat.completions.create(
    model="default", messages=history, tools=tools, tool_choice="none", max_tokens=40)
assert answer.choices[0].message.content and not answer.choices[0].message.tool_calls, answer

# whatever it decides, what comes is one or the other
auto = client.chat.completions.create(
    model="default", messages=question, tools=tools, temperature=1, seed=1, n=3, max_tokens=120)
for choice in auto.choices:
    if choice.finish_reason == "tool_calls":
        check(choice.message.tool_calls)
    else:
        assert choice.message.content or choice.message.tool_calls, choice

try:
    client.chat.completions.create(
        model="default", messages=question, tool_choice="required", tools=[{
            "type": "function", "function": {
                "name": "odd", "strict": True, "parameters": {"type": "object", "not": {}}}}])
    raise AssertionError("a strict schema that cannot be kept was taken")
except openai.BadRequestError as error:
    assert error.param.startswith("tools") and "'not'" in error.message, error

print("ok:", parsed)
