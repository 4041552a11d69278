package ai.dialog.functions;

import ai.dialog.functions.access.Principal;
import ai.dialog.functions.access.Scope;
import ai.dialog.functions.inference.CallContext;
import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.Inference;
import ai.dialog.functions.openai.ChatCompletionRequest;
import ai.dialog.functions.openai.ChatEvent;
import ai.dialog.functions.openai.InvalidRequestException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/**
 * The function {@code chat}: a conversation in, an answer out, whole or in pieces as the request asks. Needs a
 * {@link Principal} in the Reactor context. Fails with an {@link InvalidRequestException}, an
 * {@link ai.dialog.functions.access.AccessException} or an {@link ai.dialog.functions.inference.InferenceException}.
 */
public final class ChatFunction implements Function<ChatCompletionRequest, Flux<ChatEvent>> {

    /** OpenAI's bound. */
    private static final int MAX_TOP_LOGPROBS = 20;

    private final Inference inference;
    private final FunctionSettings settings;
    private final InstantSource clock;

    /** A function over an inference. */
    public ChatFunction(Inference inference, FunctionSettings settings, InstantSource clock) {
        this.inference = inference;
        this.settings = settings;
        this.clock = clock;
    }

    @Override
    public Flux<ChatEvent> apply(ChatCompletionRequest request) {
        return Flux.<ChatEvent>deferContextual(context -> {
                    var principal = Principal.require(context, Scope.INFERENCE);
                    var deadline =
                            CallContext.of(context).deadline(clock.instant().plus(settings.requestTimeout()));
                    var completion = completion(request, principal, deadline);
                    var head = AnswerHead.of("chatcmpl-", completion, inference, clock);
                    var answer = new ChatAnswer(head, completion);
                    var chunks = inference.complete(completion);
                    return request.stream()
                            ? answer.stream(chunks, request.usageAsked())
                            : answer.whole(chunks).flux();
                })
                // Spring Cloud Function would go on after an error as if nothing had been there
                .onErrorStop();
    }

    private CompletionRequest completion(ChatCompletionRequest request, Principal principal, Instant deadline) {
        RequestRules.streamOptions(request.stream(), request.streamOptions());
        var maxTokens = maxTokens(request, principal);
        return RequestRules.begin(
                        ConversationRules.conversation(request.messages()),
                        principal.tenant(),
                        request.sampling(),
                        maxTokens)
                .model(RequestRules.allowedModel(request.model(), principal, inference))
                .choices(RequestRules.choices(request.sampling(), settings))
                .topLogprobs(topLogprobs(request))
                .deadline(deadline)
                .format(RequestRules.format(request.responseFormat(), request.sampling()))
                .tools(ToolRules.tools(request))
                .build();
    }

    private static @Nullable Integer maxTokens(ChatCompletionRequest request, Principal principal) {
        var older = RequestRules.maxTokens("max_tokens", request.maxTokens(), 1, principal);
        var newer = RequestRules.maxTokens("max_completion_tokens", request.maxCompletionTokens(), 1, principal);
        if (request.maxTokens() != null && request.maxCompletionTokens() != null && !Objects.equals(older, newer)) {
            throw InvalidRequestException.invalidValue(
                    "max_tokens",
                    "it is an older name of 'max_completion_tokens' and says another number; send one of them.");
        }
        return request.maxCompletionTokens() != null ? newer : older;
    }

    private static @Nullable Integer topLogprobs(ChatCompletionRequest request) {
        boolean logprobs = Boolean.TRUE.equals(request.logprobs());
        if (request.topLogprobs() != null && !logprobs) {
            throw InvalidRequestException.invalidValue("top_logprobs", "it is only for 'logprobs': true.");
        }
        int top = RequestRules.within("top_logprobs", request.topLogprobs(), 0, 0, MAX_TOP_LOGPROBS);
        return logprobs ? (Integer) top : null;
    }
}
