#!/usr/bin/env python3
"""One stream with and without --prompt-lookup, in turn, on the same machine.

    bench/prompt-lookup.py [--rounds 5] [--options "--precision bfloat16"]

Starts two services with the default model, on free ports of the loopback address and with a state folder of their own, and asks each
in turn: one text that repeats what the prompt holds, one that does not. Prints the median tokens a second of each, least and most, and the ratio
of the medians. Both answers must be the same text, or differ where two tokens score nearly the same; the number of equal ones is printed.
"""
import argparse, json, os, pathlib, shlex, socket, statistics, subprocess, sys, tempfile, time, urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
KEY = "bench-" + os.urandom(12).hex()
CODE = "".join(
    f"def {name}(a, b):\n    \"\"\"The {name} of two numbers.\"\"\"\n    check(a)\n    check(b)\n    return a {sign} b\n\n"
    for name, sign in [("sum", "+"), ("difference", "-"), ("product", "*"), ("quotient", "/")])
TEXTS = {
    "repeats": "Write this program again, word for word, and change nothing:\n\n" + CODE,
    "does not": "Tell me a long story about a fisherman and the sea.",
}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Service:
    def __init__(self, lookup, options):
        self.port = free_port()
        self.state = tempfile.TemporaryDirectory()
        self.process = subprocess.Popen(
            [str(ROOT / "ai-dialog-cli"), "serve", "--port", str(self.port), "--state-dir", self.state.name,
             "--prompt-lookup", str(lookup), *options],
            env=dict(os.environ, API_KEY=KEY), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def ready(self):
        for _ in range(1200):
            if self.process.poll() is not None:
                sys.exit("serve ended with " + str(self.process.returncode))
            try:
                with urllib.request.urlopen(self.url("/health"), timeout=5) as answer:
                    if json.load(answer).get("status") == "healthy":
                        return
            except OSError:
                pass
            time.sleep(0.25)
        sys.exit("serve is not ready after five minutes")

    def ask(self, text):
        body = {"model": "default", "temperature": 0, "max_tokens": 200, "stream": True,
                "stream_options": {"include_usage": True}, "messages": [{"role": "user", "content": text}]}
        request = urllib.request.Request(self.url("/v1/chat/completions"), json.dumps(body).encode(),
                                         {"Authorization": "Bearer " + KEY, "Content-Type": "application/json"})
        answer, first, tokens = "", None, 0
        with urllib.request.urlopen(request, timeout=300) as lines:
            for line in lines:
                if not line.startswith(b"data: {"):
                    continue
                chunk = json.loads(line[6:])
                for choice in chunk["choices"]:
                    piece = choice["delta"].get("content") or ""
                    if piece and first is None:
                        first = time.perf_counter()
                    answer += piece
                if chunk.get("usage"):
                    tokens = chunk["usage"]["completion_tokens"]
        return answer, (tokens - 1) / (time.perf_counter() - first)

    def close(self):
        self.process.terminate()
        self.process.wait(60)
        self.state.cleanup()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--options", default="")
    arguments = parser.parse_args()
    services = {}
    try:
        for lookup in (0, 12):
            services[lookup] = Service(lookup, shlex.split(arguments.options))
            services[lookup].ready()
        for name, text in TEXTS.items():
            speed, equal = {0: [], 12: []}, 0
            for round_ in range(arguments.rounds + 1):
                answers = {}
                for lookup, service in services.items():
                    answers[lookup], rate = service.ask(text + " " * round_)
                    if round_:  # the first is for the compilers
                        speed[lookup].append(rate)
                equal += round_ > 0 and answers[0] == answers[12]
            medians = {k: statistics.median(v) for k, v in speed.items()}
            for lookup, v in speed.items():
                print(f"{name:9} --prompt-lookup {lookup:2}: {medians[lookup]:6.1f} tokens/s ({min(v):.1f}-{max(v):.1f})")
            print(f"{name:9} ratio {medians[12] / medians[0]:.2f}, {equal} of {arguments.rounds} answers equal", flush=True)
    finally:
        for service in services.values():
            service.close()


main()
