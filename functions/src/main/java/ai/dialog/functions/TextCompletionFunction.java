package ai.dialog.functions;

import ai.dialog.functions.access.Principal;
import ai.dialog.functions.access.Scope;
import ai.dialog.functions.inference.CallContext;
import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.Inference;
import ai.dialog.functions.inference.Prompt;
import ai.dialog.functions.openai.InvalidRequestException;
import ai.dialog.functions.openai.TextCompletion;
import ai.dialog.functions.openai.TextCompletionRequest;
import ai.dialog.functions.openai.TextPrompt;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/**
 * The function {@code completions}: text or token ids in, their continuation out. Several prompts are completed side by
 * side and answered as choices in the prompts' order. Context and errors are {@link ChatFunction}'s.
 */
public final class TextCompletionFunction implements Function<TextCompletionRequest, Flux<TextCompletion>> {

    /** OpenAI's default at this endpoint. */
    private static final int DEFAULT_MAX_TOKENS = 16;

    /** OpenAI allows 5, other open servers 20. */
    private static final int MAX_LOGPROBS = 20;

    /** Prompts of one request that are generated at once: it leaves room in the batch for others. */
    private static final int SIDE_BY_SIDE = 8;

    private final Inference inference;
    private final FunctionSettings settings;
    private final InstantSource clock;

    /** A function over an inference. */
    public TextCompletionFunction(Inference inference, FunctionSettings settings, InstantSource clock) {
        this.inference = inference;
        this.settings = settings;
        this.clock = clock;
    }

    @Override
    public Flux<TextCompletion> apply(TextCompletionRequest request) {
        return Flux.<TextCompletion>deferContextual(context -> {
                    var principal = Principal.require(context, Scope.INFERENCE);
                    var deadline =
                            CallContext.of(context).deadline(clock.instant().plus(settings.requestTimeout()));
                    var completions = completions(request, principal, deadline);
                    var first = completions.getFirst();
                    var head = AnswerHead.of("cmpl-", first, inference, clock);
                    var answer =
                            new TextAnswer(head, completions.size() * first.choices(), first.topLogprobs() != null);
                    var chunks = sideBySide(completions, first.choices());
                    return request.stream()
                            ? answer.stream(chunks, request.usageAsked())
                            : answer.whole(chunks).flux();
                })
                // Spring Cloud Function would go on after an error as if nothing had been there
                .onErrorStop();
    }

    private Flux<CompletionChunk> sideBySide(List<CompletionRequest> completions, int choices) {
        if (completions.size() == 1) {
            return inference.complete(completions.getFirst());
        }
        return Flux.range(0, completions.size())
                .flatMap(
                        i -> inference.complete(completions.get(i)).map(chunk -> moved(chunk, i * choices)),
                        SIDE_BY_SIDE);
    }

    private static CompletionChunk moved(CompletionChunk chunk, int by) {
        return switch (chunk) {
            case CompletionChunk.Begun begun -> begun;
            case CompletionChunk.Delta delta ->
                new CompletionChunk.Delta(delta.choice() + by, delta.text(), delta.logprobs(), delta.tokens());
            case CompletionChunk.ToolCallDelta call ->
                new CompletionChunk.ToolCallDelta(
                        call.choice() + by, call.index(), call.id(), call.name(), call.arguments(), call.tokens());
            case CompletionChunk.Finish finish -> new CompletionChunk.Finish(finish.choice() + by, finish.reason());
            case CompletionChunk.Total total -> total;
        };
    }

    private List<CompletionRequest> completions(TextCompletionRequest request, Principal principal, Instant deadline) {
        RequestRules.streamOptions(request.stream(), request.streamOptions());
        int choices = RequestRules.choices(request.sampling(), settings);
        if (request.bestOf() != null && request.bestOf() != choices) {
            throw InvalidRequestException.invalidValue(
                    "best_of", "it must be as many as 'n': no choice is thrown away.");
        }
        int prompts = request.prompts().size();
        if (prompts == 0 || (long) prompts * choices > settings.maxChoices()) {
            throw InvalidRequestException.invalidValue(
                    "prompt",
                    "there must be 1 to %d prompts with %d choices each, not %d."
                            .formatted(settings.maxChoices() / choices, choices, prompts));
        }
        int maxTokens = maxTokens(request, principal);
        var model = RequestRules.allowedModel(request.model(), principal, inference);
        var logprobs = request.logprobs() == null
                ? null
                : (Integer) RequestRules.within("logprobs", request.logprobs(), 0, 0, MAX_LOGPROBS);
        var completions = new ArrayList<CompletionRequest>(prompts);
        IntStream.range(0, prompts)
                .mapToObj(i -> prompt(request.prompts().get(i), prompts == 1 ? "prompt" : "prompt[" + i + "]"))
                .forEach(prompt ->
                        completions.add(RequestRules.begin(prompt, principal.tenant(), request.sampling(), maxTokens)
                                .model(model)
                                .choices(choices)
                                .topLogprobs(logprobs)
                                .echo(request.echo())
                                .deadline(deadline)
                                .build()));
        return completions;
    }

    private static int maxTokens(TextCompletionRequest request, Principal principal) {
        var most = RequestRules.maxTokens("max_tokens", request.maxTokens(), 0, principal);
        if (most != null && request.maxTokens() != null) {
            return most;
        }
        // who wants 20 at least and says no more wants more than the default
        int wanted = Math.max(DEFAULT_MAX_TOKENS, RequestRules.minTokens(request.sampling(), null));
        return most == null ? wanted : Math.min(most, wanted);
    }

    private static Prompt prompt(TextPrompt prompt, String param) {
        return switch (prompt) {
            case TextPrompt.Text text -> {
                if (text.text().isEmpty()) {
                    throw empty(param);
                }
                yield new Prompt.Text(text.text());
            }
            case TextPrompt.Tokens tokens -> {
                if (tokens.ids().isEmpty()) {
                    throw empty(param);
                }
                checkIds(tokens.ids(), param);
                yield new Prompt.Tokens(tokens.ids());
            }
        };
    }

    private static void checkIds(List<@Nullable Integer> ids, String param) {
        for (int i = 0; i < ids.size(); i++) {
            RequestRules.within(param + "[" + i + "]", ids.get(i), -1, 0, Integer.MAX_VALUE);
        }
    }

    private static InvalidRequestException empty(String param) {
        return InvalidRequestException.invalidValue(
                param, "it must not be empty: the model needs a token to go on from.");
    }
}
