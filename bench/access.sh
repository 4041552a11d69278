#!/usr/bin/env bash
# Measures the access check (JMH, sample time): API keys among 10,000 in a file, with and without ranges of addresses, and
# tokens, seen before and not.
#
#   bench/access.sh [JMH OPTIONS]        such as -f 1 -wi 1 -i 1 for a short look, -prof gc for allocation
#
# Prints JMH's table and p50, p99 and p99.9 in microseconds. Keep the machine quiet meanwhile.
set -euo pipefail
cd "$(dirname "$0")/.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
# the plugin takes the JDK that the build found
mvn -B -ntp -q -pl functions test-compile org.codehaus.mojo:exec-maven-plugin:3.5.0:exec -Dexec.classpathScope=test \
  -Dexec.executable=java -Dexec.args="-cp %classpath org.openjdk.jmh.Main AccessBenchmark -foe true \
  -jvmArgs '-Xms512m -Xmx512m' -rf json -rff $out/result.json $*"
python3 - "$out/result.json" <<'PY'
import json, sys
print("\n| access check, µs | p50 | p99 | p99.9 |\n|---|---|---|---|")
for result in json.load(open(sys.argv[1])):
    percentiles = result["primaryMetric"]["scorePercentiles"]
    row = ["%.1f" % percentiles[p] for p in ("50.0", "99.0", "99.9")]
    print("| " + " | ".join([result["benchmark"].rsplit(".", 1)[1]] + row) + " |")
PY
