"""What the OpenAPI document says of requests in words alone, because JSON Schema has none for it: one value that follows
from another. Valid requests are made to follow it; invalid ones are sent as they are."""

import ipaddress

import schemathesis
from schemathesis import GenerationMode


@schemathesis.hook
def before_call(context, case, kwargs):
    body = case.body
    if not isinstance(body, dict) or case.meta is None or case.meta.generation.mode is not GenerationMode.POSITIVE:
        return
    newer, older = body.get("max_completion_tokens"), body.get("max_tokens")
    if newer is not None and older is not None and newer != older:
        del body["max_tokens"]
    most = newer if newer is not None else older
    if most is not None and body.get("min_tokens") is not None and body["min_tokens"] > most:
        del body["min_tokens"]
    if "prompt" in body:
        if body.get("best_of") is not None:
            body["n"] = body["best_of"]
        choices = int(body.get("n") or 1)
        prompts = body["prompt"]
        if isinstance(prompts, list) and not all(isinstance(one, (int, float)) for one in prompts):
            body["prompt"] = prompts[: 128 // choices]
    if body.get("messages"):
        body["messages"] = in_order(body["messages"])
    if body.get("tools"):
        for i, tool in enumerate(body["tools"]):
            tool["function"]["name"] = f"f{i}"
        if isinstance(body.get("tool_choice"), dict):
            body["tool_choice"]["function"]["name"] = "f0"
    if body.get("cidrs"):
        ranges = [whole_range(text) for text in body["cidrs"]]
        body["cidrs"] = [text for text in ranges if text is not None] or ["2001:db8::/32"]


def in_order(messages):
    """The same conversation, in which each call has its result and each result its call."""
    ordered = []
    for message in messages:
        if message["role"] == "tool":
            continue
        ordered.append(message)
        for i, call in enumerate(message.get("tool_calls") or []):
            call["id"] = f"call_{i}"
            ordered.append({"role": "tool", "tool_call_id": call["id"], "content": "x"})
    return ordered or [{"role": "user", "content": "x"}]


def whole_range(text):
    """The range that a text is in, with no bits beyond its length; none where it only looks like one."""
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        return None
