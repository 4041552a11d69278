"""Tools through the official OpenAI client: whole and streamed, parsed, and the conversation that goes on with the results.

usage: openai_tools.py BASE_URL API_KEY     the service calls the first tool as often as the last message says, and answers in
text once it has the results
"""

import json
import sys

import openai
import pydantic

client = openai.OpenAI(base_url=sys.argv[1] + "/v1", api_key=sys.argv[2], max_retries=0)


class Weather(pydantic.BaseModel):
    """Of a place."""

    place: str
    days: int


tools = [openai.pydantic_function_tool(Weather, name="weather")]


def checked(message, calls):
    assert message.content is None and message.role == "assistant", message
    assert len(message.tool_calls) == calls and len({call.id for call in message.tool_calls}) == calls, message
    for call in message.tool_calls:
        assert call.type == "function" and call.function.name == "weather" and call.id.startswith("call_"), call
        assert json.loads(call.function.arguments) == {"place": "Zürich", "days": 2}, call
    return message


for calls in (1, 2):
    messages = [{"role": "user", "content": str(calls)}]

    whole = client.chat.completions.create(model="default", messages=messages, tools=tools, n=2)
    assert [choice.finish_reason for choice in whole.choices] == ["tool_calls"] * 2, whole
    asked = [checked(choice.message, calls) for choice in whole.choices][0]

    parsed = client.chat.completions.parse(model="default", messages=messages, tools=tools, tool_choice="required")
    for call in checked(parsed.choices[0].message, calls).tool_calls:
        assert call.function.parsed_arguments == Weather(place="Zürich", days=2), call

    with client.chat.completions.stream(
        model="default", messages=messages, tools=tools, stream_options={"include_usage": True}
    ) as stream:
        done = [event for event in stream if event.type == "tool_calls.function.arguments.done"]
        final = stream.get_final_completion()
    assert [event.index for event in done] == list(range(calls)), done
    assert all(event.parsed_arguments == Weather(place="Zürich", days=2) for event in done), done
    assert final.choices[0].finish_reason == "tool_calls" and final.usage.completion_tokens, final
    checked(final.choices[0].message, calls)

    by_name = client.chat.completions.create(
        model="default",
        messages=messages,
        tools=tools,
        tool_choice={"type": "function", "function": {"name": "weather"}},
        parallel_tool_calls=False,
    )
    assert by_name.choices[0].finish_reason == "stop", by_name
    checked(by_name.choices[0].message, calls)

    # the answer's message goes back as it came, and the results behind it
    messages.append(asked)
    messages += [{"role": "tool", "tool_call_id": call.id, "content": "rain"} for call in asked.tool_calls]
    last = client.chat.completions.create(model="default", messages=messages, tools=tools)
    assert last.choices[0].finish_reason == "stop" and last.choices[0].message.tool_calls is None, last
    assert last.choices[0].message.content, last

    try:
        client.chat.completions.create(model="default", messages=messages[:-1], tools=tools)
        raise AssertionError("a call without its result was taken")
    except openai.BadRequestError as error:
        assert error.param == "messages" and asked.tool_calls[-1].id in error.message, error

none = client.chat.completions.create(model="default", messages=[{"role": "user", "content": "1"}], tools=tools, tool_choice="none")
assert none.choices[0].message.tool_calls is None and none.choices[0].message.content, none
print("ok")
