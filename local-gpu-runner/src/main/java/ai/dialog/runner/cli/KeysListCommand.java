package ai.dialog.runner.cli;

import ai.dialog.functions.access.ApiKey;
import ai.dialog.functions.access.KeyRegistry;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code keys list}: the records of the keys. */
@Command(
        name = "list",
        description = "Lists the API keys, oldest first, those that have ended too. No list has a key's text.",
        mixinStandardHelpOptions = true)
final class KeysListCommand implements Callable<Integer> {

    @Option(names = "--signing", description = "List the keys that tokens are signed with instead.")
    private boolean signing;

    @Option(names = "--json", description = "Print a JSON array.")
    private boolean json;

    @Mixin
    private KeyPlace place = new KeyPlace();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        if (signing) {
            SigningView.print(place.signingKeys().current(), json, out);
            return ExitCodes.OK;
        }
        List<ApiKey> keys = place.with(KeyRegistry::all);
        Instant now = Instant.now();
        if (json) {
            out.println(Json.line(keys.stream().map(key -> KeyView.of(key, now)).toList()));
        } else if (keys.isEmpty()) {
            spec.commandLine()
                    .getErr()
                    .println("no keys in " + place + " yet: make one with 'ai-dialog-cli keys create'");
        } else {
            out.println(KeyView.heading());
            keys.forEach(key -> out.println(KeyView.of(key, now).line(now)));
        }
        return ExitCodes.OK;
    }
}
