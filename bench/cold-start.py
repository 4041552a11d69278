#!/usr/bin/env python3
"""Plays AWS Lambda's Runtime API and an instant model server for cold-start.sh; no code of the product.

cold-start.py start REPETITIONS NAME=FOLDER:COMMAND ...   process start to first poll, interleaved; JSON lines
cold-start.py warm REQUESTS FOLDER COMMAND                the gateway path's own share of a warm request
"""
import json, os, socket, statistics, subprocess, sys, threading, time

MODEL = "/v1/chat/completions"
EVENT = json.dumps({
    "httpMethod": "POST", "path": MODEL,
    "headers": {"Authorization": "Bearer sk-bench-0123456789abcdef", "Content-Type": "application/json"},
    "requestContext": {"stage": "prod", "identity": {"sourceIp": "203.0.113.45"}},
    "body": json.dumps({"stream": True, "messages": [{"role": "user", "content": "What is the capital of France?"}]}),
})


def listen():
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("127.0.0.1", 0))
    server.listen(50)
    server.settimeout(120)
    return server, "127.0.0.1:%d" % server.getsockname()[1]


def launch(folder, command, api, upstream):
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "JAVA_"))}
    environment.update(
        LAMBDA_TASK_ROOT=folder, AWS_LAMBDA_RUNTIME_API=api, INFERENCE_URL=upstream, API_KEY="sk-bench-0123456789abcdef",
        KEYS_FOLDER=os.path.join(os.environ.get("TMPDIR", "/tmp"), "cold-start-keys"), _HANDLER=os.environ.get("_HANDLER", ""),
        AWS_REGION="eu-central-1", AWS_LAMBDA_FUNCTION_NAME="chat", AWS_LAMBDA_FUNCTION_VERSION="1",
        AWS_LAMBDA_LOG_GROUP_NAME="g", AWS_LAMBDA_LOG_STREAM_NAME="s", AWS_LAMBDA_FUNCTION_MEMORY_SIZE="1024")
    return subprocess.Popen(["sh", "-c", "exec " + command], cwd=folder, env=environment,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def head(connection):
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            raise OSError("closed")
        data += more
    return data.split(b"\r\n\r\n", 1)


def start(folder, command):
    server, api = listen()
    begun = time.monotonic()
    process = launch(folder, command, api, "http://127.0.0.1:9")
    try:
        connection, _ = server.accept()
        connection.recv(100)
        seconds = time.monotonic() - begun
        fields = open("/proc/%d/stat" % process.pid).read().rsplit(")", 1)[1].split()
        cpu = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        rss = next(int(line.split()[1]) for line in open("/proc/%d/status" % process.pid) if line.startswith("VmRSS"))
        return {"seconds": seconds, "cpu": cpu, "rss_mb": rss * 1024 / 1e6}
    finally:
        process.kill()
        process.wait()
        server.close()


def upstream(server, spent):
    """Answers at once; notes the time from the request's arrival to the answer's end, which is not the gateway's."""
    def serve(connection):
        with connection:
            try:
                while True:
                    first, rest = head(connection)
                    at = time.perf_counter()
                    length = [int(l.split(b":")[1]) for l in first.lower().split(b"\r\n") if l.startswith(b"content-length:")]
                    while length and len(rest) < length[0]:
                        rest += connection.recv(65536)
                    if MODEL.encode() in first.split(b"\r\n")[0]:
                        events = ['{"choices":[{"index":0,"delta":{"content":"Paris"},"finish_reason":"stop"}]}', "[DONE]"]
                        body, kind = "".join("data: %s\n\n" % e for e in events).encode(), b"text/event-stream"
                    else:
                        body, kind = b'{"data":[{"id":"m","created":1,"owned_by":"o","context_length":8192}]}', b"application/json"
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s" % (kind, len(body), body))
                    spent.append(time.perf_counter() - at)
            except (OSError, ValueError):
                return
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=serve, args=(connection,), daemon=True).start()


def warm(requests, folder, command):
    model, address = listen()
    model.settimeout(None)
    spent, shares = [], []
    threading.Thread(target=upstream, args=(model, spent), daemon=True).start()
    server, api = listen()
    process = launch(folder, command, api, "http://" + address)
    event = EVENT.encode()
    try:
        for number in range(requests):
            poll, _ = server.accept()
            head(poll)
            spent.clear()
            begun = time.perf_counter()
            poll.sendall(b"HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: r-%d\r\nLambda-Runtime-Deadline-Ms: %d\r\n"
                         b"Content-Length: %d\r\n\r\n%s" % (number, time.time() * 1000 + 60000, len(event), event))
            poll.close()
            answer, _ = server.accept()
            _, data = head(answer)
            while not data.endswith(b"0\r\n\r\n"):
                data += answer.recv(65536)
            whole = time.perf_counter() - begun
            assert b"Paris" in data, data
            answer.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
            answer.close()
            shares.append((whole - sum(spent)) * 1000)
    finally:
        process.kill()
        process.wait()
    settled = sorted(shares[requests // 10:])
    return {"requests": len(settled), "first_ms": shares[0], "p50_ms": statistics.median(settled),
            "p99_ms": settled[int(len(settled) * 0.99)], "max_ms": settled[-1]}


if sys.argv[1] == "start":
    for repetition in range(int(sys.argv[2])):
        for each in sys.argv[3:]:
            name, rest = each.split("=", 1)
            folder, command = rest.split(":", 1)
            print(json.dumps({"name": name, **start(folder, command)}), flush=True)
elif sys.argv[1] == "warm":
    print(json.dumps(warm(int(sys.argv[2]), sys.argv[3], sys.argv[4])), flush=True)
elif sys.argv[1] == "table":
    rows = {}
    for line in sys.stdin:
        row = json.loads(line)
        rows.setdefault(row["name"], []).append(row)
    print("| start | n | to first poll, median s | lowest - highest | processor time, median s | resident, MB |\n|---|---|---|---|---|---|")
    for name, all in rows.items():
        times = sorted(r["seconds"] for r in all)
        print("| %s | %d | %.2f | %.2f - %.2f | %.2f | %.0f |" % (
            name, len(all), statistics.median(times), times[0], times[-1],
            statistics.median(r["cpu"] for r in all), statistics.median(r["rss_mb"] for r in all)))
