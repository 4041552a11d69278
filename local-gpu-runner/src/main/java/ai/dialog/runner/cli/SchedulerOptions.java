package ai.dialog.runner.cli;

import ai.dialog.runner.scheduler.SchedulerSettings;
import java.time.Duration;
import picocli.CommandLine.Option;

/** How many requests are served at once, and for how long. */
final class SchedulerOptions {

    @Option(
            names = "--max-batch-size",
            paramLabel = "N",
            defaultValue = "64",
            description = "How many answers are generated at once. Default: 64.")
    private int maxBatchSize;

    @Option(
            names = "--queue-capacity",
            paramLabel = "N",
            defaultValue = "256",
            description = "How many requests may wait; beyond, the answer is 429. Default: 256.")
    private int queueCapacity;

    @Option(
            names = "--prefill-chunk",
            paramLabel = "TOKENS",
            defaultValue = "512",
            description =
                    "The most of a prompt that is computed at once; while answers run, only so much that they go on"
                            + " evenly. Default: 512.")
    private int prefillChunk;

    @Option(
            names = "--prompt-lookup",
            paramLabel = "TOKENS",
            defaultValue = "12",
            description =
                    "The most tokens that are guessed from the text so far and checked in one step, while a single answer runs;"
                            + " what is answered stays the same. 0: none. Default: 12.")
    private int promptLookup;

    @Option(
            names = "--request-timeout",
            paramLabel = "SECONDS",
            defaultValue = "600",
            description = "When an answer ends whatever it has reached. Default: 600.")
    private int requestTimeout;

    void check() {
        Bounds.check("--max-batch-size", maxBatchSize, 1, 1024);
        Bounds.check("--queue-capacity", queueCapacity, 1, 100_000);
        Bounds.check("--prefill-chunk", prefillChunk, 1, 8192);
        Bounds.check("--prompt-lookup", promptLookup, 0, 64);
        Bounds.check("--request-timeout", requestTimeout, 1, 86_400);
    }

    int maxBatchSize() {
        return maxBatchSize;
    }

    int queueCapacity() {
        return queueCapacity;
    }

    Duration requestTimeout() {
        return Duration.ofSeconds(requestTimeout);
    }

    SchedulerSettings settings(long prefixBytes) {
        return new SchedulerSettings(
                maxBatchSize, queueCapacity, prefillChunk, requestTimeout(), 0, prefixBytes, promptLookup);
    }
}
