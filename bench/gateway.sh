#!/usr/bin/env bash
# Measures `serve --upstream` and LiteLLM's proxy in front of the same OpenAI-compatible upstream, in turn, with wrk at 50
# connections: requests per second, latency, errors, memory and CPU time of the proxy.
#
#   UPSTREAM=http://127.0.0.1:9100 bench/gateway.sh
#   UPSTREAM=http://127.0.0.1:9100 UPSTREAM_COMMAND='…' bench/gateway.sh    starts the upstream, and stops it at the end
#
# The upstream must answer at once and always the same, or it is what is measured. ROUNDS (default 5) rounds; SECONDS_EACH
# (15) for each measurement after WARM_UP (10) seconds of the same load; CONNECTIONS (50); MODEL (mock), what is asked for;
# SIDES, of "ai-dialog litellm-1 litellm-2", and "ai-dialog-limited" for a key made with LIMITS (options of `keys create`).
# Needs wrk (apt install wrk) and python3 with venv; LiteLLM is installed once into ~/.cache/ai-dialog/bench.
# Keep the machine quiet meanwhile.
set -euo pipefail
: "${UPSTREAM:?the address of an OpenAI-compatible server, such as http://127.0.0.1:9100}"
here=$(cd "$(dirname "$0")" && pwd)
litellm=1.101.6
venv=${XDG_CACHE_HOME:-$HOME/.cache}/ai-dialog/bench/litellm-$litellm
command -v wrk >/dev/null || { echo "wrk is not installed (Debian: apt install wrk)" >&2; exit 1; }
if [ ! -e "$venv/installed" ]; then
  echo "installing LiteLLM $litellm into $venv" >&2
  python3 -m venv "$venv"
  "$venv/bin/pip" -q install "litellm[proxy]==$litellm"
  touch "$venv/installed"
fi
"$here/../ai-dialog-cli" --version >&2 # builds it where needed
if [ -n "${UPSTREAM_COMMAND:-}" ]; then
  sh -c "exec $UPSTREAM_COMMAND" >/dev/null 2>&1 &
  upstream=$!
  trap 'kill $upstream' EXIT
fi
LITELLM=$venv/bin/litellm python3 "$here/gateway.py"
