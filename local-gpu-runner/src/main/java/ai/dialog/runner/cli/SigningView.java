package ai.dialog.runner.cli;

import ai.dialog.functions.access.JwkSet;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.Locale;

/** Signing keys as the commands print them. */
final class SigningView {

    private SigningView() {}

    static void print(JwkSet set, boolean json, PrintWriter out) {
        var keys = set.described(Instant.now());
        if (json) {
            out.println(Json.line(keys));
            return;
        }
        out.printf(Locale.ROOT, "%-43s  %-9s  %-20s  %s%n", "SIGNING KEY", "STATE", "SIGNS FROM", "VERIFIES UNTIL");
        for (var key : keys) {
            out.printf(
                    Locale.ROOT,
                    "%-43s  %-9s  %-20s  %s%n",
                    key.kid(),
                    key.signs() ? "signs" : key.verifies() ? "verifies" : "ended",
                    key.notBefore() == null ? "the first" : key.notBefore(),
                    key.expires() == null ? "it is rotated" : key.expires());
        }
    }
}
