#!/usr/bin/env python3
"""Whether memory stays flat under load: a mix of requests on a service of its own, and what the process holds, once a minute.

    bench/soak.py [--minutes 60] [--callers 12] [--options "--precision int8"]

Starts `serve` with the default model on a free port of the loopback address, and asks it from so many callers at once: short and long
prompts, streamed and whole, continued conversations, two choices, log probabilities, answers in a form, callers that leave in the middle,
requests that are refused, tokens, health and metrics. Samples once a minute: resident memory, the native part of it (what is resident, neither
the Java heap nor a file), the live Java heap after a collection that this asks for (jcmd), and what keys and values hold.
Prints every sample, the first and last after the warm-up (a quarter of the time), and the slope by least squares.
"""
import argparse, collections, http.client, json, os, pathlib, random, re, shlex, socket, subprocess, sys, tempfile, threading, time

ROOT = pathlib.Path(__file__).resolve().parent.parent
KEY = "bench-" + os.urandom(12).hex()
WORDS = ("river stone morning garden letter window bridge winter summer paper silver music market candle harbour forest island "
         "teacher doctor engine number colour butter travel answer question picture village mountain kitchen blanket").split()
SCHEMA = {"type": "object", "additionalProperties": False, "required": ["name", "size"],
          "properties": {"name": {"type": "string", "maxLength": 12}, "size": {"type": "integer", "minimum": 0, "maximum": 999}}}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Callers:
    """Threads that ask until they are told to stop, and count what they were answered."""

    def __init__(self, port, many):
        self.port, self.stop, self.answers = port, threading.Event(), collections.Counter()
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.run, args=(seed,), daemon=True) for seed in range(many)]
        [t.start() for t in self.threads]

    def call(self, method, path, body=None, leave_after=None, key=KEY):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None,
                               {"Authorization": "Bearer " + key, "Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read(leave_after) if leave_after else answer.read()
            return answer.status, text.decode(errors="replace")
        finally:
            connection.close()

    def run(self, seed):
        rng = random.Random(seed)
        history = []
        while not self.stop.is_set():
            try:
                kind, status = self.one(rng, history)
            except OSError as e:
                kind, status = "broken", type(e).__name__
            with self.lock:
                self.answers[f"{kind} {status}"] += 1

    def one(self, rng, history):
        words = lambda n: " ".join(rng.choice(WORDS) for _ in range(n))
        chat = lambda messages, **more: {"messages": messages, "max_tokens": rng.randint(1, 64), "temperature": rng.choice([0, 1]), **more}
        user = lambda text: [{"role": "user", "content": text}]
        kind = rng.choices(["short", "stream", "long", "turn", "two", "logprobs", "form", "leave", "refused", "small"],
                           [4, 4, 1, 3, 1, 1, 1, 2, 1, 2])[0]
        post = lambda body, path="/v1/chat/completions", **more: self.call("POST", path, body, **more)[0]
        if kind == "short":
            return kind, post(chat(user(words(rng.randint(5, 60)))))
        if kind == "stream":
            return kind, post(chat(user(words(rng.randint(5, 60))), stream=True))
        if kind == "long":
            return kind, post(chat(user(words(rng.randint(200, 1200))), stream=True))
        if kind == "turn":
            if len(history) > 8:
                history.clear()
            history.append({"role": "user", "content": words(20)})
            status, text = self.call("POST", "/v1/chat/completions", chat(history))
            if status == 200:
                history.append({"role": "assistant", "content": json.loads(text)["choices"][0]["message"]["content"] or "."})
            else:
                history.clear()
            return kind, status
        if kind == "two":
            return kind, post(chat(user(words(20)), n=2, seed=rng.randint(0, 99)))
        if kind == "logprobs":
            return kind, post({"prompt": words(40), "max_tokens": 8, "logprobs": 3, "echo": rng.random() < 0.5}, "/v1/completions")
        if kind == "form":
            schema = {"name": "thing", "strict": True, "schema": SCHEMA}
            return kind, post(chat(user("Describe " + words(3)), response_format={"type": "json_schema", "json_schema": schema}))
        if kind == "leave":
            return kind, post(chat(user(words(30)), stream=True, ignore_eos=True), leave_after=rng.randint(50, 2000))
        if kind == "refused":
            if rng.random() < 0.5:
                return kind, post({"messages": [], "temperature": 9})
            return kind, post(chat(user("hello")), key="not-a-key-of-this-service")
        if rng.random() < 0.3:
            return kind, post({"expires_in": 60}, "/v1/tokens")
        return kind, self.call("GET", rng.choice(["/health", "/v1/models", "/metrics"]))[0]


class Process:
    """What a JVM holds."""

    def __init__(self, pid):
        self.pid = pid
        self.jcmd = os.path.join(os.path.dirname(os.path.realpath(f"/proc/{pid}/exe")), "jcmd")

    def ask(self, command):
        return subprocess.run([self.jcmd, str(self.pid), command], capture_output=True, text=True).stdout

    def sample(self):
        self.ask("GC.run")
        heap = self.ask("GC.heap_info")
        bounds = [int(text, 16) for text in re.findall(r"0x[0-9a-f]+", heap)]
        low, high = min(bounds), max(bounds)
        live = sum(int(used) for used in re.findall(r"total \d+K, used (\d+)K", heap)) / 1024
        resident = native = 0
        inside = False
        for line in open(f"/proc/{self.pid}/smaps"):
            if (head := re.match(r"([0-9a-f]+)-([0-9a-f]+) ", line)):
                inside = low <= int(head[1], 16) < high
            elif line.startswith("Rss:"):
                resident += int(line.split()[1])
            elif line.startswith("Anonymous:") and not inside:
                native += int(line.split()[1])
        return resident / 1024, native / 1024, live


def slope(samples):
    """MiB an hour, by least squares over (minutes, MiB)."""
    n = len(samples)
    mean_x, mean_y = sum(x for x, _ in samples) / n, sum(y for _, y in samples) / n
    spread = sum((x - mean_x) ** 2 for x, _ in samples)
    return 60 * sum((x - mean_x) * (y - mean_y) for x, y in samples) / spread if spread else 0.0


def held(callers):
    text = callers.call("GET", "/metrics")[1]
    found = re.search(r'ai_dialog_cache_bytes\{kind="held"\} (\S+)', text)
    return float(found[1]) / 2**20 if found else 0.0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--callers", type=int, default=12)
    parser.add_argument("--options", default="")
    arguments = parser.parse_args()
    port = free_port()
    with tempfile.TemporaryDirectory() as state:
        server = subprocess.Popen(
            [str(ROOT / "ai-dialog-cli"), "serve", "--port", str(port), "--state-dir", state, *shlex.split(arguments.options)],
            env=dict(os.environ, API_KEY=KEY), stdout=subprocess.DEVNULL)
        try:
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                except OSError:
                    if server.poll() is not None:
                        sys.exit(f"serve ended with {server.returncode}")
                    time.sleep(0.1)
            callers, process = Callers(port, arguments.callers), Process(server.pid)
            rows, start = [], time.time()
            print("| minute | resident, MiB | native | live Java heap | keys and values | native without them | answers |")
            print("|---" * 7 + "|", flush=True)
            while time.time() - start < arguments.minutes * 60:
                time.sleep(max(0, min(60, start + arguments.minutes * 60 - time.time())))
                minute = (time.time() - start) / 60
                # before and after, as it moves by the second
                cache = held(callers)
                resident, native, live = process.sample()
                cache = (cache + held(callers)) / 2
                rows.append((minute, resident, native, live, cache, native - cache))
                print("| %.1f | %.0f | %.0f | %.0f | %.0f | %.0f | %d |" % (*rows[-1], sum(callers.answers.values())), flush=True)
            callers.stop.set()
            [t.join(600) for t in callers.threads]
            settled = [row for row in rows if row[0] >= arguments.minutes / 4]
            for index, name in ((1, "resident"), (2, "native"), (3, "live Java heap"), (4, "keys and values"), (5, "native without keys and values")):
                print("%s: first %.0f, last %.0f, least %.0f, most %.0f MiB; slope %+.1f MiB an hour" % (
                    name, settled[0][index], settled[-1][index], min(r[index] for r in settled), max(r[index] for r in settled),
                    slope([(r[0], r[index]) for r in settled])))
            print("answers: " + ", ".join(f"{name}: {count}" for name, count in sorted(callers.answers.items())))
        finally:
            server.terminate()
            server.wait(60)


main()
