"""The measurement behind gateway.sh, which says how it is set."""

import collections, json, os, re, shutil, signal, socket, statistics, subprocess, sys, tempfile, time, urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
CLI = os.path.join(HERE, "..", "ai-dialog-cli")
UPSTREAM = os.environ["UPSTREAM"].rstrip("/")
MODEL = os.environ.get("MODEL", "mock")
ROUNDS = int(os.environ.get("ROUNDS", "5"))
SECONDS = int(os.environ.get("SECONDS_EACH", "15"))
WARM_UP = int(os.environ.get("WARM_UP", "10"))
CONNECTIONS = os.environ.get("CONNECTIONS", "50")
LIMITS = os.environ.get("LIMITS", "").split()
SIDES = os.environ.get("SIDES", "ai-dialog litellm-1 litellm-2" + (" ai-dialog-limited" if LIMITS else "")).split()

# What LiteLLM's page on production says, without what needs a database: no debug or access log, no telemetry.
LITELLM_CONFIG = """
model_list:
  - model_name: %s
    litellm_params: {model: openai/%s, api_base: %s/v1, api_key: none}
litellm_settings: {telemetry: false, set_verbose: false, request_timeout: 600}
general_settings: {master_key: sk-of-the-benchmark}
""" % (MODEL, MODEL, UPSTREAM)
QUIET = {"version": 1, "disable_existing_loggers": False, "loggers": {n: {"level": "ERROR"} for n in ("uvicorn", "uvicorn.access", "uvicorn.error")}}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def start(side, folder):
    """The process, its address and its key."""
    port = free_port()
    base = "http://127.0.0.1:%d" % port
    log = open(os.path.join(folder, "log"), "w")
    environment = dict(os.environ)
    for name in ("API_KEY", "INFERENCE_API_KEY"):
        environment.pop(name, None)
    if side.startswith("litellm-"):
        config, quiet = os.path.join(folder, "config.yaml"), os.path.join(folder, "log.json")
        open(config, "w").write(LITELLM_CONFIG)
        json.dump(QUIET, open(quiet, "w"))
        environment.update(LITELLM_LOG="ERROR", LITELLM_MODE="PRODUCTION", LITELLM_LOCAL_MODEL_COST_MAP="True")
        command = [os.environ["LITELLM"], "--config", config, "--host", "127.0.0.1", "--port", str(port),
                   "--num_workers", side.split("-")[1], "--timeout_worker_healthcheck", "60", "--telemetry", "False", "--log_config", quiet]
        key = "sk-of-the-benchmark"
    else:
        state = os.path.join(folder, "state")
        options = LIMITS if side == "ai-dialog-limited" else None
        if options is not None:
            key = subprocess.check_output([CLI, "keys", "create", "--owner", "bench", "--state-dir", state] + options, text=True).strip()
        command = [CLI, "serve", "--upstream", UPSTREAM, "--port", str(port), "--state-dir", state]
    process = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
    await_up(base + ("/health/liveliness" if side.startswith("litellm-") else "/health"), process, log.name)
    if side == "ai-dialog":
        key = re.search(r"sk-dialog-[a-z0-9-]+", open(log.name).read()).group()
    return process, base + "/v1/chat/completions", key


def await_up(url, process, log):
    end = time.monotonic() + 180
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).read()
            return
        except OSError:
            time.sleep(0.5)
    stop(process)
    sys.exit("it did not start:\n" + open(log).read())


def stop(process):
    try:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)
        # workers that outlive their parent
        os.killpg(process.pid, signal.SIGKILL)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    except ProcessLookupError:
        pass


def of_session(leader):
    """CPU seconds and resident MiB of every process that a side runs."""
    cpu = resident = 0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            fields = open("/proc/%s/stat" % pid).read().rsplit(")", 1)[1].split()
            if int(fields[3]) == leader:
                cpu += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
                resident += int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / 2**20
        except (FileNotFoundError, ProcessLookupError):
            pass
    return cpu, resident


def one_answer(url, key, stream):
    """The length of one answer with its head, after a look at what it says."""
    body = json.dumps({"model": MODEL, "stream": stream, "messages": [{"role": "user", "content": "What is the capital of France?"}]})
    request = urllib.request.Request(url, body.encode(), {"Authorization": "Bearer " + key, "Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as response:
        text = response.read().decode()
        head = sum(len(n) + len(v) + 4 for n, v in response.getheaders())
    if ("[DONE]" not in text) if stream else (not json.loads(text)["choices"][0]["message"]["content"]):
        sys.exit("no answer: " + text[:500])
    return len(text) + head


def load(url, key, stream, seconds):
    environment = dict(os.environ, KEY=key, MODEL=MODEL, STREAM="1" if stream else "0")
    out = subprocess.check_output(["wrk", "-t2", "-c" + CONNECTIONS, "-d%ds" % seconds, "--timeout", "30s", "-s", os.path.join(HERE, "chat.lua"), url],
                                  env=environment, text=True)
    return json.loads(out.strip().splitlines()[-1])


def measure(side, stream, process, url, key):
    answer = one_answer(url, key, stream)
    load(url, key, stream, WARM_UP)
    before, _ = of_session(process.pid)
    seen = load(url, key, stream, SECONDS)
    after, resident = of_session(process.pid)
    # an answer that broke off, or an error within a stream, is shorter than a whole one
    short = seen["bytes"] < 0.97 * answer * seen["requests"]
    return {"requests/s": seen["requests"] / seen["seconds"], "p50 ms": seen["p50"], "p99 ms": seen["p99"], "p99.9 ms": seen["p999"],
            "errors": seen["errors"] + short, "CPU ms a request": 1000 * (after - before) / seen["requests"], "memory MiB": resident}


def show(figures):
    for stream in (False, True):
        rows = {side: figures[side, stream] for side in SIDES}
        names = list(next(iter(rows.values()))[0])
        print("\n| %s, median (min–max) of %d rounds | %s |" % ("streamed" if stream else "whole answers", ROUNDS, " | ".join(SIDES)))
        print("|---" * (len(SIDES) + 1) + "|")
        for name in names:
            cells = []
            for side in SIDES:
                v = [r[name] for r in rows[side]]
                form = "%.2f" if "CPU" in name else "%.0f" if max(v) >= 100 or name == "errors" else "%.1f"
                cells.append((form + " (" + form + "–" + form + ")") % (statistics.median(v), min(v), max(v)))
            print("| %s | %s |" % (name, " | ".join(cells)))
        for peer in [s for s in SIDES if s.startswith("litellm-")]:
            for ours in [s for s in SIDES if s.startswith("ai-dialog")]:
                ratios = [a["requests/s"] / b["requests/s"] for a, b in zip(rows[ours], rows[peer])]
                print("%s serves %.1f (%.1f–%.1f) times the requests/s of %s" % (ours, statistics.median(ratios), min(ratios), max(ratios), peer))


def main():
    figures = collections.defaultdict(list)
    for number in range(ROUNDS):
        # in turn, and every second round the other way round
        for side in SIDES if number % 2 == 0 else reversed(SIDES):
            folder = tempfile.mkdtemp()
            process, url, key = start(side, folder)
            try:
                for stream in (False, True):
                    figures[side, stream].append(measure(side, stream, process, url, key))
                    print("round %d, %s, %s: %s, load average %.1f" % (number + 1, side, "streamed" if stream else "whole",
                          ", ".join("%s %.4g" % f for f in figures[side, stream][-1].items()), os.getloadavg()[0]), file=sys.stderr)
            finally:
                stop(process)
                shutil.rmtree(folder, ignore_errors=True)
    show(figures)


main()
