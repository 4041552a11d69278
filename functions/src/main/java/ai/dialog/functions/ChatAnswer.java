package ai.dialog.functions;

import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.openai.ChatCompletion;
import ai.dialog.functions.openai.ChatCompletionChunk;
import ai.dialog.functions.openai.ChatEvent;
import ai.dialog.functions.openai.ChatLogprobs;
import ai.dialog.functions.openai.CompletionUsage;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** One answer of {@code chat}, put together from an inference's chunks; used once. */
final class ChatAnswer {

    private static final String ASSISTANT = "assistant";

    private final AnswerHead head;
    private final Choices choices;
    private final int count;
    private final boolean logprobs;
    private final BitSet begun = new BitSet();

    ChatAnswer(AnswerHead head, int count, boolean logprobs) {
        this.head = head;
        this.choices = new Choices(count);
        this.count = count;
        this.logprobs = logprobs;
    }

    /** All of it at the end. */
    Mono<ChatEvent> whole(Flux<CompletionChunk> chunks) {
        return chunks.doOnNext(choices::add).then(Mono.fromSupplier(this::completion));
    }

    /** Piece by piece. */
    Flux<ChatEvent> stream(Flux<CompletionChunk> chunks, boolean usageAsked) {
        // a failure must not overtake the pieces of the chunk before it
        return chunks.<ChatEvent>concatMapDelayError(chunk -> Flux.fromIterable(pieces(chunk, usageAsked)))
                .concatWith(Flux.defer(() -> Flux.fromIterable(last(usageAsked))));
    }

    private ChatCompletion completion() {
        var all = new ArrayList<ChatCompletion.Choice>(count);
        for (var choice : choices.ended()) {
            all.add(new ChatCompletion.Choice(
                    all.size(),
                    new ChatCompletion.Message(ASSISTANT, choice.text(), null),
                    logprobs ? LogprobShapes.chat(choice.logprobs()) : null,
                    choice.finishReason()));
        }
        return new ChatCompletion(
                head.id(),
                ChatCompletion.OBJECT,
                head.created(),
                head.model(),
                all,
                choices.usage(),
                head.fingerprint());
    }

    private List<ChatCompletionChunk> pieces(CompletionChunk chunk, boolean usageAsked) {
        return switch (chunk) {
            case CompletionChunk.Begun computing -> List.of();
            case CompletionChunk.Delta delta -> {
                choices.open(delta.choice());
                var pieces = begin(delta.choice(), usageAsked);
                if (!delta.text().isEmpty() || !delta.logprobs().isEmpty()) {
                    pieces.add(piece(
                            delta.choice(),
                            new ChatCompletionChunk.Delta(null, delta.text()),
                            logprobs ? LogprobShapes.chat(delta.logprobs()) : null,
                            null,
                            usageAsked));
                }
                yield pieces;
            }
            case CompletionChunk.ToolCallDelta call -> throw Choices.broken("a tool was called where there is none");
            case CompletionChunk.Finish finish -> {
                choices.finish(finish);
                var pieces = begin(finish.choice(), usageAsked);
                pieces.add(piece(
                        finish.choice(),
                        new ChatCompletionChunk.Delta(null, null),
                        null,
                        finish.reason().wire(),
                        usageAsked));
                yield pieces;
            }
            case CompletionChunk.Total total -> {
                choices.count(total);
                yield List.of();
            }
        };
    }

    /** The piece with the role, which comes before all others of a choice. */
    private List<ChatCompletionChunk> begin(int choice, boolean usageAsked) {
        var pieces = new ArrayList<ChatCompletionChunk>(2);
        if (!begun.get(choice)) {
            begun.set(choice);
            pieces.add(piece(choice, new ChatCompletionChunk.Delta(ASSISTANT, ""), null, null, usageAsked));
        }
        return pieces;
    }

    private List<ChatCompletionChunk> last(boolean usageAsked) {
        choices.ended();
        var usage = choices.usage();
        return usageAsked ? List.of(chunk(List.of(), usage, true)) : List.of();
    }

    private ChatCompletionChunk piece(
            int choice,
            ChatCompletionChunk.Delta delta,
            @Nullable ChatLogprobs scores,
            @Nullable String finish,
            boolean usageAsked) {
        return chunk(List.of(new ChatCompletionChunk.Choice(choice, delta, scores, finish)), null, usageAsked);
    }

    private ChatCompletionChunk chunk(
            List<ChatCompletionChunk.Choice> pieces, @Nullable CompletionUsage usage, boolean usageAsked) {
        return new ChatCompletionChunk(
                head.id(),
                ChatCompletionChunk.OBJECT,
                head.created(),
                head.model(),
                head.fingerprint(),
                pieces,
                usage,
                usageAsked);
    }
}
