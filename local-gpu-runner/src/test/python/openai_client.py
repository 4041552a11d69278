"""Asks the service through the official OpenAI client: streaming and not, completions, models, errors.

usage: openai_client.py BASE_URL API_KEY     exit code 0 when every answer was as it should be
"""

import sys

import openai

base, key = sys.argv[1:]
client = openai.OpenAI(base_url=base + "/v1", api_key=key, max_retries=0)
question = [{"role": "user", "content": "What is the capital of France?"}]

whole = client.chat.completions.create(model="default", messages=question, temperature=0, max_tokens=40)
assert "Paris" in whole.choices[0].message.content, whole
assert whole.choices[0].finish_reason in ("stop", "length"), whole
assert whole.usage.total_tokens == whole.usage.prompt_tokens + whole.usage.completion_tokens, whole
assert whole.object == "chat.completion" and whole.id.startswith("chatcmpl-"), whole

text, usage, finish = "", None, None
with client.chat.completions.create(
    model="default", messages=question, temperature=0, max_tokens=40, stream=True, stream_options={"include_usage": True}
) as stream:
    for chunk in stream:
        if chunk.usage:
            usage = chunk.usage
        for choice in chunk.choices:
            text += choice.delta.content or ""
            finish = choice.finish_reason or finish
assert text == whole.choices[0].message.content, (text, whole)
assert usage == whole.usage and finish == whole.choices[0].finish_reason, (usage, finish)

scored = client.completions.create(
    model="default", prompt="The capital of France is Paris", max_tokens=0, echo=True, logprobs=1, temperature=0
)
logprobs = scored.choices[0].logprobs
assert scored.choices[0].text == "The capital of France is Paris", scored
assert logprobs.token_logprobs[0] is None and all(p <= 0 for p in logprobs.token_logprobs[1:]), logprobs
assert "".join(logprobs.tokens) == scored.choices[0].text, logprobs

several = client.chat.completions.create(
    model="default", messages=question, n=3, seed=7, temperature=1.0, max_tokens=8, logprobs=True, top_logprobs=2
)
assert sorted(choice.index for choice in several.choices) == [0, 1, 2], several
assert all(len(entry.top_logprobs) == 2 for choice in several.choices for entry in choice.logprobs.content), several

models = client.models.list().data
assert len(models) == 1 and client.models.retrieve(models[0].id).id == models[0].id, models

for call, kind in (
    (lambda: client.chat.completions.create(model="no-such-model", messages=question), openai.NotFoundError),
    (lambda: client.chat.completions.create(model="default", messages=[]), openai.BadRequestError),
    (lambda: openai.OpenAI(base_url=base + "/v1", api_key="wrong-key", max_retries=0).models.list(), openai.AuthenticationError),
):
    try:
        call()
        raise SystemExit(f"{kind.__name__} was expected")
    except kind as error:
        assert error.body and error.body.get("message"), error.body
print("ok: " + text)
