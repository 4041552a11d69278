#!/bin/sh
# Time from `docker run` to the first answer of /health and to its first 200, and the process' CPU time and memory then: with and
# without the cache of classes, with an empty state volume (the model is converted first) and with a used one.
# Usage: bench/container.sh IMAGE MODELS_FOLDER [ROUNDS]
set -eu
image=$1
models=$2
rounds=${3:-5}
name=ai-dialog-bench-$$
trap 'docker rm -f "$name" >/dev/null 2>&1 || true; docker volume rm -f "$name" >/dev/null 2>&1 || true' EXIT

now() { date +%s%3N; }

start() { # java options
  begun=$(now)
  docker run -d --name "$name" --read-only --tmpfs /tmp --cap-drop ALL -p 127.0.0.1::18789 -e API_KEY=for-the-benchmark \
    -e AI_DIALOG_JAVA_OPTS="$1" -v "$models":/models:ro -v "$name":/state "$image" >/dev/null
  url=http://$(docker port "$name" 18789 | head -n 1)
  listening=
  tries=0
  while :; do
    tries=$((tries + 1))
    # seldom, for Docker's answer takes as long as half a pause between two tries
    if [ $((tries % 20)) = 0 ] && [ "$(docker inspect -f '{{.State.Running}}' "$name")" != true ]; then
      echo "the container ended with exit code $(docker inspect -f '{{.State.ExitCode}}' "$name"); its last lines:" >&2
      docker logs --tail 5 "$name" >&2
      exit 1
    fi
    status=$(curl -s -o /dev/null -w '%{http_code}' "$url/health" || true)
    if [ "$status" != 000 ] && [ -z "$listening" ]; then listening=$(now); fi
    if [ "$status" = 200 ]; then break; fi
    sleep 0.05
  done
  healthy=$(now)
  memory=$(docker exec "$name" sh -c "grep VmRSS /proc/1/status" | tr -dc 0-9)
  # user and system time, in the kernel's 10 ms
  cpu=$(docker exec "$name" cat /proc/1/stat | awk '{ print ($14 + $15) * 10 }')
  printf '%s\t%s\t%s\t%s\t%s\n' "$2" "$((listening - begun))" "$((healthy - begun))" "$cpu" "$((memory / 1024))"
  docker rm -f "$name" >/dev/null
}

printf 'what\tlistening_ms\thealthy_ms\tcpu_ms\trss_mib\n'
round=0
while [ "$round" -lt "$rounds" ]; do
  for cache in auto off; do
    docker volume rm -f "$name" >/dev/null 2>&1 || true
    start "-XX:AOTMode=$cache" "converting,cache=$cache"
    start "-XX:AOTMode=$cache" "converted,cache=$cache"
  done
  round=$((round + 1))
done
