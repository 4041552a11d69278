#!/bin/sh
# What cdk.json starts: finds a JDK 25 as ../ai-dialog-cli does (Maven finds its own by toolchains) and runs the app.
set -eu
cd "$(dirname "$0")"

is_jdk25() { [ -x "$1/bin/java" ] && [ -r "$1/release" ] && grep -q '^JAVA_VERSION="25' "$1/release"; }

find_jdk() {
  java=$(command -v java || true)
  for home in "${JAVA_HOME:-}" "${java:+$(dirname "$(dirname "$(readlink -f "$java")")")}" \
    /usr/lib/jvm/* /usr/java/* /opt/*jdk* /opt/java/* /Library/Java/JavaVirtualMachines/*/Contents/Home \
    "${HOME:-/}"/.sdkman/candidates/java/* "${HOME:-/}"/.jdks/* "${HOME:-/}"/.local/share/mise/installs/java/*; do
    if is_jdk25 "$home"; then printf '%s' "$home"; return; fi
  done
}

jdk=$(find_jdk)
if [ -z "$jdk" ]; then
  echo "ai-dialog: no JDK 25 found: install one, or set JAVA_HOME to it" >&2
  exit 2
fi
if [ ! -f target/classpath.txt ]; then
  echo "ai-dialog: the app is not built: mvn -f ../pom.xml -Dmaven.test.skip=true -pl functions,local-gpu-runner,infra-cdk -am package" >&2
  exit 2
fi
exec "$jdk/bin/java" -cp "target/classes:$(cat target/classpath.txt)" ai.dialog.cloud.CloudApp
