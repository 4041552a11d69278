package ai.dialog.runner.cli;

import ai.dialog.functions.access.ApiKey;
import ai.dialog.functions.access.KeyLifecycle;
import ai.dialog.functions.access.KeyRegistry;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code keys revoke}: takes a key back. */
@Command(
        name = "revoke",
        description = {
            "Takes a key back, and with it every token that was made with it. It cannot be undone.",
            "A key that was rotated has a successor, and may have one before it in its grace: those stay good, and are named,"
                    + " unless --account takes them back as well."
        },
        mixinStandardHelpOptions = true)
final class KeysRevokeCommand implements Callable<Integer> {

    @Parameters(arity = "1", paramLabel = "ID", description = "The key's id (see keys list).")
    @SuppressWarnings("NullAway.Init") // required: picocli sets it
    private String id;

    @Option(names = "--account", description = "Take back every key of its account: those before it and after it.")
    private boolean account;

    @Option(names = "--json", description = "Print a JSON array of the keys that were taken back.")
    private boolean json;

    @Mixin
    private KeyPlace place = new KeyPlace();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    private record Outcome(List<ApiKey> revoked, List<ApiKey> stillGood) {}

    @Override
    public Integer call() {
        Instant now = Instant.now();
        Outcome outcome = place.with(this::revoke);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(Json.line(
                    outcome.revoked().stream().map(key -> KeyView.of(key, now)).toList()));
        } else {
            outcome.revoked().forEach(key -> out.println("revoked " + key.id() + " of " + key.owner()));
        }
        for (ApiKey good : outcome.stillGood()) {
            spec.commandLine()
                    .getErr()
                    .println("still good: %s of the same account, until %s (--account takes it back as well)"
                            .formatted(good.id(), KeyView.second(good.expires())));
        }
        return ExitCodes.OK;
    }

    private Outcome revoke(KeyRegistry registry) {
        var life = new KeyLifecycle(registry, InstantSource.system());
        ApiKey revoked = life.revoke(id);
        if (account) {
            life.revokeAccount(revoked.countedUnder());
        }
        var line = registry.all().stream()
                .filter(key -> key.countedUnder().equals(revoked.countedUnder()))
                .toList();
        var good = line.stream()
                .filter(key -> key.revoked() == null && Instant.now().isBefore(key.expires()))
                .toList();
        return new Outcome(
                line.stream()
                        .filter(key ->
                                key.revoked() != null && (account || key.id().equals(id)))
                        .toList(),
                good);
    }
}
