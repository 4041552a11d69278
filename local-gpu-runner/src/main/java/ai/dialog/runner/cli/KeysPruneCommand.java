package ai.dialog.runner.cli;

import ai.dialog.functions.access.ApiKey;
import ai.dialog.functions.access.KeyLifecycle;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code keys prune}: forgets the records of keys that ended long ago. */
@Command(
        name = "prune",
        description = "Forgets the records of keys that expired or were revoked long ago. What is good stays.",
        mixinStandardHelpOptions = true)
final class KeysPruneCommand implements Callable<Integer> {

    @Option(
            names = "--ended-before",
            paramLabel = "TIME",
            defaultValue = "90d",
            converter = DurationText.class,
            description = "How long ago they ended at least. Default: 90d.")
    private Duration endedBefore = Duration.ZERO;

    @Option(names = "--json", description = "Print a JSON array of the keys that were forgotten.")
    private boolean json;

    @Mixin
    private KeyPlace place = new KeyPlace();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() {
        Bounds.check("--ended-before (in days)", (int) Math.min(endedBefore.toDays(), Integer.MAX_VALUE), 0, 36_500);
        Instant now = Instant.now();
        List<ApiKey> forgotten = place.with(
                registry -> new KeyLifecycle(registry, InstantSource.system()).prune(now.minus(endedBefore)));
        var out = spec.commandLine().getOut();
        if (json) {
            out.println(Json.line(
                    forgotten.stream().map(key -> KeyView.of(key, now)).toList()));
        } else {
            forgotten.forEach(key -> out.println("forgotten " + key.id() + " of " + key.owner()));
        }
        return ExitCodes.OK;
    }
}
