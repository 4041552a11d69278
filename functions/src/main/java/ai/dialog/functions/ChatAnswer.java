package ai.dialog.functions;

import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.FinishReason;
import ai.dialog.functions.inference.ToolChoice;
import ai.dialog.functions.openai.ChatCompletion;
import ai.dialog.functions.openai.ChatCompletionChunk;
import ai.dialog.functions.openai.ChatEvent;
import ai.dialog.functions.openai.ChatLogprobs;
import ai.dialog.functions.openai.ChatToolCall;
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
    private final boolean logprobs;
    private final boolean named;
    private final BitSet begun = new BitSet();

    ChatAnswer(AnswerHead head, CompletionRequest request) {
        this.head = head;
        this.choices = new Choices(request.choices(), request.tools().callable());
        this.logprobs = request.topLogprobs() != null;
        this.named = request.tools().choice() instanceof ToolChoice.Named;
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
        var all = new ArrayList<ChatCompletion.Choice>();
        for (var choice : choices.ended()) {
            all.add(new ChatCompletion.Choice(
                    all.size(),
                    message(choice),
                    logprobs ? LogprobShapes.chat(choice.logprobs()) : null,
                    wire(choice.finish())));
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

    private static ChatCompletion.Message message(Choices.Choice choice) {
        var calls = choice.calls();
        String text = calls.isEmpty() || !choice.text().isEmpty() ? choice.text() : null;
        return new ChatCompletion.Message(ASSISTANT, text, calls, null);
    }

    /** OpenAI's word for the end: a call that was asked for by name is no news, and ends as a text does. */
    private String wire(FinishReason reason) {
        return (named && reason == FinishReason.TOOL_CALLS ? FinishReason.STOP : reason).wire();
    }

    private List<ChatCompletionChunk> pieces(CompletionChunk chunk, boolean usageAsked) {
        return switch (chunk) {
            case CompletionChunk.Begun computing -> List.of();
            case CompletionChunk.Delta delta -> {
                choices.open(delta.choice());
                var pieces = begin(delta.choice(), "", usageAsked);
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
            case CompletionChunk.ToolCallDelta call -> {
                choices.call(call);
                var pieces = begin(call.choice(), null, usageAsked);
                for (var piece : pieces(call)) {
                    var delta = new ChatCompletionChunk.Delta(null, null, List.of(piece));
                    pieces.add(piece(call.choice(), delta, null, null, usageAsked));
                }
                yield pieces;
            }
            case CompletionChunk.Finish finish -> {
                choices.finish(finish);
                var pieces = begin(finish.choice(), "", usageAsked);
                pieces.add(piece(
                        finish.choice(),
                        new ChatCompletionChunk.Delta(null, null),
                        null,
                        wire(finish.reason()),
                        usageAsked));
                yield pieces;
            }
            case CompletionChunk.Total total -> {
                choices.count(total);
                yield List.of();
            }
        };
    }

    /** As OpenAI has them: the one that names the tool has no arguments yet. */
    private static List<ChatToolCall.Piece> pieces(CompletionChunk.ToolCallDelta call) {
        var pieces = new ArrayList<ChatToolCall.Piece>(2);
        if (call.id() != null) {
            pieces.add(ChatToolCall.Piece.first(call.index(), call.id(), call.name()));
        }
        if (!call.arguments().isEmpty()) {
            pieces.add(ChatToolCall.Piece.more(call.index(), call.arguments()));
        }
        return pieces;
    }

    /**
     * The piece with the role, which comes before all others of a choice.
     *
     * @param content empty where text follows, null where a call does
     */
    private List<ChatCompletionChunk> begin(int choice, @Nullable String content, boolean usageAsked) {
        var pieces = new ArrayList<ChatCompletionChunk>(2);
        if (!begun.get(choice)) {
            begun.set(choice);
            pieces.add(piece(choice, new ChatCompletionChunk.Delta(ASSISTANT, content), null, null, usageAsked));
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
