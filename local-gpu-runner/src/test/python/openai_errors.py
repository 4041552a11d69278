"""What goes wrong, through the official OpenAI client: each cause must come out as the class that programs catch, with the
code, the field and the request's id.

usage: openai_errors.py BASE_URL API_KEY     the service does what a message names: "overloaded", "unavailable", "broken"
"""

import sys

import openai

base, key = sys.argv[1:]


def client(api_key=key):
    return openai.OpenAI(base_url=base + "/v1", api_key=api_key, max_retries=0)


def ask(text, **more):
    return client().chat.completions.create(model="default", messages=[{"role": "user", "content": text}], **more)


def token():
    return client().post("/tokens", body={"expires_in": 60}, cast_to=object)["token"]


def fails(kind, status, code, param, call):
    try:
        call()
    except openai.APIStatusError as error:
        assert type(error) is kind, (type(error), kind)
        assert (error.status_code, error.code, error.param) == (status, code, param), (error.body, error.status_code)
        assert error.request_id.startswith("req_"), error.request_id
        assert error.body["message"] and error.type, error.body
        return error.response.headers
    raise SystemExit(f"{kind.__name__} was expected")


wrong = fails(openai.AuthenticationError, 401, "invalid_api_key", None, lambda: client("wrong-key").models.list())
assert wrong["www-authenticate"].startswith("Bearer"), wrong
fails(
    openai.PermissionDeniedError,
    403,
    "insufficient_permissions",
    None,
    lambda: client(token()).post("/tokens", body={}, cast_to=object),
)
fails(openai.NotFoundError, 404, "model_not_found", "model", lambda: client().models.retrieve("no-such-model"))
fails(openai.NotFoundError, 404, "unknown_url", None, lambda: client().files.list())
fails(openai.BadRequestError, 400, "invalid_value", "temperature", lambda: ask("Hello", temperature=1.5, top_p=1, extra_body={"temperature": 9}))
fails(openai.BadRequestError, 400, "invalid_type", "messages[0].content", lambda: ask(7))
fails(openai.BadRequestError, 400, "invalid_value", "tools[0].type", lambda: ask("Hello", tools=[{"type": "custom", "custom": {"name": "f"}}]))
fails(openai.BadRequestError, 400, "unsupported_parameter", "functions", lambda: ask("Hello", functions=[{"name": "f"}]))
for stream in (False, True):  # before the first byte, a stream fails as the whole answer does
    later = fails(openai.RateLimitError, 429, "engine_overloaded", None, lambda: ask("overloaded", stream=stream))
    assert int(later["retry-after"]) == 3, later
    gone = fails(openai.InternalServerError, 503, "service_unavailable", None, lambda: ask("unavailable", stream=stream))
    assert int(gone["retry-after"]) >= 1, gone

# after the first byte the status is sent; the error comes as an event
pieces = []
try:
    for chunk in ask("broken", stream=True):
        pieces += [choice.delta.content for choice in chunk.choices if choice.delta.content]
    raise SystemExit("an error in the stream was expected")
except openai.APIError as error:
    assert pieces and error.code == "service_unavailable", (pieces, error.code, error.body)

# Retry-After is what the client waits
patient = openai.OpenAI(base_url=base + "/v1", api_key=key, max_retries=1)
answer = patient.chat.completions.create(model="default", messages=[{"role": "user", "content": "overloaded once"}])
assert answer.choices[0].message.content, answer

raw = client().chat.completions.with_raw_response.create(model="default", messages=[{"role": "user", "content": "Hello"}])
assert raw.headers["x-request-id"] == raw.request_id == raw.parse()._request_id, raw.headers
print("ok")
