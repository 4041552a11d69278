#!/usr/bin/env bash
# Measures what holding an answer to a schema costs each token, with the default model's vocabulary (fetched where it is not
# there).
#
#   JAVA_HOME=… bench/grammar.sh          a JDK 25
#
# Prints a table in microseconds. Keep the machine quiet meanwhile.
set -euo pipefail
cd "$(dirname "$0")/.."
mvn -B -ntp -q -pl local-gpu-runner -am -DskipTests -Ddialog.lambda.skip=true package
cd local-gpu-runner/target
exec "${JAVA_HOME:?a JDK 25}/bin/java" --enable-native-access=ALL-UNNAMED -Xmx1g -cp 'ai-dialog.jar:lib/*:test-classes' \
  ai.dialog.runner.grammar.GrammarBenchmark
