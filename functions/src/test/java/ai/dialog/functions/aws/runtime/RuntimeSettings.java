package ai.dialog.functions.aws.runtime;

import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the runtime's environment would say, as system properties, until closed. */
final class RuntimeSettings implements AutoCloseable {

    private final Map<String, @Nullable String> before = new HashMap<>();

    RuntimeSettings(Path keysFolder, URI modelServer) {
        set("INFERENCE_URL", modelServer.toString());
        set("API_KEY", "sk-local-example-0123456789abcdef");
        set("KEYS_FOLDER", keysFolder.toString());
        set("REQUEST_TIMEOUT_SECONDS", "60");
        set("CORS_ORIGINS", "https://chat.example.org");
    }

    private void set(String name, String value) {
        before.put(name, System.getProperty(name));
        System.setProperty(name, value);
    }

    @Override
    public void close() {
        before.forEach((name, value) -> {
            if (value == null) {
                System.clearProperty(name);
            } else {
                System.setProperty(name, value);
            }
        });
    }
}
