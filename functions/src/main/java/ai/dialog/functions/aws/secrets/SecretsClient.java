package ai.dialog.functions.aws.secrets;

import java.time.Duration;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/** How Secrets Manager is called: with the standard AWS settings (region, credentials, {@code AWS_ENDPOINT_URL}). */
public final class SecretsClient {

    /** A secret is read in some ten milliseconds; a first call, with TLS on a part of a processor, in under a second. */
    private static final Duration CONNECT = Duration.ofSeconds(2);

    private static final Duration ATTEMPT = Duration.ofSeconds(4);
    private static final Duration CALL = Duration.ofSeconds(10);

    private SecretsClient() {}

    /** A client of the standard settings. It is to be closed. */
    public static SecretsManagerClient open() {
        return SecretsManagerClient.builder()
                .httpClientBuilder(UrlConnectionHttpClient.builder()
                        .connectionTimeout(CONNECT)
                        .socketTimeout(ATTEMPT))
                .overrideConfiguration(configuration ->
                        configuration.apiCallAttemptTimeout(ATTEMPT).apiCallTimeout(CALL))
                .build();
    }
}
