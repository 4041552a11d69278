"""OpenAI's own client for Python where an answer has a form. Arguments: the base URL without /v1, an API key."""

import enum
import json
import sys

import openai
import pydantic


class Color(enum.Enum):
    red = "red"
    green = "green"


class Address(pydantic.BaseModel):
    city: str = pydantic.Field(max_length=20)
    zip: str = pydantic.Field(pattern=r"^[0-9]{5}$")


class Person(pydantic.BaseModel):
    name: str = pydantic.Field(max_length=20)
    age: int = pydantic.Field(ge=0, le=120)
    color: Color
    address: Address | None
    tags: list[str] = pydantic.Field(max_length=2)


client = openai.OpenAI(base_url=sys.argv[1] + "/v1", api_key=sys.argv[2], max_retries=0)
question = [{"role": "user", "content": "Tell me of a person, as JSON."}]

parsed = 0
for seed in range(4):
    try:
        completion = client.chat.completions.parse(
            model="default", messages=question, response_format=Person, temperature=1, seed=seed, max_tokens=400)
        person = completion.choices[0].message.parsed
        assert isinstance(person, Person), person
        assert completion.choices[0].finish_reason == "stop", completion
        parsed += 1
    except openai.LengthFinishReasonError:
        pass
assert parsed >= 1, "every answer was cut"

text = ""
for chunk in client.chat.completions.create(
        model="default", messages=question, stream=True, temperature=1, seed=3, max_tokens=400, extra_body={"min_p": 0.05},
        response_format={"type": "json_object"}):
    if chunk.choices:
        text += chunk.choices[0].delta.content or ""
        end = chunk.choices[0].finish_reason
assert end == "length" or isinstance(json.loads(text), dict), (end, text)

try:
    client.chat.completions.create(
        model="default", messages=question, response_format={
            "type": "json_schema", "json_schema": {"name": "n", "strict": True, "schema": {"not": {"type": "null"}}}})
    raise AssertionError("a schema that cannot be kept was taken")
except openai.BadRequestError as error:
    assert error.param == "response_format" and "'not'" in error.message, error

print("ok:", parsed)
