package ai.dialog.cloud;

import ai.dialog.cloud.settings.CloudSettings;
import ai.dialog.cloud.settings.TierSettings;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.Tags;
import software.amazon.awscdk.services.iam.IRole;
import software.constructs.Construct;

/**
 * One stage of the service: the secrets, the containers with the model in their private network (or a model server elsewhere),
 * the functions, the gateway, and who is told when something is wrong. It names no account and no region, so that the same
 * template deploys anywhere.
 */
public final class DialogStack extends Stack {

    public DialogStack(Construct scope, String id, CloudSettings settings) {
        super(
                scope,
                id,
                StackProps.builder()
                        .description("AI dialog service, stage " + settings.stage())
                        .build());
        Secrets secrets = new Secrets(this, "Secrets", settings.secrets());
        LimitsTable limits = settings.limits() ? new LimitsTable(this, "Limits") : null;
        Tier tier = tier(settings, secrets);
        ModelServer server =
                tier != null ? tier.server() : new ModelServer(elsewhere(settings.inferenceUrl()), null, null);
        Functions functions = new Functions(this, "Functions", settings, secrets, limits, server);
        PublicApi api = new PublicApi(this, "Api", settings, functions);
        limitSecrets(settings, secrets, functions, tier);
        operate(settings, tier, functions, api);
        Tags.of(this).add("service", "ai-dialog");
        Tags.of(this).add("stage", settings.stage());
        outputs(secrets, api, tier);
    }

    private @Nullable Tier tier(CloudSettings settings, Secrets secrets) {
        TierSettings tier = settings.tier();
        if (tier == null) {
            return null;
        }
        boolean instances = tier.compute() == TierSettings.Compute.GPU;
        Network network = new Network(this, "Network", settings.network(), instances, settings.logRetentionDays());
        return new Tier(this, "Tier", settings, network, secrets);
    }

    private static String elsewhere(@Nullable URI url) {
        return Objects.requireNonNull(url, "settings have a tier or an address").toString();
    }

    private void limitSecrets(CloudSettings settings, Secrets secrets, Functions functions, @Nullable Tier tier) {
        IRole chat = functions.role("Chat");
        IRole models = functions.role("Models");
        IRole health = functions.role("Health");
        IRole token = functions.role("Token");
        IRole rotation = functions.role("Rotation");
        SecretPolicies policies =
                new SecretPolicies(this, "SecretPolicies", settings.secrets().operatorRoles());
        policies.limit("ApiKeys", secrets.apiKeys(), List.of(chat, models, token, rotation), List.of(rotation));
        policies.limit("PublicKeys", secrets.publicKeys(), List.of(chat, models, rotation), List.of(rotation));
        policies.limit("SigningKeys", secrets.signingKeys(), List.of(token, rotation), List.of(rotation));
        secrets.callers()
                .forEach((name, secret) -> policies.limitToAccount("Caller-" + name, secret, List.of(rotation)));
        if (tier != null) {
            policies.limitReading(
                    "InferenceKey", secrets.inferenceKey(), tier.keyReaders(List.of(chat, models, health)));
        } else {
            policies.limitReading("InferenceKey", secrets.inferenceKey(), List.of(chat, models, health));
        }
    }

    private void operate(CloudSettings settings, @Nullable Tier tier, Functions functions, PublicApi api) {
        boolean alarms = settings.operations().alarms();
        if (!alarms && tier == null) {
            return;
        }
        Notifications notifications =
                new Notifications(this, "Notifications", settings.operations().alarmEmail());
        ModelRollout rollout = tier == null ? null : tier.rollOut(notifications, settings);
        if (alarms) {
            Alarms raised = new Alarms(this, "Alarms", settings, api, functions, notifications);
            if (rollout != null) {
                raised.tellOf(rollout);
            }
            new Spending(
                    this, "Spending", settings.stage(), settings.operations().monthlyBudgetUsd(), notifications);
            if (tier != null) {
                new ImageScan(this, "ImageScan", tier.images().scanned(), notifications);
            }
        }
    }

    private void outputs(Secrets secrets, PublicApi api, @Nullable Tier tier) {
        output("Url", "Base URL for OpenAI clients, without /v1", api.url());
        output("ApiKeysSecret", "Hashes of all API keys", secrets.apiKeys().getSecretArn());
        output(
                "InferenceKeySecret",
                "The API key that the functions send to the model server",
                secrets.inferenceKey().getSecretArn());
        secrets.callers()
                .forEach((name, secret) -> output(
                        "KeyOf-" + name, "The secret that " + name + " reads its API key from", secret.getSecretArn()));
        if (tier != null) {
            output(
                    "ModelBucket",
                    "Put a new model under models/ here",
                    tier.models().bucket().getBucketName());
            output("Cluster", "The cluster of the containers, for aws ecs", tier.clusterName());
            output("Service", "Their service in it", tier.serviceName());
        }
    }

    private void output(String id, String description, String value) {
        CfnOutput.Builder.create(this, id).description(description).value(value).build();
    }
}
