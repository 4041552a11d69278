#!/usr/bin/env bash
# How long the chat function takes from process start to its first poll for an event, in seven ways of starting it, and the
# gateway path's own share of a warm request. Needs functions/target (mvn -pl functions -am package -DskipTests), a JDK 25, python3.
# usage: bench/cold-start.sh [REPETITIONS [WARM_REQUESTS]]
set -euo pipefail
cd "$(dirname "$0")/.."
repetitions=${1:-7}
requests=${2:-2000}
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
"$java" -version 2>&1 | grep -q 'version "25' || { echo "this needs a JDK 25: set JAVA_HOME to one" >&2; exit 1; }
zip=functions/target/chat-runtime.zip
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR=$work

mkdir "$work/task" "$work/managed"
unzip -q "$zip" -d "$work/task"
unzip -q functions/target/functions-lambda.zip -d "$work/managed"
for artifact in aws-lambda-java-runtime-interface-client:2.9.0 aws-lambda-java-serialization:1.2.0; do
  mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy -Dartifact="com.amazonaws:$artifact" \
    -DoutputDirectory="$work/managed/lib" >/dev/null
done

unpacked=$(du -sb "$work/task" | cut -f1)

cd "$work/task"
main=ai.dialog.functions.aws.runtime.ChatRuntime
path=$(grep '^-cp ' java.options | cut -c5-)
usual="$java -cp $path"
quick="$java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp $path"
aot="-Dspring.aot.enabled=true"
record() { # a start whose Runtime API is not there: it ends by itself, and the JVM writes what it was told to
  INFERENCE_URL=http://127.0.0.1:9 API_KEYS_SECRET_ARN=arn:keys PUBLIC_KEYS_SECRET_ARN=arn:public \
    INFERENCE_KEY_SECRET_ARN=arn:key AWS_REGION=eu-central-1 AWS_ENDPOINT_URL=http://127.0.0.1:9 \
    AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x AWS_LAMBDA_RUNTIME_API=127.0.0.1:1 "$@" >/dev/null 2>&1 || true
}
# shellcheck disable=SC2086
record $quick -XX:ArchiveClassesAtExit=app.jsa $main
# shellcheck disable=SC2086
record $quick -XX:AOTCacheOutput=app.aot $main

export _HANDLER=ai.dialog.functions.aws.ChatHandler::handleRequest
python3 "$OLDPWD/bench/cold-start.py" start "$repetitions" \
  "plain=$work/task:$usual $main" \
  "quick compiler (C1), serial collector=$work/task:$quick $main" \
  "C1 and AppCDS=$work/task:$quick -XX:SharedArchiveFile=app.jsa $main" \
  "C1 and AOT cache=$work/task:$quick -XX:AOTCache=app.aot $main" \
  "C1 and Spring AOT=$work/task:$quick $aot $main" \
  "shipped: bootstrap (C1, Spring AOT, AOT cache of real chats, jlinked runtime)=$work/task:./bootstrap" \
  "the same function on Spring's adapter and AWS's runtime interface client, plain=$work/managed:$java -cp .:lib/* com.amazonaws.services.lambda.runtime.api.client.AWSLambda $_HANDLER" |
  tee "$work/starts.jsonl" | cut -c1-100 >&2
python3 "$OLDPWD/bench/cold-start.py" table <"$work/starts.jsonl"
echo "package: $(stat -c %s "$OLDPWD/$zip") bytes, unpacked $unpacked"
echo "warm: $(python3 "$OLDPWD/bench/cold-start.py" warm "$requests" "$work/task" ./bootstrap)"
