package ai.dialog.runner.cli;

import ai.dialog.functions.access.JwkSet;
import ai.dialog.functions.access.KeyLifecycle;
import ai.dialog.functions.access.NewKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code keys rotate}: a key's successor, and the old key's grace. */
@Command(
        name = "rotate",
        description = {
            "Makes a key that replaces another, with the same owner, scopes, restrictions, limits and account, and prints it,"
                    + " this once. Both are good until the old one's grace ends.",
            "With --signing: a new key to sign tokens with. It is published at once and signs after a head start; the one before"
                    + " it verifies until its last token has ended."
        },
        mixinStandardHelpOptions = true)
final class KeysRotateCommand implements Callable<Integer> {

    @Parameters(arity = "0..1", paramLabel = "ID", description = "The id of the key to replace (see keys list).")
    private @Nullable String id;

    @Option(
            names = "--grace",
            paramLabel = "TIME",
            defaultValue = "7d",
            converter = DurationText.class,
            description = "How long the old key stays good: 0 to 90d. Default: 7d.")
    private Duration grace = Duration.ZERO;

    @Option(
            names = "--expire-in",
            paramLabel = "TIME",
            converter = DurationText.class,
            description =
                    "How long the new key lives: 30d, 12h, or seconds. Default: as long as the old one was made for.")
    private @Nullable Duration expireIn;

    @Option(names = "--signing", description = "Rotate the keys that tokens are signed with.")
    private boolean signing;

    @Option(
            names = "--head-start",
            paramLabel = "TIME",
            defaultValue = "5m",
            converter = DurationText.class,
            description =
                    "With --signing: how long the new key is published before it signs. Default: 5m, for services that read"
                            + " the public keys of this one.")
    private Duration headStart = Duration.ZERO;

    @Option(
            names = "--compromised",
            description =
                    "With --signing: replace the signing keys at once. Every token that is out is refused from then on.")
    private boolean compromised;

    @Option(names = "--json", description = "Print a JSON object with the key and its record; an array with --signing.")
    private boolean json;

    @Mixin
    private KeyPlace place = new KeyPlace();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() {
        String old = id;
        if (signing == (old != null) || (compromised && !signing)) {
            throw new CliException(ExitCodes.USAGE, "give the id of an API key, or --signing for the signing keys");
        }
        if (old == null) {
            rotateSigning();
        } else {
            rotate(old);
        }
        return ExitCodes.OK;
    }

    private void rotate(String old) {
        if (grace.compareTo(KeyLifecycle.MAX_GRACE) > 0) {
            throw new CliException(ExitCodes.USAGE, "--grace must be at most 90d");
        }
        NewKey made =
                place.with(registry -> new KeyLifecycle(registry, InstantSource.system()).rotate(old, grace, expireIn));
        var console = spec.commandLine();
        if (json) {
            console.getOut().println(Json.line(KeyView.of(made.key(), made.secret(), Instant.now())));
        } else {
            console.getErr()
                    .println(
                            "key %s of %s, good until %s, replaces %s, which is good for %s more at most; the text, shown this once:"
                                    .formatted(
                                            made.key().id(),
                                            made.key().owner(),
                                            KeyView.second(made.key().expires()),
                                            old,
                                            grace.toDays() > 0 ? grace.toDays() + " days" : grace.toSeconds() + " s"));
            console.getErr().flush();
            console.getOut().println(made.secret());
        }
    }

    private void rotateSigning() {
        if (headStart.compareTo(JwkSet.MAX_HEAD_START) > 0) {
            throw new CliException(ExitCodes.USAGE, "--head-start must be at most 30d");
        }
        var keys = place.signingKeys();
        var now = Instant.now();
        try {
            keys.change(set -> compromised ? set.replaced(now) : set.rotated(now, headStart));
        } catch (IllegalStateException e) {
            throw new CliException(ExitCodes.FAILED, ErrorText.reason(e));
        }
        SigningView.print(keys.current(), json, spec.commandLine().getOut());
    }
}
