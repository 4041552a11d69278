package ai.dialog.functions.aws;

import ai.dialog.functions.aws.secrets.Rotation;
import ai.dialog.functions.aws.secrets.RotationSettings;
import ai.dialog.functions.aws.secrets.SecretsClient;
import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The function that Secrets Manager calls to rotate a secret, once for each of the four steps ({@link Rotation}).
 *
 * <p>It is no Spring function: it answers no caller, shares nothing with the functions that do but the key types, and runs four
 * times in some weeks, always from cold, so that a Spring context would be most of its time.
 */
public final class RotationHandler implements RequestStreamHandler {

    private static final int MAX_EVENT_BYTES = 64 * 1024;

    private final Rotation rotation;
    private final JsonMapper json = JsonMapper.builder().build();

    /** As Lambda makes it: with the settings of the environment. */
    public RotationHandler() {
        this(new Rotation(
                SecretsClient.open(), RotationSettings.from(RotationHandler::variable), InstantSource.system()));
    }

    RotationHandler(Rotation rotation) {
        this.rotation = rotation;
    }

    /**
     * Does the step that the event names.
     *
     * @throws IllegalStateException where the event is none of Secrets Manager's, or the step cannot be done; Secrets Manager
     *     sees the failure and starts again later
     */
    @Override
    public void handleRequest(InputStream event, OutputStream answer, @Nullable Context context) throws IOException {
        JsonNode tree = json.readTree(event.readNBytes(MAX_EVENT_BYTES));
        try {
            rotation.run(text(tree, "Step"), text(tree, "SecretId"), text(tree, "ClientRequestToken"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The rotation was interrupted", e);
        }
    }

    private static String text(JsonNode event, String name) {
        String value = event.path(name).asString("");
        if (value.isEmpty()) {
            throw new IllegalStateException("The event is none of a rotation: it has no " + name);
        }
        return value;
    }

    private static @Nullable String variable(String name) {
        return System.getenv(name);
    }
}
