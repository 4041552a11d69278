package ai.dialog.cloud;

import ai.dialog.cloud.settings.CloudSettings;
import ai.dialog.cloud.settings.FunctionSettings;
import ai.dialog.cloud.settings.FunctionSettings.ChatMode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.services.iam.IRole;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.lambda.Alias;
import software.amazon.awscdk.services.lambda.Function;
import software.amazon.awscdk.services.secretsmanager.Secret;
import software.constructs.Construct;

/**
 * The functions: what each is told, and what each may do. Chat streams, from a runtime of our own; the others answer from a
 * snapshot of the managed one. Each has a role of its own and reads the secrets that it needs: the one that makes tokens the
 * key pairs, those that take them the public halves, and each that knows callers the hashes of their keys.
 */
final class Functions extends Construct {

    /** The gateway gives up after 29 seconds, so that a function that works longer is paid for nothing. */
    static final int BUFFERED_SECONDS = 29;

    /** What is left after an answer has been cut off: to say so, and to end well. */
    private static final int LEFT_SECONDS = 4;

    /** A step of a rotation waits a minute, until every function has read what it changed. */
    private static final int ROTATION_SECONDS = 300;

    private static final int ROTATION_MEMORY_MIB = 512;

    private final LambdaFunctions lambda;
    private final Function rotation;
    private final Map<String, Role> roles = new LinkedHashMap<>();
    private final Alias chat;
    private final Alias token;
    private final Alias models;
    private final Alias health;

    Functions(
            Construct scope,
            String id,
            CloudSettings settings,
            Secrets secrets,
            @Nullable LimitsTable limits,
            ModelServer server) {
        super(scope, id);
        lambda = new LambdaFunctions(this, settings);
        String apiKeys = secrets.apiKeys().getSecretArn();
        String publicKeys = secrets.publicKeys().getSecretArn();
        String signingKeys = secrets.signingKeys().getSecretArn();

        Map<String, String> chatting = serverKnownBy(server, secrets);
        chatting.put("API_KEYS_SECRET_ARN", apiKeys);
        chatting.put("PUBLIC_KEYS_SECRET_ARN", publicKeys);
        chatting.put("REQUEST_TIMEOUT_SECONDS", Integer.toString(requestSeconds(settings.functions())));
        Role chatRole = role("Chat", secrets, secrets.apiKeys(), secrets.publicKeys(), secrets.inferenceKey());
        if (limits != null) {
            limits.letCount(chatRole);
            chatting.put("LIMITS_TABLE", limits.name());
        }
        if (server.tier() != null) {
            server.tier().letWake(chatRole);
        }
        chat = lambda.chat(chatRole, chatting, server);

        Map<String, String> listing = serverKnownBy(server, secrets);
        listing.put("API_KEYS_SECRET_ARN", apiKeys);
        listing.put("PUBLIC_KEYS_SECRET_ARN", publicKeys);
        Role modelsRole = role("Models", secrets, secrets.apiKeys(), secrets.publicKeys(), secrets.inferenceKey());
        if (server.tier() != null) {
            server.tier().letLook(modelsRole);
        }
        models = lambda.answering("Models", modelsRole, listing, server);

        Role healthRole = role("Health", secrets, secrets.inferenceKey());
        if (server.tier() != null) {
            server.tier().letLook(healthRole);
        }
        health = lambda.answering("Health", healthRole, serverKnownBy(server, secrets), server);

        // it asks the model server nothing, and so is outside the network; the variable is one that every function
        // wants
        Role tokenRole = role("Token", secrets, secrets.apiKeys(), secrets.signingKeys());
        token = lambda.answering(
                "Token",
                tokenRole,
                Map.of(
                        "API_KEYS_SECRET_ARN", apiKeys,
                        "SIGNING_KEYS_SECRET_ARN", signingKeys,
                        "INFERENCE_URL", server.url()),
                null);

        Role rotationRole = role("Rotation", secrets);
        rotation = lambda.managed(
                "Rotation",
                rotationRole,
                new LambdaFunctions.Bounds(ROTATION_SECONDS, ROTATION_MEMORY_MIB, false),
                Map.of(
                        "API_KEYS_SECRET_ARN", apiKeys,
                        "SIGNING_KEYS_SECRET_ARN", signingKeys,
                        "PUBLIC_KEYS_SECRET_ARN", publicKeys),
                null);
        Answers.answer(
                rotation,
                "Serverless-LambdaDLQ",
                "Secrets Manager repeats a step that fails, and there is an alarm: what a queue kept would help nobody");
        secrets.rotateBy(rotation, rotationRole);
    }

    /** How long the model server may work on an answer, in seconds. */
    static int requestSeconds(FunctionSettings settings) {
        return (settings.chatMode() == ChatMode.STREAM ? settings.chatSeconds() : BUFFERED_SECONDS) - LEFT_SECONDS;
    }

    Alias chat() {
        return chat;
    }

    Alias token() {
        return token;
    }

    Alias models() {
        return models;
    }

    Alias health() {
        return health;
    }

    Function rotation() {
        return rotation;
    }

    /** By the function's name. */
    IRole role(String name) {
        return Objects.requireNonNull(roles.get(name));
    }

    private Role role(String name, Secrets secrets, Secret... read) {
        Role role = lambda.role(name);
        if (read.length > 0) {
            secrets.letRead(role, read);
        }
        roles.put(name, role);
        return role;
    }

    /** The names of secrets, never their values: an environment is shown in consoles and logs. */
    private static Map<String, String> serverKnownBy(ModelServer server, Secrets secrets) {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("INFERENCE_URL", server.url());
        environment.put("INFERENCE_KEY_SECRET_ARN", secrets.inferenceKey().getSecretArn());
        if (server.model() != null) {
            environment.put("INFERENCE_MODEL", server.model());
        }
        Tier tier = server.tier();
        if (tier != null) {
            environment.put("TIER_CLUSTER", tier.clusterName());
            environment.put("TIER_SERVICE", tier.serviceName());
            environment.put("TIER_START_SECONDS", Integer.toString(tier.startSeconds()));
        }
        return environment;
    }
}
