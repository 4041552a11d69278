package ai.dialog.functions.aws;

import ai.dialog.functions.FunctionSettings;
import ai.dialog.functions.FunctionsConfiguration;
import ai.dialog.functions.access.Access;
import ai.dialog.functions.access.AccessSettings;
import ai.dialog.functions.access.ApiKey;
import ai.dialog.functions.access.KeyStore;
import ai.dialog.functions.access.SigningKeys;
import ai.dialog.functions.access.Tokens;
import ai.dialog.functions.audit.AuditLog;
import ai.dialog.functions.aws.secrets.CloudAccess;
import ai.dialog.functions.aws.secrets.Freshness;
import ai.dialog.functions.aws.tier.TierSettings;
import ai.dialog.functions.aws.tier.WakingInference;
import ai.dialog.functions.http.GatewaySettings;
import ai.dialog.functions.http.HttpConfiguration;
import ai.dialog.functions.inference.Inference;
import ai.dialog.functions.remote.RemoteInference;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.cloud.function.context.config.ContextFunctionCatalogAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;

/**
 * The functions and the gateway as Lambda runs them: over a remote model server, without the entry that Lambda calls, which is
 * {@link HandlersApplication} or the {@code runtime} of our own. Only what is named here is configured, because every configuration that is looked at costs start-up time.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@ImportAutoConfiguration(ContextFunctionCatalogAutoConfiguration.class)
@Import({FunctionsConfiguration.class, HttpConfiguration.class, LimitsConfiguration.class})
public class LambdaApplication {

    @Bean
    LambdaSettings lambdaSettings(Environment environment) {
        return LambdaSettings.from(environment);
    }

    @Bean
    FunctionSettings functionSettings(LambdaSettings settings) {
        return new FunctionSettings(settings.requestTimeout(), FunctionSettings.DEFAULTS.maxChoices());
    }

    @Bean
    GatewaySettings gatewaySettings(LambdaSettings settings) {
        var defaults = GatewaySettings.DEFAULTS;
        return new GatewaySettings(
                defaults.chatDefinition(), defaults.maxBodyBytes(), settings.corsOrigins(), settings.allowed());
    }

    /** The model server, started where its containers are at zero ({@code TIER_CLUSTER}). */
    @Bean
    Inference inference(LambdaSettings settings, Environment environment) {
        return WakingInference.around(
                new RemoteInference(settings.remote()), TierSettings.from(environment::getProperty));
    }

    /** Fails closed: without keys that can be read, the function does not start, or refuses everybody until they can. */
    @Bean
    Access access(LambdaSettings settings) {
        InstantSource clock = InstantSource.system();
        return switch (settings.keys()) {
            case LambdaSettings.Keys.None none ->
                new Access(
                        new NoKeys(),
                        new Tokens(
                                SigningKeys.inMemory(clock),
                                AccessSettings.DEFAULT_NAME,
                                AccessSettings.DEFAULT_NAME,
                                clock),
                        clock);
            case LambdaSettings.Keys.InFolder given -> {
                if (given.apiKey() == null && !Files.exists(given.folder().resolve("api-keys.json"))) {
                    // One would be made, and nobody would be shown it.
                    throw new IllegalStateException("KEYS_FOLDER has no api-keys.json, and API_KEY is not set");
                }
                var place = AccessSettings.of(given.folder(), given.apiKey())
                        .withVerificationKeys(file(given.verificationKeys()));
                yield Access.open(place, clock).access();
            }
            // The SDK's classes are loaded by this line, and where it is not reached they cost nothing.
            case LambdaSettings.Keys.InSecrets secrets ->
                CloudAccess.open(
                        new CloudAccess.Secrets(
                                secrets.apiKeysArn(), secrets.signingKeysArn(), secrets.publicKeysArn()),
                        Freshness.DEFAULT.withOutage(secrets.outage()),
                        clock);
        };
    }

    /** Public keys are read from a file; null where there are none. */
    private static @Nullable String file(@Nullable String publicKeys) {
        if (publicKeys == null) {
            return null;
        }
        try {
            Path file = Files.createTempFile("verification-keys", ".json");
            return Files.writeString(file, publicKeys).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Lambda's log takes what stands on standard output; the audit's lines are JSON, one for each request. */
    @Bean
    AuditLog auditLog() {
        return event -> {
            byte[] line = event.line();
            synchronized (System.out) {
                System.out.write(line, 0, line.length);
                System.out.write('\n');
                System.out.flush();
            }
        };
    }

    /** Knows nobody. */
    private static final class NoKeys implements KeyStore {
        @Override
        public @Nullable ApiKey byText(String presented) {
            return null;
        }

        @Override
        public @Nullable ApiKey byId(String id) {
            return null;
        }
    }
}
