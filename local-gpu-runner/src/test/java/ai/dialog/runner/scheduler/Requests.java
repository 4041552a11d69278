package ai.dialog.runner.scheduler;

import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.FinishReason;
import ai.dialog.functions.inference.Prompt;
import ai.dialog.functions.inference.ResponseFormat;
import ai.dialog.functions.inference.Sampling;
import ai.dialog.functions.inference.TokenLogprob;
import ai.dialog.functions.inference.ToolUse;
import ai.dialog.functions.inference.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Requests for tests, and what comes back put together. */
final class Requests {

    private Requests() {}

    static final Sampling WARM = warm(null);

    static Sampling warm(@Nullable Long seed) {
        return new Sampling(1, 1, 0, 0, 0, 0, 1, seed, Map.of());
    }

    static Builder text(String prompt) {
        return new Builder(new Prompt.Text(prompt));
    }

    static Builder prompt(Prompt prompt) {
        return new Builder(prompt);
    }

    /** A request with greedy sampling and no limits, to be changed. */
    static final class Builder {
        private final Prompt prompt;
        private String model = CompletionRequest.DEFAULT_MODEL;
        private int choices = 1;
        private @Nullable Integer maxTokens;
        private int minTokens;
        private Sampling sampling = Sampling.GREEDY;
        private List<String> stop = List.of();
        private boolean ignoreEos;
        private @Nullable Integer topLogprobs;
        private boolean echo;
        private @Nullable Instant deadline;
        private String tenant = "tenant";
        private ResponseFormat format = ResponseFormat.TEXT;
        private ToolUse tools = ToolUse.NOTHING;

        private Builder(Prompt prompt) {
            this.prompt = prompt;
        }

        Builder model(String id) {
            model = id;
            return this;
        }

        Builder choices(int n) {
            choices = n;
            return this;
        }

        Builder maxTokens(int n) {
            maxTokens = n;
            return this;
        }

        Builder minTokens(int n) {
            minTokens = n;
            return this;
        }

        Builder sampling(Sampling with) {
            sampling = with;
            return this;
        }

        Builder stop(String... strings) {
            stop = List.of(strings);
            return this;
        }

        Builder ignoreEos() {
            ignoreEos = true;
            return this;
        }

        Builder topLogprobs(int n) {
            topLogprobs = n;
            return this;
        }

        Builder echo() {
            echo = true;
            return this;
        }

        Builder deadline(Instant at) {
            deadline = at;
            return this;
        }

        Builder tenant(String name) {
            tenant = name;
            return this;
        }

        Builder format(ResponseFormat form) {
            format = form;
            return this;
        }

        Builder tools(ToolUse use) {
            tools = use;
            return this;
        }

        CompletionRequest build() {
            return CompletionRequest.of(prompt, tenant)
                    .model(model)
                    .choices(choices)
                    .maxTokens(maxTokens)
                    .minTokens(minTokens)
                    .sampling(sampling)
                    .stop(stop)
                    .ignoreEos(ignoreEos)
                    .topLogprobs(topLogprobs)
                    .echo(echo)
                    .deadline(deadline)
                    .format(format)
                    .tools(tools)
                    .build();
        }
    }

    static String textOf(List<CompletionChunk> chunks, int choice) {
        var text = new StringBuilder();
        for (var chunk : chunks) {
            if (chunk instanceof CompletionChunk.Delta delta && delta.choice() == choice) {
                text.append(delta.text());
            }
        }
        return text.toString();
    }

    static String textOf(List<CompletionChunk> chunks) {
        return textOf(chunks, 0);
    }

    static List<TokenLogprob> logprobsOf(List<CompletionChunk> chunks) {
        return chunks.stream()
                .filter(CompletionChunk.Delta.class::isInstance)
                .flatMap(chunk -> ((CompletionChunk.Delta) chunk).logprobs().stream())
                .toList();
    }

    static List<FinishReason> finishesOf(List<CompletionChunk> chunks) {
        return chunks.stream()
                .filter(CompletionChunk.Finish.class::isInstance)
                .map(chunk -> ((CompletionChunk.Finish) chunk).reason())
                .toList();
    }

    static Usage usageOf(List<CompletionChunk> chunks) {
        return ((CompletionChunk.Total) chunks.getLast()).usage();
    }

    /** Waits, without a fixed pause, until something holds. */
    static void until(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("waited 20 s in vain until " + what);
            }
            java.util.concurrent.locks.LockSupport.parkNanos(500_000);
        }
    }
}
