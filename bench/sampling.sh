#!/usr/bin/env bash
# Measures what choosing the next tokens costs beside the step that scores them, with the default model (fetched where it is not
# there, converted to a temporary folder).
#
#   JAVA_HOME=… bench/sampling.sh [ROWS…]          a JDK 25; without any: 32 and 50
#
# Prints tables in milliseconds a step, of all rows together. Keep the machine quiet meanwhile.
set -euo pipefail
cd "$(dirname "$0")/.."
mvn -B -ntp -q -pl local-gpu-runner -am -DskipTests -Ddialog.lambda.skip=true package
cd local-gpu-runner/target
exec "${JAVA_HOME:?a JDK 25}/bin/java" -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED -Xmx1g -cp 'ai-dialog.jar:lib/*:test-classes' \
  ai.dialog.runner.scheduler.SamplingBenchmark "$@"
