#!/usr/bin/env bash
# Measures what holding an answer to a schema costs each token, with the default model's vocabulary (fetched where it is not
# there).
#
#   bench/grammar.sh
#
# Prints a table in microseconds. Keep the machine quiet meanwhile.
set -euo pipefail
cd "$(dirname "$0")/.."
mvn -B -ntp -q -pl local-gpu-runner -am -DskipTests -Ddialog.lambda.skip=true package
cd local-gpu-runner/target
exec java --enable-native-access=ALL-UNNAMED -Xmx1g -cp 'ai-dialog.jar:lib/*:test-classes' ai.dialog.runner.grammar.GrammarBenchmark
