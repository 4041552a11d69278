#!/usr/bin/env bash
# Measures the engine against llama.cpp on the same checkpoint, in turn, in five rounds: medians, spread, and ratios of medians.
#
#   bench/compare.sh MODEL.gguf [LLAMA_CPP_BIN_FOLDER]
#
# The folder has llama-bench and llama-batched-bench; where it has llama-quantize too, the peer also runs on Q8_0 and BF16 made
# of the same file, and ratios are against the best of all. Without the folder only our own figures.
#
# ROUNDS (default 5) rounds; PRECISIONS (default "int8 bfloat16"); ROWS (default 1,4,8,16,32) that the peer decodes at once.
# Keep the machine quiet meanwhile: the load average is printed. Needs python3 for the medians.
set -euo pipefail
model=$(readlink -f "${1:?usage: bench/compare.sh MODEL.gguf [LLAMA_CPP_BIN_FOLDER]}")
peer=${2:-}
here=$(cd "$(dirname "$0")/.." && pwd)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
threads=$(nproc)
formats=()
if [ -n "$peer" ]; then
  ln -s "$model" "$out/file.gguf"
  formats=(file)
  if [ -x "$peer/llama-quantize" ]; then
    for format in Q8_0 BF16; do
      "$peer/llama-quantize" --allow-requantize "$model" "$out/$format.gguf" "$format" >"$out/quantize.log" 2>&1 ||
        { cat "$out/quantize.log" >&2; exit 1; }
      formats+=("$format")
    done
  fi
fi
for round in $(seq "${ROUNDS:-5}"); do
  for precision in ${PRECISIONS:-int8 bfloat16}; do
    echo "round $round: ai-dialog $precision" >&2
    "$here/ai-dialog-cli" bench --model "$model" --precision "$precision" --json >"$out/ours.$precision.$round" 2>"$out/log" ||
      { cat "$out/log" >&2; exit 1; }
  done
  for format in "${formats[@]}"; do
    echo "round $round: llama.cpp $format" >&2
    "$peer/llama-bench" -m "$out/$format.gguf" -p 128,512 -n 0 -t "$threads" -r 3 -o json >"$out/prefill.$format.$round" 2>"$out/log" ||
      { cat "$out/log" >&2; exit 1; }
    # decode at a context of 224 to 256 tokens, as our own bench does
    "$peer/llama-batched-bench" -m "$out/$format.gguf" -c 16384 -b 2048 -ub 512 -npp 224 -ntg 32 -npl "${ROWS:-1,4,8,16,32}" \
      -t "$threads" --output-format jsonl 2>"$out/log" | grep '^{' >"$out/decode.$format.$round" || { cat "$out/log" >&2; exit 1; }
  done
  cut -d' ' -f1 /proc/loadavg >>"$out/load"
done
python3 - "$out" <<'PY'
import collections, glob, json, statistics, sys
out = sys.argv[1]
figures = collections.defaultdict(lambda: collections.defaultdict(list))
for path in sorted(glob.glob(out + "/ours.*")):
    r = json.load(open(path))
    row = figures["ai-dialog " + r["precision"]]
    for kind in ("prefill", "decode"):
        for k, v in r[kind].items():
            row[kind + " " + k].append(v)
    row["memory MiB"].append(r["rss_mib"])
    row["load s"].append(r["load_s"])
for path in sorted(glob.glob(out + "/prefill.*")):
    for r in json.load(open(path)):
        figures["llama.cpp " + path.split(".")[-2]]["prefill %d" % r["n_prompt"]].append(r["avg_ts"])
for path in sorted(glob.glob(out + "/decode.*")):
    for line in open(path):
        r = json.loads(line)
        figures["llama.cpp " + path.split(".")[-2]]["decode %d" % r["pl"]].append(r["speed_tg"])
columns = list(figures)
ours = [c for c in columns if c.startswith("ai-dialog")]
peers = [c for c in columns if not c.startswith("ai-dialog")]
print("| tokens/s, median (min–max) | " + " | ".join(columns + (["ours best / theirs best"] if peers else [])) + " |")
print("|---" * (len(columns) + 1 + bool(peers)) + "|")
for row in figures[ours[0]]:
    cells = []
    for column in columns:
        v = figures[column].get(row)
        cells.append("%.1f (%.1f–%.1f)" % (statistics.median(v), min(v), max(v)) if v else "")
    if peers:
        best = [max([statistics.median(figures[c][row]) for c in side if figures[c].get(row)], default=None) for side in (ours, peers)]
        cells.append("%.2f" % (best[0] / best[1]) if best[1] else "")
    print("| " + row + " | " + " | ".join(cells) + " |")
print("\nload average after each round:", " ".join(open(out + "/load").read().split()))
PY
