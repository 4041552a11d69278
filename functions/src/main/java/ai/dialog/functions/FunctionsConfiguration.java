package ai.dialog.functions;

import ai.dialog.functions.access.Access;
import ai.dialog.functions.access.Principal;
import ai.dialog.functions.audit.AuditedInference;
import ai.dialog.functions.inference.Inference;
import ai.dialog.functions.inference.ModelCard;
import ai.dialog.functions.inference.Readiness;
import ai.dialog.functions.limits.MemoryMeter;
import ai.dialog.functions.limits.Meter;
import ai.dialog.functions.limits.MeterSettings;
import ai.dialog.functions.limits.MeteredInference;
import ai.dialog.functions.openai.ChatCompletionRequest;
import ai.dialog.functions.openai.ChatEvent;
import ai.dialog.functions.openai.Health;
import ai.dialog.functions.openai.Model;
import ai.dialog.functions.openai.ModelList;
import ai.dialog.functions.openai.TextCompletion;
import ai.dialog.functions.openai.TextCompletionRequest;
import ai.dialog.functions.openai.TokenRequest;
import ai.dialog.functions.openai.TokenResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Supplier;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The functions as beans. Needs an {@link Inference} and an {@link Access}; takes a {@link FunctionSettings}, a
 * {@link Meter} and {@link MeterSettings} where there are some.
 */
@Configuration(proxyBeanMethods = false)
public class FunctionsConfiguration {

    /**
     * What all functions ask: the application's inference, within the callers' limits. They are counted in memory where the
     * application has no {@link Meter}.
     */
    @Bean
    public MeteredInference meteredInference(
            Inference inference, ObjectProvider<Meter> meter, ObjectProvider<MeterSettings> settings) {
        var clock = InstantSource.system();
        return new MeteredInference(
                inference,
                meter.getIfAvailable(() -> new MemoryMeter(clock)),
                settings.getIfAvailable(() -> MeterSettings.DEFAULTS),
                clock);
    }

    /** See {@link ChatFunction}. */
    @Bean
    public Function<ChatCompletionRequest, Flux<ChatEvent>> chat(
            MeteredInference inference, ObjectProvider<FunctionSettings> settings) {
        return new ChatFunction(
                new AuditedInference(inference),
                settings.getIfAvailable(() -> FunctionSettings.DEFAULTS),
                InstantSource.system());
    }

    /** See {@link TextCompletionFunction}. */
    @Bean
    public Function<TextCompletionRequest, Flux<TextCompletion>> completions(
            MeteredInference inference, ObjectProvider<FunctionSettings> settings) {
        return new TextCompletionFunction(
                new AuditedInference(inference),
                settings.getIfAvailable(() -> FunctionSettings.DEFAULTS),
                InstantSource.system());
    }

    /** See {@link TokenFunction}. */
    @Bean
    public Function<TokenRequest, Mono<TokenResponse>> token(Access access) {
        return new TokenFunction(access.tokens());
    }

    /** The models that can be asked for, by the caller where one is known. */
    @Bean
    public Supplier<Mono<ModelList>> models(MeteredInference inference) {
        return () -> Mono.deferContextual(context -> {
            Principal caller = context.getOrDefault(Principal.class, null);
            return Mono.just(new ModelList(
                    "list",
                    inference.models().stream()
                            .filter(card -> caller == null || RequestRules.allows(caller, card.id(), inference))
                            .map(FunctionsConfiguration::model)
                            .toList()));
        });
    }

    /** Whether requests can be served. */
    @Bean
    public Supplier<Mono<Health>> health(MeteredInference inference) {
        var start = Instant.now();
        return () -> Mono.fromSupplier(() -> health(inference.readiness(), Duration.between(start, Instant.now())));
    }

    private static Model model(ModelCard card) {
        return new Model(card.id(), "model", card.created(), card.owner(), card.contextLength());
    }

    private static Health health(Readiness readiness, Duration uptime) {
        return new Health(
                readiness.status().name().toLowerCase(Locale.ROOT),
                uptime.toSeconds(),
                readiness.detail(),
                readiness.activeSlots(),
                readiness.slots(),
                readiness.queued());
    }
}
