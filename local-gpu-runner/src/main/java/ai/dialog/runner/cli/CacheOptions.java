package ai.dialog.runner.cli;

import ai.dialog.model.LanguageModel;
import ai.dialog.runner.measure.ProcessMemory;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How much memory keys and values may take. */
final class CacheOptions {

    private static final long MIB = 1L << 20;
    private static final long GIB = 1L << 30;
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,15})(?:([KMGT])(?:I?B)?)?");

    /** All 32 slots of the default model at its whole context take 6 GiB in bfloat16. */
    private static final long MOST_BY_DEFAULT = 8 * GIB;

    /** A few short conversations of a small model. */
    private static final long LEAST_BY_DEFAULT = 256 * MIB;

    /** Conversations of the default model of 500 tokens: about twenty. */
    private static final long MOST_PREFIXES_BY_DEFAULT = 256 * MIB;

    /** Looking all of them up takes less than a step. */
    private static final int MOST_KEPT = 128;

    /** {@link ai.dialog.model.LoadOptions} has no more slots. */
    private static final int MOST_SLOTS = 1024;

    @Option(
            names = "--cache-memory",
            paramLabel = "SIZE",
            description =
                    "The most memory for keys and values of conversations, such as 4G: requests that do not fit wait."
                            + " Default: half of what is free at the start, at most 8G.")
    private @Nullable String cacheMemory;

    @Option(
            names = "--prefix-cache",
            paramLabel = "SIZE",
            description =
                    "How much of it may keep conversations that are over, so that prompts that begin like them are not"
                            + " computed again; 0 turns that off. Default: a quarter of it, at most 256M.")
    private @Nullable String prefixCache;

    /** What was asked for, or the default, which depends on what is free now. */
    CacheSize size() {
        String memory = cacheMemory;
        long bytes = memory == null ? byDefault() : bytes("--cache-memory", memory, MIB);
        String prefixes = prefixCache;
        long kept =
                prefixes == null ? Math.min(bytes / 4, MOST_PREFIXES_BY_DEFAULT) : bytes("--prefix-cache", prefixes, 0);
        return new CacheSize(bytes, Math.min(kept, bytes));
    }

    private static long byDefault() {
        return Math.clamp(ProcessMemory.availableBytes() / 2, LEAST_BY_DEFAULT, MOST_BY_DEFAULT);
    }

    private static long bytes(String name, String text, long least) {
        Matcher matcher = SIZE.matcher(text.strip().toUpperCase(Locale.ROOT));
        if (matcher.matches()) {
            String unit = matcher.group(2);
            int shift = unit == null ? 0 : 10 * ("KMGT".indexOf(unit) + 1);
            long number = Long.parseLong(matcher.group(1));
            if (number <= Long.MAX_VALUE >> shift && number << shift >= least) {
                return number << shift;
            }
        }
        throw new CliException(
                ExitCodes.USAGE,
                name + ": '" + text + "' is no size of at least " + least / MIB + "M; write it as 512M or 4G");
    }

    /**
     * Memory for keys and values.
     *
     * @param bytes the most of it
     * @param prefixBytes the most of it for conversations that are over
     */
    record CacheSize(long bytes, long prefixBytes) {

        /** How many sequences may be open for a batch. */
        int slots(int batch) {
            return prefixBytes == 0 ? batch : Math.min(MOST_SLOTS, batch + MOST_KEPT);
        }

        /** For whoever starts the service. */
        String line(LanguageModel model) {
            int tokens = Math.min(model.contextLength(), 1024);
            long many = model.cacheLimit() / model.sequenceBytes(tokens);
            return "Memory for conversations: at most %s (--cache-memory), %d of %d tokens at once; %s"
                    .formatted(
                            shown(bytes),
                            many,
                            tokens,
                            prefixBytes == 0
                                    ? "prompts share nothing."
                                    : "up to " + shown(prefixBytes) + " of it keep prefixes (--prefix-cache).");
        }

        private static String shown(long bytes) {
            return bytes >= 10 * GIB
                    ? bytes / GIB + " GiB"
                    : bytes >= GIB
                            ? String.format(Locale.ROOT, "%.1f GiB", (double) bytes / GIB)
                            : bytes / MIB + " MiB";
        }
    }
}
