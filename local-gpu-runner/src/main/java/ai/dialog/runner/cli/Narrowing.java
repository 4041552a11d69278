package ai.dialog.runner.cli;

import ai.dialog.functions.access.Cidr;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * What a key or a token may not do. These options say something about the one that is made: they have no default from the
 * environment or the settings file, where {@code model} and {@code allow} are the service's own.
 */
final class Narrowing {

    @Option(
            names = "--allow",
            paramLabel = "CIDR",
            split = ",",
            description =
                    "Where it may be used from: 203.0.113.0/24, 2001:db8::/32 or an address. Several: again, or with commas.")
    private @Nullable List<String> allow;

    @Option(
            names = "--model",
            paramLabel = "ID",
            split = ",",
            description = "A model that it may ask for. Several: again, or with commas. Default: every one.")
    private @Nullable Set<String> models;

    @Option(names = "--max-tokens", paramLabel = "N", description = "The longest answer that one request may ask for.")
    private @Nullable Integer maxTokens;

    @Option(names = "--requests-per-minute", paramLabel = "N", description = "Requests in each minute.")
    private @Nullable Integer requestsPerMinute;

    @Option(
            names = "--tokens-per-minute",
            paramLabel = "N",
            description = "Tokens of prompts and answers in each minute.")
    private @Nullable Integer tokensPerMinute;

    @Option(names = "--concurrent", paramLabel = "N", description = "Requests at once.")
    private @Nullable Integer concurrent;

    /** Refuses numbers that cannot be. */
    void check() {
        Bounds.check("--max-tokens", maxTokens, 1, Integer.MAX_VALUE);
        Bounds.check("--requests-per-minute", requestsPerMinute, 1, Integer.MAX_VALUE);
        Bounds.check("--tokens-per-minute", tokensPerMinute, 1, Integer.MAX_VALUE);
        Bounds.check("--concurrent", concurrent, 1, Integer.MAX_VALUE);
        cidrs();
    }

    @Nullable
    List<Cidr> cidrs() {
        if (allow == null) {
            return null;
        }
        try {
            return allow.stream().map(Cidr::of).toList();
        } catch (IllegalArgumentException e) {
            throw new CliException(ExitCodes.USAGE, "--allow: " + ErrorText.reason(e));
        }
    }

    @Nullable
    Set<String> models() {
        return models;
    }

    @Nullable
    Integer maxTokens() {
        return maxTokens;
    }

    @Nullable
    Integer requestsPerMinute() {
        return requestsPerMinute;
    }

    @Nullable
    Integer tokensPerMinute() {
        return tokensPerMinute;
    }

    @Nullable
    Integer concurrent() {
        return concurrent;
    }
}
