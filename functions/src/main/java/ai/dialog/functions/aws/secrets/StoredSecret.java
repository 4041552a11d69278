package ai.dialog.functions.aws.secrets;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.GetSecretValueRequest;
import software.amazon.awssdk.services.secretsmanager.model.InvalidParameterException;
import software.amazon.awssdk.services.secretsmanager.model.InvalidRequestException;
import software.amazon.awssdk.services.secretsmanager.model.ResourceExistsException;
import software.amazon.awssdk.services.secretsmanager.model.ResourceNotFoundException;

/**
 * One secret of Secrets Manager and its versions. Blocks on the network; a failure is the SDK's exception, whose message
 * names the secret and has nothing of its content.
 */
final class StoredSecret {

    static final String CURRENT = "AWSCURRENT";
    static final String PENDING = "AWSPENDING";
    private static final String PREVIOUS = "AWSPREVIOUS";

    /**
     * Holds a change until it becomes current. One label for all changes: putting it on a new version takes it off the one
     * before, so that a change that was broken off leaves nothing that piles up.
     */
    private static final String CHANGE = "AI_DIALOG_CHANGE";

    /** Quota of Secrets Manager: 65,536 bytes. */
    static final int MAX_BYTES = 65_536;

    /** A change loses only to one that won, and there are few: more is another fault. */
    private static final int ATTEMPTS = 10;

    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);

    private final SecretsManagerClient client;
    private final String arn;

    StoredSecret(SecretsManagerClient client, String arn) {
        this.client = client;
        this.arn = arn;
    }

    /**
     * A version of the secret.
     *
     * @param created when it was put there, by the service's clock
     */
    record Version(String id, String text, Instant created) {
        /** Without the text. */
        @Override
        public String toString() {
            return "Version[" + id + "]";
        }
    }

    String arn() {
        return arn;
    }

    /** The version in force. */
    Version current() {
        return get(GetSecretValueRequest.builder().secretId(arn).versionStage(CURRENT));
    }

    /** A version that waits for its rotation to end; null where none was put there. */
    @Nullable
    Version pending(String versionId) {
        try {
            return get(GetSecretValueRequest.builder()
                    .secretId(arn)
                    .versionId(versionId)
                    .versionStage(PENDING));
        } catch (ResourceNotFoundException notYet) {
            return null;
        }
    }

    /** The version that was in force before; null where there is none. */
    @Nullable
    Version previous() {
        try {
            return get(GetSecretValueRequest.builder().secretId(arn).versionStage(PREVIOUS));
        } catch (ResourceNotFoundException none) {
            return null;
        }
    }

    private Version get(GetSecretValueRequest.Builder request) {
        var value = client.getSecretValue(request.build());
        if (value.secretString() == null) {
            throw new IllegalStateException("The secret " + arn + " has bytes where text is expected");
        }
        return new Version(value.versionId(), value.secretString(), value.createdDate());
    }

    /** Puts a version there that waits; one that is there already stays. */
    void putPending(String versionId, String text) {
        try {
            put(versionId, text, PENDING);
        } catch (ResourceExistsException there) {
            // a call beside this one, or one whose answer was lost, was first
        }
    }

    /** Puts a version in force in the place of another; false where that other is not in force any more. */
    boolean promote(String versionId, String insteadOf) {
        try {
            client.updateSecretVersionStage(request -> request.secretId(arn)
                    .versionStage(CURRENT)
                    .moveToVersionId(versionId)
                    .removeFromVersionId(insteadOf));
            return true;
        } catch (InvalidParameterException | InvalidRequestException | SdkClientException unclear) {
            // lost to another change; or done, and the answer was lost
            String now = current().id();
            if (now.equals(versionId)) {
                return true;
            }
            if (now.equals(insteadOf)) {
                throw unclear;
            }
            return false;
        }
    }

    /**
     * Changes the text by compare and swap: the new one is put aside as a version of its own, and put in force only if the
     * one that it was made from still is. Otherwise the function is called again, with what is in force then.
     *
     * @param change given and returns the whole text; the same text changes nothing
     * @throws IllegalStateException where others were faster each time, or the text is too large
     */
    void change(UnaryOperator<String> change) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            var before = current();
            String after = change.apply(before.text());
            if (after.equals(before.text())) {
                return;
            }
            String version = UUID.randomUUID().toString();
            put(version, after, CHANGE);
            if (promote(version, before.id())) {
                return;
            }
            long most = FIRST_PAUSE.toNanos() << attempt;
            LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(most / 2, most));
        }
        throw new IllegalStateException(
                "The secret %s was changed by others %d times in a row; try again".formatted(arn, ATTEMPTS));
    }

    private void put(String versionId, String text, String stage) {
        if (text.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            throw new IllegalStateException(
                    "The secret %s would have more than %d bytes; remove keys that ended from it"
                            .formatted(arn, MAX_BYTES));
        }
        client.putSecretValue(request -> request.secretId(arn)
                .clientRequestToken(versionId)
                .secretString(text)
                .versionStages(List.of(stage)));
    }
}
