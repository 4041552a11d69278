package ai.dialog.functions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.dialog.functions.access.AccessException;
import ai.dialog.functions.access.Principal;
import ai.dialog.functions.access.Restrictions;
import ai.dialog.functions.access.Scope;
import ai.dialog.functions.openai.ChatCompletion;
import ai.dialog.functions.openai.ChatCompletionRequest;
import ai.dialog.functions.openai.ChatEvent;
import ai.dialog.functions.openai.ChatMessage;
import ai.dialog.functions.openai.InvalidRequestException;
import ai.dialog.functions.openai.SamplingOptions;
import ai.dialog.functions.openai.TextCompletionRequest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

/** The functions as a front in Java calls them, without HTTP. */
class FunctionsTest {

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final FunctionSettings SETTINGS = new FunctionSettings(Duration.ofSeconds(30), 4);

    private final FakeInference inference = new FakeInference();
    private final ChatFunction chat = new ChatFunction(inference, SETTINGS, InstantSource.fixed(NOW));
    private final TextCompletionFunction completions =
            new TextCompletionFunction(inference, SETTINGS, InstantSource.fixed(NOW));

    private static <T> Flux<T> as(Set<String> scopes, Flux<T> answer) {
        var principal = new Principal(
                "id",
                "ann",
                "tenant-a",
                scopes,
                Principal.Credential.API_KEY,
                NOW.plusSeconds(99),
                NOW.plusSeconds(99),
                Restrictions.NONE,
                List.of());
        return answer.contextWrite(context -> context.put(Principal.class, principal));
    }

    private static ChatCompletionRequest request(SamplingOptions sampling) {
        return ChatCompletionRequest.about(List.of(new ChatMessage("user", "hi")))
                .sampling(sampling)
                .build();
    }

    @Test
    void nobodyIsAnsweredWhoIsNotKnown() {
        StepVerifier.create(chat.apply(request(SamplingOptions.DEFAULTS))).verifyError(AccessException.class);
        StepVerifier.create(completions.apply(TextCompletionRequest.of("x"))).verifyError(AccessException.class);
        assertThat(inference.requests()).isEmpty();
    }

    @Test
    void aCallerWithoutTheScopeIsForbidden() {
        StepVerifier.create(as(Set.of(Scope.TOKENS), chat.apply(request(SamplingOptions.DEFAULTS))))
                .verifyErrorSatisfies(error -> assertThat(error)
                        .isInstanceOfSatisfying(
                                AccessException.class,
                                denied -> assertThat(denied.kind()).isEqualTo(AccessException.Kind.FORBIDDEN)));
    }

    @Test
    void theTenantAndTheDeadlineReachTheInference() {
        StepVerifier.create(as(Scope.ALL, chat.apply(request(SamplingOptions.DEFAULTS))))
                .assertNext(answer -> assertThat(answer).isInstanceOf(ChatCompletion.class))
                .verifyComplete();
        assertThat(inference.lastRequest().tenant()).isEqualTo("tenant-a");
        assertThat(inference.lastRequest().deadline()).isEqualTo(NOW.plusSeconds(30));
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -0.001, 2.001})
    void aNumberThatJsonCannotSayIsRefusedAsWell(double temperature) {
        var sampling = new SamplingOptions(
                temperature, null, null, null, null, List.of(), null, null, null, null, Map.of(), null, null);
        Flux<ChatEvent> answer = as(Scope.ALL, chat.apply(request(sampling)));
        StepVerifier.create(answer)
                .verifyErrorSatisfies(error -> assertThat(error)
                        .isInstanceOfSatisfying(
                                InvalidRequestException.class,
                                refused -> assertThat(refused.param()).isEqualTo("temperature")));
    }

    @Test
    void theSettingsBoundTheChoices() {
        var sampling =
                new SamplingOptions(null, null, null, null, null, List.of(), 5, null, null, null, Map.of(), null, null);
        StepVerifier.create(as(Scope.ALL, chat.apply(request(sampling)))).verifyError(InvalidRequestException.class);
    }

    @Test
    void settingsThatMakeNoSenseAreRefused() {
        assertThatThrownBy(() -> new FunctionSettings(Duration.ZERO, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new FunctionSettings(Duration.ofSeconds(1), 0))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
