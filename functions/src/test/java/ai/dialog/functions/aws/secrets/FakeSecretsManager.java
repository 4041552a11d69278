package ai.dialog.functions.aws.secrets;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.DescribeSecretRequest;
import software.amazon.awssdk.services.secretsmanager.model.DescribeSecretResponse;
import software.amazon.awssdk.services.secretsmanager.model.GetSecretValueRequest;
import software.amazon.awssdk.services.secretsmanager.model.GetSecretValueResponse;
import software.amazon.awssdk.services.secretsmanager.model.InvalidParameterException;
import software.amazon.awssdk.services.secretsmanager.model.PutSecretValueRequest;
import software.amazon.awssdk.services.secretsmanager.model.PutSecretValueResponse;
import software.amazon.awssdk.services.secretsmanager.model.ResourceExistsException;
import software.amazon.awssdk.services.secretsmanager.model.ResourceNotFoundException;
import software.amazon.awssdk.services.secretsmanager.model.UpdateSecretVersionStageRequest;
import software.amazon.awssdk.services.secretsmanager.model.UpdateSecretVersionStageResponse;

/**
 * Secrets Manager in memory, after its API reference: versions, and stages each of which is on one version. Its calls can be
 * made to fail, before or after they did what they do.
 */
final class FakeSecretsManager implements SecretsManagerClient {

    private final InstantSource clock;
    private final Map<String, Secret> secrets = new LinkedHashMap<>();
    private int calls;
    private int failingCall;
    private boolean failsAfterwards;
    private boolean down;
    private Runnable afterEachCall = () -> {};

    private static final class Secret {
        private final Map<String, GetSecretValueResponse> versions = new HashMap<>();
        private final Map<String, Set<String>> stages = new LinkedHashMap<>();
        private boolean rotates;

        private @Nullable String holder(String stage) {
            return stages.entrySet().stream()
                    .filter(entry -> entry.getValue().contains(stage))
                    .map(Map.Entry::getKey)
                    .findFirst()
                    .orElse(null);
        }

        private void put(String stage, String version) {
            stages.values().forEach(each -> each.remove(stage));
            stages.computeIfAbsent(version, id -> new LinkedHashSet<>()).add(stage);
        }
    }

    FakeSecretsManager(InstantSource clock) {
        this.clock = clock;
    }

    synchronized void create(String arn, String text) {
        var secret = new Secret();
        secrets.put(arn, secret);
        keep(secret, "first-of-" + arn, text);
        secret.put("AWSCURRENT", "first-of-" + arn);
    }

    /** What {@code RotateSecret} does before it calls the function. */
    synchronized void beginRotation(String arn, String token) {
        var secret = secret(arn);
        secret.rotates = true;
        secret.put("AWSPENDING", token);
    }

    /** The n-th call from now on fails, having done nothing or having done all; 0 for none. */
    synchronized void failAt(int call, boolean afterwards) {
        calls = 0;
        failingCall = call;
        failsAfterwards = afterwards;
    }

    synchronized void setDown(boolean down) {
        this.down = down;
    }

    synchronized void afterEachCall(Runnable check) {
        afterEachCall = check;
    }

    synchronized int calls() {
        return calls;
    }

    synchronized String text(String arn) {
        return text(arn, "AWSCURRENT");
    }

    synchronized String text(String arn, String stage) {
        var secret = secret(arn);
        var version = secret.versions.get(secret.holder(stage));
        if (version == null) {
            throw new IllegalStateException("no " + stage);
        }
        return version.secretString();
    }

    synchronized int versions(String arn) {
        return secret(arn).versions.size();
    }

    /** Versions that nothing deletes, for they have a stage. */
    synchronized long stagedVersions(String arn) {
        return secret(arn).stages.values().stream()
                .filter(stages -> !stages.isEmpty())
                .count();
    }

    @Override
    public GetSecretValueResponse getSecretValue(GetSecretValueRequest request) {
        return call(() -> {
            var secret = secret(request.secretId());
            String id = request.versionId() != null ? request.versionId() : secret.holder(request.versionStage());
            var version = secret.versions.get(id);
            boolean staged = request.versionStage() == null
                    || secret.stages.getOrDefault(id, Set.of()).contains(request.versionStage());
            if (version == null || !staged) {
                throw ResourceNotFoundException.builder()
                        .message("Secrets Manager can't find the specified secret value")
                        .build();
            }
            return version;
        });
    }

    @Override
    public PutSecretValueResponse putSecretValue(PutSecretValueRequest request) {
        return call(() -> {
            var secret = secret(request.secretId());
            var there = secret.versions.get(request.clientRequestToken());
            if (there != null && !there.secretString().equals(request.secretString())) {
                throw ResourceExistsException.builder().message("another value").build();
            }
            keep(secret, request.clientRequestToken(), request.secretString());
            request.versionStages().forEach(stage -> secret.put(stage, request.clientRequestToken()));
            return PutSecretValueResponse.builder().build();
        });
    }

    @Override
    public UpdateSecretVersionStageResponse updateSecretVersionStage(UpdateSecretVersionStageRequest request) {
        return call(() -> {
            var secret = secret(request.secretId());
            String holder = secret.holder(request.versionStage());
            if (holder != null && !holder.equals(request.removeFromVersionId())) {
                throw InvalidParameterException.builder()
                        .message("The staging label is attached to another version")
                        .build();
            }
            if (request.versionStage().equals("AWSCURRENT") && holder != null) {
                secret.put("AWSPREVIOUS", holder);
            }
            secret.put(request.versionStage(), request.moveToVersionId());
            return UpdateSecretVersionStageResponse.builder().build();
        });
    }

    @Override
    public DescribeSecretResponse describeSecret(DescribeSecretRequest request) {
        return call(() -> {
            String arn = secrets.containsKey(request.secretId()) ? request.secretId() : "arn:" + request.secretId();
            var secret = secret(arn);
            Map<String, List<String>> stages = new HashMap<>();
            secret.stages.forEach((id, names) -> stages.put(id, new ArrayList<>(names)));
            return DescribeSecretResponse.builder()
                    .arn(arn)
                    .rotationEnabled(secret.rotates)
                    .versionIdsToStages(stages)
                    .build();
        });
    }

    @Override
    public String serviceName() {
        return "secretsmanager";
    }

    @Override
    public void close() {}

    private synchronized <T> T call(Supplier<T> work) {
        int number = ++calls;
        if (down || (number == failingCall && !failsAfterwards)) {
            throw SdkClientException.create("cut off before");
        }
        T result;
        try {
            result = work.get();
        } catch (RuntimeException refused) {
            // an answer that was lost is lost whatever it said
            throw number == failingCall ? SdkClientException.create("cut off after") : refused;
        }
        afterEachCall.run();
        if (number == failingCall) {
            throw SdkClientException.create("cut off after");
        }
        return result;
    }

    private Secret secret(String arn) {
        var secret = secrets.get(arn);
        if (secret == null) {
            throw ResourceNotFoundException.builder()
                    .message("no secret " + arn)
                    .build();
        }
        return secret;
    }

    private void keep(Secret secret, String id, String text) {
        secret.versions.putIfAbsent(
                id,
                GetSecretValueResponse.builder()
                        .versionId(id)
                        .secretString(text)
                        .createdDate(clock.instant())
                        .build());
    }
}
