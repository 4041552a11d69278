#!/usr/bin/env bash
# Measures the engine against llama.cpp on the same checkpoint, in turn, several rounds, and prints medians and ratios.
#
#   bench/compare.sh MODEL.gguf [LLAMA_CPP_BIN_FOLDER]
#
# ROUNDS (default 3) rounds; PRECISIONS (default "float32 bfloat16"). Without the second argument only our own figures.
# Keep the machine quiet meanwhile. Needs python3 for the medians.
set -euo pipefail
model=$(readlink -f "${1:?usage: bench/compare.sh MODEL.gguf [LLAMA_CPP_BIN_FOLDER]}")
peer=${2:-}
here=$(cd "$(dirname "$0")/.." && pwd)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
threads=$(nproc)
for round in $(seq "${ROUNDS:-3}"); do
  for precision in ${PRECISIONS:-float32 bfloat16}; do
    echo "round $round: ai-dialog $precision" >&2
    "$here/ai-dialog-cli" bench --model "$model" --precision "$precision" --json >"$out/ours.$precision.$round" 2>/dev/null
  done
  if [ -n "$peer" ]; then
    echo "round $round: llama.cpp" >&2
    "$peer/llama-bench" -m "$model" -p 128,512 -n 0 -t "$threads" -r 3 -o json >"$out/prefill.$round" 2>/dev/null
    # decode at a context of 224 to 256 tokens, as our own bench does
    "$peer/llama-batched-bench" -m "$model" -c 16384 -b 2048 -ub 512 -npp 224 -ntg 32 -npl 1,4,8,16,32 -t "$threads" \
      --output-format jsonl 2>/dev/null | grep '^{' >"$out/decode.$round"
  fi
done
python3 - "$out" <<'PY'
import collections, glob, json, statistics, sys
figures = collections.defaultdict(lambda: collections.defaultdict(list))
for path in glob.glob(sys.argv[1] + "/ours.*"):
    r = json.load(open(path))
    row = figures["ai-dialog " + r["precision"]]
    for k, v in r["prefill"].items():
        row["prefill " + k].append(v)
    for k, v in r["decode"].items():
        row["decode " + k].append(v)
    row["memory MiB"].append(r["rss_mib"])
    row["load s"].append(r["load_s"])
for path in glob.glob(sys.argv[1] + "/prefill.*"):
    for r in json.load(open(path)):
        figures["llama.cpp, the file"]["prefill %d" % r["n_prompt"]].append(r["avg_ts"])
for path in glob.glob(sys.argv[1] + "/decode.*"):
    for line in open(path):
        r = json.loads(line)
        figures["llama.cpp, the file"]["decode %d" % r["pl"]].append(r["speed_tg"])
columns = list(figures)
rows = list(next(iter(figures.values())))
print("| tokens/s, median (min–max) | " + " | ".join(columns) + " |")
print("|---" * (len(columns) + 1) + "|")
for row in rows:
    cells = []
    for column in columns:
        v = figures[column].get(row)
        cells.append("%.1f (%.1f–%.1f)" % (statistics.median(v), min(v), max(v)) if v else "")
    print("| " + row + " | " + " | ".join(cells) + " |")
PY
