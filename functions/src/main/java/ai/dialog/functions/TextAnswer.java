package ai.dialog.functions;

import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.openai.CompletionUsage;
import ai.dialog.functions.openai.TextCompletion;
import ai.dialog.functions.openai.TextLogprobs;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** One answer of {@code completions}, put together from the chunks of one inference or several; used once. */
final class TextAnswer {

    private final AnswerHead head;
    private final Choices choices;
    private final boolean logprobs;
    private final int[] offsets;

    TextAnswer(AnswerHead head, int count, boolean logprobs) {
        this.head = head;
        this.choices = new Choices(count, false);
        this.logprobs = logprobs;
        this.offsets = new int[count];
    }

    /** All of it at the end. */
    Mono<TextCompletion> whole(Flux<CompletionChunk> chunks) {
        return chunks.doOnNext(choices::add).then(Mono.fromSupplier(this::completion));
    }

    /** Piece by piece. */
    Flux<TextCompletion> stream(Flux<CompletionChunk> chunks, boolean usageAsked) {
        return chunks.mapNotNull(chunk -> piece(chunk, usageAsked))
                .concatWith(Flux.defer(() -> Flux.fromIterable(last(usageAsked))));
    }

    private TextCompletion completion() {
        var all = new ArrayList<TextCompletion.Choice>();
        for (var choice : choices.ended()) {
            all.add(new TextCompletion.Choice(
                    all.size(),
                    choice.text(),
                    logprobs ? LogprobShapes.text(choice.logprobs(), 0) : null,
                    choice.finish().wire()));
        }
        return completion(all, choices.usage(), true);
    }

    private @Nullable TextCompletion piece(CompletionChunk chunk, boolean usageAsked) {
        return switch (chunk) {
            case CompletionChunk.Begun begun -> null;
            case CompletionChunk.Delta delta -> {
                choices.open(delta.choice());
                if (delta.text().isEmpty() && delta.logprobs().isEmpty()) {
                    yield null;
                }
                yield piece(delta.choice(), delta.text(), scores(delta), null, usageAsked);
            }
            case CompletionChunk.ToolCallDelta call -> {
                choices.call(call);
                yield null;
            }
            case CompletionChunk.Finish finish -> {
                choices.finish(finish);
                yield piece(finish.choice(), "", null, finish.reason().wire(), usageAsked);
            }
            case CompletionChunk.Total total -> {
                choices.count(total);
                yield null;
            }
        };
    }

    private @Nullable TextLogprobs scores(CompletionChunk.Delta delta) {
        if (!logprobs) {
            return null;
        }
        int offset = offsets[delta.choice()];
        offsets[delta.choice()] = offset + LogprobShapes.characters(delta.logprobs());
        return LogprobShapes.text(delta.logprobs(), offset);
    }

    private List<TextCompletion> last(boolean usageAsked) {
        choices.ended();
        var usage = choices.usage();
        return usageAsked ? List.of(completion(List.of(), usage, true)) : List.of();
    }

    private TextCompletion piece(
            int choice, String text, @Nullable TextLogprobs scores, @Nullable String finish, boolean usageAsked) {
        return completion(List.of(new TextCompletion.Choice(choice, text, scores, finish)), null, usageAsked);
    }

    private TextCompletion completion(
            List<TextCompletion.Choice> pieces, @Nullable CompletionUsage usage, boolean usageAsked) {
        return new TextCompletion(
                head.id(),
                TextCompletion.OBJECT,
                head.created(),
                head.model(),
                head.fingerprint(),
                pieces,
                usage,
                usageAsked);
    }
}
