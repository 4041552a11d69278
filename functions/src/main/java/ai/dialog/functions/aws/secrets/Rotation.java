package ai.dialog.functions.aws.secrets;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.DescribeSecretResponse;

/**
 * The four steps of a rotation by Secrets Manager ("Rotation by Lambda function", AWS Secrets Manager User Guide). Each may be
 * called again, by itself or after those before it, also where the call before it broke off anywhere; and at no moment is the
 * version in force one that is refused:
 *
 * <ol>
 *   <li>{@code createSecret} makes the new version, which waits (AWSPENDING);
 *   <li>{@code setSecret} makes it good beside the old one;
 *   <li>{@code testSecret} proves that, and waits until everybody who checks it has read so;
 *   <li>{@code finishSecret} puts it in force (AWSCURRENT), and then starts the old one's grace.
 * </ol>
 */
public final class Rotation {

    private static final Logger LOG = LoggerFactory.getLogger(Rotation.class);

    private final SecretsManagerClient client;
    private final RotationSettings settings;
    private final InstantSource clock;
    private final Pause pause;

    /** Lets time pass. */
    @FunctionalInterface
    interface Pause {
        void of(Duration duration) throws InterruptedException;
    }

    /** Rotations of the secrets that the settings name, and of callers' secrets. */
    public Rotation(SecretsManagerClient client, RotationSettings settings, InstantSource clock) {
        this(client, settings, clock, Thread::sleep);
    }

    Rotation(SecretsManagerClient client, RotationSettings settings, InstantSource clock, Pause pause) {
        this.client = client;
        this.settings = settings;
        this.clock = clock;
        this.pause = pause;
    }

    /**
     * Does one step.
     *
     * @param step its name, such as {@code createSecret}
     * @param secretId the ARN of the secret, or its name
     * @param token the id of the version that waits
     * @throws IllegalStateException where the secret is not being rotated, or a step before this one is missing
     * @throws software.amazon.awssdk.core.exception.SdkException where Secrets Manager refuses or cannot be reached
     */
    public void run(String step, String secretId, String token) throws InterruptedException {
        var described = client.describeSecret(request -> request.secretId(secretId));
        var stages = stages(described, token);
        // an event may name it by its name: what is compared below is its ARN
        var secret = new StoredSecret(client, described.arn());
        var kind = kind(described.arn());
        if (stages.contains(StoredSecret.CURRENT)) {
            if (step.equals("finishSecret")) {
                // it was put in force; what comes after that may be missing
                retire(secret, kind);
            }
            return;
        }
        if (!stages.contains(StoredSecret.PENDING)) {
            throw new IllegalStateException(
                    "The version %s of %s does not wait for a rotation".formatted(token, secret.arn()));
        }
        switch (step) {
            case "createSecret" -> create(secret, kind, token);
            case "setSecret" -> kind.publish(secret.current().text(), pending(secret, token));
            case "testSecret" -> test(kind, pending(secret, token));
            case "finishSecret" -> finish(secret, kind, token);
            default -> throw new IllegalStateException("A rotation has no such step");
        }
        LOG.info("{} of version {} of {} is done", step, token, secret.arn());
    }

    private static List<String> stages(DescribeSecretResponse secret, String token) {
        if (!Boolean.TRUE.equals(secret.rotationEnabled())) {
            throw new IllegalStateException("The secret %s is not set up for rotation".formatted(secret.arn()));
        }
        Map<String, List<String>> versions = secret.versionIdsToStages();
        var stages = versions.get(token);
        if (stages == null) {
            throw new IllegalStateException("The secret %s has no version %s".formatted(secret.arn(), token));
        }
        return stages;
    }

    private RotatedSecret kind(String secretId) {
        var publicKeys = settings.publicKeysArn();
        if (secretId.equals(settings.signingKeysArn()) && publicKeys != null) {
            return new SigningSecret(secretId, new StoredSecret(client, publicKeys), settings.headStart(), clock);
        }
        if (secretId.equals(settings.apiKeysArn()) || secretId.equals(publicKeys)) {
            throw new IllegalStateException(
                    "The secret %s has what is checked, and changes when a caller's or the signing secret is rotated; it is not rotated itself"
                            .formatted(secretId));
        }
        return new DeliveredKey(
                new KeySecret(new StoredSecret(client, settings.apiKeysArn())), settings.grace(), clock);
    }

    private static void create(StoredSecret secret, RotatedSecret kind, String token) {
        if (secret.pending(token) == null) {
            secret.putPending(token, kind.next(secret.current().text()));
        }
    }

    /** A version is put in force when the slowest verifier has read what makes it good. */
    private void test(RotatedSecret kind, String pending) throws InterruptedException {
        var known = kind.prove(pending).plus(settings.propagation());
        var left = Duration.between(clock.instant(), known);
        if (left.isPositive()) {
            // never longer, however far apart the two clocks are
            pause.of(left.compareTo(settings.propagation()) < 0 ? left : settings.propagation());
        }
    }

    private static void finish(StoredSecret secret, RotatedSecret kind, String token) {
        // a finish that comes before its test must not make callers be refused
        kind.prove(pending(secret, token));
        String before = secret.current().id();
        if (!secret.promote(token, before)) {
            throw new IllegalStateException("The secret %s was changed while it was rotated".formatted(secret.arn()));
        }
        retire(secret, kind);
    }

    private static void retire(StoredSecret secret, RotatedSecret kind) {
        var before = secret.previous();
        kind.retire(secret.current().text(), before == null ? null : before.text());
    }

    private static String pending(StoredSecret secret, String token) {
        StoredSecret.@Nullable Version version = secret.pending(token);
        if (version == null) {
            throw new IllegalStateException(
                    "The version %s of %s is empty: createSecret has not been done".formatted(token, secret.arn()));
        }
        return version.text();
    }
}
