package ai.dialog.functions;

import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.FinishReason;
import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.TokenLogprob;
import ai.dialog.functions.openai.ChatToolCall;
import ai.dialog.functions.openai.CompletionUsage;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The choices of one answer as they grow out of an inference's chunks, and what they took in all. Holds an inference to
 * its contract: what it must not send, or must have sent, is an error, never an answer that looks whole. Not thread-safe;
 * a stream's signals come one after the other.
 */
final class Choices {

    private final List<Choice> choices;
    private final boolean callable;
    private int promptTokens;
    private int completionTokens;
    private int cachedTokens;
    private boolean counted;

    /** One choice so far. */
    static final class Choice {
        private final StringBuilder text = new StringBuilder();
        private final List<TokenLogprob> logprobs = new ArrayList<>();
        private final List<Call> calls = new ArrayList<>();
        private @Nullable FinishReason finish;

        String text() {
            return text.toString();
        }

        List<TokenLogprob> logprobs() {
            return logprobs;
        }

        List<ChatToolCall> calls() {
            return calls.stream()
                    .map(call -> new ChatToolCall(call.id, call.name, call.arguments.toString()))
                    .toList();
        }

        FinishReason finish() {
            if (finish == null) {
                throw broken("a choice did not end");
            }
            return finish;
        }
    }

    /** One call so far. */
    private static final class Call {
        private final String id;
        private final String name;
        private final StringBuilder arguments = new StringBuilder();

        Call(String id, String name) {
            this.id = id;
            this.name = name;
        }
    }

    /** As many as these; tools may be called where they are {@code callable}. */
    Choices(int count, boolean callable) {
        this.callable = callable;
        choices = IntStream.range(0, count).mapToObj(i -> new Choice()).toList();
    }

    /** Takes a chunk in and keeps all of it. */
    void add(CompletionChunk chunk) {
        switch (chunk) {
            case CompletionChunk.Begun begun -> {}
            case CompletionChunk.Delta delta -> {
                var choice = open(delta.choice());
                choice.text.append(delta.text());
                choice.logprobs.addAll(delta.logprobs());
            }
            case CompletionChunk.ToolCallDelta call -> call(call);
            case CompletionChunk.Finish finish -> finish(finish);
            case CompletionChunk.Total total -> count(total);
        }
    }

    /** Takes in a piece of a call. */
    void call(CompletionChunk.ToolCallDelta piece) {
        var choice = open(piece.choice());
        if (!callable) {
            throw broken("a tool was called that may not be");
        }
        String id = piece.id();
        String name = piece.name();
        if (id != null && name != null && piece.index() == choice.calls.size()) {
            choice.calls.add(new Call(id, name));
        }
        if (choice.calls.isEmpty() || piece.index() != choice.calls.size() - 1) {
            throw broken("a call of a tool has no beginning");
        }
        choice.calls.getLast().arguments.append(piece.arguments());
    }

    void finish(CompletionChunk.Finish finish) {
        var choice = open(finish.choice());
        if (finish.reason() == FinishReason.TOOL_CALLS && choice.calls.isEmpty()) {
            throw broken("no tool was called");
        }
        choice.finish = finish.reason();
    }

    void count(CompletionChunk.Total total) {
        promptTokens = Math.addExact(promptTokens, total.usage().promptTokens());
        completionTokens = Math.addExact(completionTokens, total.usage().completionTokens());
        cachedTokens = Math.addExact(cachedTokens, total.usage().cachedTokens());
        counted = true;
    }

    /** A choice that has not ended. */
    Choice open(int index) {
        if (index < 0 || index >= choices.size()) {
            throw broken("choice %d of %d".formatted(index, choices.size()));
        }
        var choice = choices.get(index);
        if (choice.finish != null) {
            throw broken("a choice went on after its end");
        }
        return choice;
    }

    /** All choices, which must have ended. */
    List<Choice> ended() {
        choices.forEach(Choice::finish);
        return choices;
    }

    CompletionUsage usage() {
        if (!counted) {
            throw broken("nothing was counted");
        }
        return CompletionUsage.of(promptTokens, completionTokens, cachedTokens);
    }

    private static InferenceException broken(String how) {
        return new InferenceException(
                InferenceException.Kind.INTERNAL, "The generation broke off (" + how + "). Try again.");
    }
}
