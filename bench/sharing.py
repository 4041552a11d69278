#!/usr/bin/env python3
"""What requests share: one prefill of a common beginning, streams beside a long prompt, a burst, and memory.

    API_KEY=... bench/sharing.py [--url http://127.0.0.1:18789] [--runs 3] [--only prefix,stall,burst,memory]

Needs a running `./ai-dialog-cli serve` and nothing but Python. Prints a line of JSON for each measurement of each run.
"""
import argparse
import http.client
import json
import os
import random
import threading
import time
import urllib.parse

WORDS = ("time year people way day man thing woman life child world school state family student group country problem "
         "hand part place case week company system program question work government number night point home water room "
         "mother area money story fact month lot right study book eye job word business issue side kind head house").split()


def text(words, seed):
    rng = random.Random(seed)
    return " ".join(rng.choice(WORDS) for _ in range(words))


class Service:
    def __init__(self, url, key):
        parts = urllib.parse.urlsplit(url)
        self.host, self.port, self.key = parts.hostname, parts.port, key

    def connect(self):
        return http.client.HTTPConnection(self.host, self.port, timeout=600)

    def metrics(self):
        connection = self.connect()
        connection.request("GET", "/metrics", headers={"Authorization": "Bearer " + self.key})
        figures = {}
        for line in connection.getresponse().read().decode().splitlines():
            if line and not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                figures[name] = float(value)
        connection.close()
        return figures

    def stream(self, messages, tokens, arrivals, usage=None):
        """Appends the time of each piece of text to arrivals."""
        body = {"messages": messages, "max_tokens": tokens, "temperature": 0, "ignore_eos": True, "stream": True,
                "stream_options": {"include_usage": True}}
        connection = self.connect()
        connection.request("POST", "/v1/chat/completions", json.dumps(body), {
            "Authorization": "Bearer " + self.key, "Content-Type": "application/json"})
        response = connection.getresponse()
        if response.status != 200:
            raise RuntimeError(response.read().decode())
        for line in response:
            if line.startswith(b"data: {"):
                event = json.loads(line[6:])
                if event["choices"] and event["choices"][0]["delta"].get("content"):
                    arrivals.append(time.monotonic())
                if usage is not None and event.get("usage"):
                    usage.append(event["usage"])
        connection.close()


def at_once(calls):
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    return threads


def quantile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))] if ordered else None


def moved(before, after):
    names = {"prefill_tokens": "ai_dialog_prefill_tokens_total", "reused_tokens": "ai_dialog_prefix_tokens_total",
             "lookups": "ai_dialog_prefix_lookups_total", "hits": "ai_dialog_prefix_hits_total"}
    return {short: int(after[name] - before[name]) for short, name in names.items()}


def prefix(service, run):
    """50 requests at once with one system prompt."""
    system = text(480, 1000 + run)
    before, firsts, usages = service.metrics(), [], []
    start = time.monotonic()

    def call(i):
        arrivals = []
        service.stream([{"role": "system", "content": system}, {"role": "user", "content": text(8, i)}], 16, arrivals, usages)
        firsts.append(arrivals[0] - start)

    for thread in at_once([lambda i=i: call(i) for i in range(50)]):
        thread.join()
    return {"what": "50 requests, one system prompt", **moved(before, service.metrics()),
            "prompt_tokens_each": usages[0]["prompt_tokens"], "seconds": round(time.monotonic() - start, 2),
            "first_token_p50": round(quantile(firsts, .5), 2), "first_token_p99": round(quantile(firsts, .99), 2)}


def stall(service, run):
    """8 streams, and a prompt of 2,000 tokens that arrives beside them."""
    streams = [[] for _ in range(8)]
    threads = at_once([
        lambda i=i: service.stream([{"role": "user", "content": f"{run} {i} " + text(30, i)}], 400, streams[i]) for i in range(8)])
    while any(len(arrivals) < 120 for arrivals in streams):
        time.sleep(.05)
    begun, long = time.monotonic(), []
    service.stream([{"role": "user", "content": text(1950, 5000 + run)}], 1, long)
    ended = long[0]
    for thread in threads:
        thread.join()

    def gaps(low, high):
        return [b - a for arrivals in streams for a, b in zip(arrivals, arrivals[1:]) if low <= b <= high]

    joined = max(arrivals[20] for arrivals in streams)
    quiet, busy = gaps(joined, begun), gaps(begun, ended)
    return {"what": "8 streams beside a prompt of 2,000 tokens", "long_prompt_seconds": round(ended - begun, 2),
            "quiet_p50_ms": round(1e3 * quantile(quiet, .5), 1), "quiet_p99_ms": round(1e3 * quantile(quiet, .99), 1),
            "busy_p50_ms": round(1e3 * quantile(busy, .5), 1), "busy_p99_ms": round(1e3 * quantile(busy, .99), 1),
            "p99_ratio": round(quantile(busy, .99) / quantile(quiet, .99), 2), "gaps": len(busy)}


def burst(service, run):
    """50 streams at once, prompts of about 70 tokens that share nothing, 64 tokens each."""
    firsts = []
    start = time.monotonic()

    def call(i):
        arrivals = []
        service.stream([{"role": "system", "content": text(4, (run, i).__hash__())},
                        {"role": "user", "content": text(44, (run, i, 1).__hash__())}], 64, arrivals)
        firsts.append(arrivals[0] - start)

    for thread in at_once([lambda i=i: call(i) for i in range(50)]):
        thread.join()
    seconds = time.monotonic() - start
    return {"what": "50 streams at once", "tokens_per_second": round(50 * 64 / seconds, 1),
            "first_token_p50": round(quantile(firsts, .5), 2), "first_token_p99": round(quantile(firsts, .99), 2)}


def memory(service, run):
    """50 conversations of mixed length."""
    rng = random.Random(run)
    most = {"held": 0.0, "reserved": 0.0, "prefixes": 0.0, "resident": 0.0}
    done = threading.Event()

    def watch():
        while not done.is_set():
            figures = service.metrics()
            for kind in most:
                name = "ai_dialog_memory_resident_bytes" if kind == "resident" else f'ai_dialog_cache_bytes{{kind="{kind}"}}'
                most[kind] = max(most[kind], figures[name])
            done.wait(.2)

    watcher = at_once([watch])
    start = time.monotonic()
    calls = []
    for i in range(50):
        words = rng.choice([20, 60, 200, 700, 1500])
        calls.append(lambda i=i, words=words: service.stream(
            [{"role": "user", "content": text(words, 7000 + 100 * run + i)}], rng.choice([32, 64, 256]), []))
    for thread in at_once(calls):
        thread.join()
    done.set()
    watcher[0].join()
    return {"what": "50 conversations of mixed length", "seconds": round(time.monotonic() - start, 1),
            **{kind + "_mib": round(value / 2**20) for kind, value in most.items()}}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://127.0.0.1:18789")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", default="prefix,stall,burst,memory")
    options = parser.parse_args()
    service = Service(options.url, os.environ["API_KEY"])
    service.stream([{"role": "user", "content": text(300, 1)}], 64, [])  # warm-up
    for run in range(options.runs):
        for name in options.only.split(","):
            print(json.dumps({"run": run, **globals()[name](service, run)}), flush=True)


if __name__ == "__main__":
    main()
