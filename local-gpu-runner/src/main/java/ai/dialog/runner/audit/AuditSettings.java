package ai.dialog.runner.audit;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Where the audit log goes.
 *
 * @param file the file; null for standard output
 * @param prompts whether it has messages and answers
 * @param maxBytes the size at which the file is put aside and a new one begun
 * @param maxAge the age at which the same is done, however small it is
 * @param kept how many files there are at most, the current one included
 */
public record AuditSettings(@Nullable Path file, boolean prompts, long maxBytes, Duration maxAge, int kept) {

    /** 10 MB are some thirty thousand requests. */
    public static final long DEFAULT_MAX_BYTES = 10_000_000;

    /** A week: with {@link #DEFAULT_KEPT}, a quiet service's log of the last month is there. */
    public static final Duration DEFAULT_MAX_AGE = Duration.ofDays(7);

    /** With what a small machine can spare: 50 MB in all. */
    public static final int DEFAULT_KEPT = 5;

    public AuditSettings {
        if (maxBytes < 1 || kept < 1 || !maxAge.isPositive()) {
            throw new IllegalArgumentException("The audit log needs room for a file, not %d of %d bytes and %s."
                    .formatted(kept, maxBytes, maxAge));
        }
    }

    /** In a file of the usual size. */
    public static AuditSettings in(@Nullable Path file, boolean prompts) {
        return new AuditSettings(file, prompts, DEFAULT_MAX_BYTES, DEFAULT_MAX_AGE, DEFAULT_KEPT);
    }
}
