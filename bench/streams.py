#!/usr/bin/env python3
"""Many streamed chats at once over HTTP: this service and llama.cpp's server, in turn, on the same machine.

    bench/streams.py [--rounds 5] [--streams 50] [--tokens 64] [--temperature 0] [--top-p 1] [--options "--precision int8"]...
                     [--peer LLAMA_SERVER --peer-model FILE.gguf...]

Each --options is one contestant of ours (without any: the defaults), each --peer-model one of llama-server's. In every round each is started on a
free port of the loopback address, asked once for a warm-up, and then by all streams at once: a prompt of about 70 tokens that begins
with other words in each stream, so that no cache helps, and as many tokens as asked for, whatever they are. Prints medians (least to most) of
tokens a second of all streams together, of the first token's p50 and p99, of the resident memory after it, and of the time from the start of the
process to its first token. llama-server runs with as many slots as there are streams (at least 32), and with continuous batching.
"""
import argparse, json, os, pathlib, random, shlex, socket, statistics, subprocess, sys, tempfile, threading, time

ROOT = pathlib.Path(__file__).resolve().parent.parent
KEY = "bench-" + os.urandom(12).hex()
WORDS = ("river stone morning garden letter window bridge winter summer paper silver music market candle harbour forest island "
         "teacher doctor engine number colour butter travel answer question picture village mountain kitchen blanket").split()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def ask(port, prompt, tokens, sampling, result):
    """Streams one chat; puts [time of each event with text] and the usage into result."""
    body = json.dumps({
        "model": "default", "max_tokens": tokens, **sampling, "stream": True, "ignore_eos": True,
        "cache_prompt": False, "stream_options": {"include_usage": True},
        "messages": [{"role": "user", "content": prompt}]}).encode()
    head = (f"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {KEY}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n").encode()
    times, usage, start = [], None, time.perf_counter()
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=600) as s:
            s.sendall(head + body)
            stream = s.makefile("rb")
            status = stream.readline()
            if b" 200 " not in status:
                raise OSError(status.decode().strip() + " " + stream.read(2000).decode(errors="replace"))
            for line in stream:
                if not line.startswith(b"data: {"):
                    continue
                if b'"content":"' in line and b'"content":""' not in line:
                    times.append(time.perf_counter() - start)
                if b'"completion_tokens"' in line:
                    usage = json.loads(line[6:]).get("usage") or usage
    except OSError as e:
        result.append((str(e), [], None))
        return
    result.append((None, times, usage))


def prompt(seed):
    words = random.Random(seed)
    return " ".join(words.choice(WORDS) for _ in range(36)) + ". Write a story about it."


def resident(pid):
    """MiB of a process and those that it started."""
    total = 0
    for entry in os.listdir("/proc"):
        try:
            if entry.isdigit() and (int(entry) == pid or int(open(f"/proc/{entry}/stat").read().rsplit(")", 1)[1].split()[1]) == pid):
                total += int(open(f"/proc/{entry}/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, ValueError):
            pass
    return total / 2**20


def measure(command, streams, tokens, sampling, seed):
    port = free_port()
    with tempfile.TemporaryDirectory() as state:
        started = time.perf_counter()
        server = subprocess.Popen([part.format(port=port, state=state) for part in command],
                                  env=dict(os.environ, API_KEY=KEY), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while True:  # the first token
                first = []
                ask(port, prompt(-1), 2, sampling, first)
                if first[0][0] is None:
                    break
                if server.poll() is not None:
                    sys.exit(f"{command[0]} ended with {server.returncode}")
                if time.perf_counter() - started > 600:
                    sys.exit(f"{command[0]} is not ready after ten minutes: {first[0][0]}")
                time.sleep(0.05)
            ready = time.perf_counter() - started
            for warm in (True, False):
                results = []
                threads = [threading.Thread(target=ask, args=(port, prompt(seed * 1000 + i + 500 * warm), tokens, sampling, results))
                           for i in range(streams)]
                begin = time.perf_counter()
                [t.start() for t in threads]
                [t.join() for t in threads]
                seconds = time.perf_counter() - begin
            failed = [r[0] for r in results if r[0]]
            if failed:
                sys.exit(f"{len(failed)} of {streams} streams failed: {failed[0]}")
            firsts = sorted(r[1][0] for r in results)
            return {
                "tokens/s": sum(r[2]["completion_tokens"] for r in results) / seconds,
                "first token p50, s": firsts[len(firsts) // 2],
                "first token p99, s": firsts[min(len(firsts) - 1, len(firsts) * 99 // 100)],
                "memory, MiB": resident(server.pid),
                "start to first token, s": ready,
                "prompt tokens": statistics.mean(r[2]["prompt_tokens"] for r in results),
            }
        finally:
            server.terminate()
            server.wait(60)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--streams", type=int, default=50)
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--temperature", type=float, default=0)
    parser.add_argument("--top-p", type=float, default=1)
    parser.add_argument("--options", action="append")
    parser.add_argument("--peer")
    parser.add_argument("--peer-model", action="append", default=[])
    arguments = parser.parse_args()
    contestants = {}
    for options in arguments.options or [""]:
        contestants["ai-dialog " + options] = [
            str(ROOT / "ai-dialog-cli"), "serve", "--port", "{port}", "--state-dir", "{state}", *shlex.split(options)]
    for model in arguments.peer_model:
        contestants["llama-server " + pathlib.Path(model).name] = [
            arguments.peer, "-m", model, "--host", "127.0.0.1", "--port", "{port}", "-np", str(max(32, arguments.streams)), "-c", str(512 * max(32, arguments.streams)), "-cb",
            "-t", str(os.cpu_count()), "--api-key", KEY]
    sampling = {"temperature": arguments.temperature, "top_p": arguments.top_p}
    figures = {name: [] for name in contestants}
    for round_ in range(arguments.rounds):
        for name, command in contestants.items():
            print(f"round {round_ + 1}: {name}", file=sys.stderr, flush=True)
            figures[name].append(measure(command, arguments.streams, arguments.tokens, sampling, round_))
    print("| median (min–max) | " + " | ".join(contestants) + " |")
    print("|---" * (len(contestants) + 1) + "|")
    for row in next(iter(figures.values()))[0]:
        cells = []
        for name in contestants:
            values = [figure[row] for figure in figures[name]]
            cells.append("%.4g (%.4g–%.4g)" % (statistics.median(values), min(values), max(values)))
        print("| " + row + " | " + " | ".join(cells) + " |")


main()
