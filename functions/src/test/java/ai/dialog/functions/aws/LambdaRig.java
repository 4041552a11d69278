package ai.dialog.functions.aws;

import ai.dialog.functions.remote.FakeUpstream;
import com.amazonaws.services.lambda.runtime.ClientContext;
import com.amazonaws.services.lambda.runtime.CognitoIdentity;
import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.LambdaLogger;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The deployed handlers as Lambda makes them, over a model server of the test's own. */
final class LambdaRig implements AutoCloseable {

    static final String KEY = "sk-local-example-0123456789abcdef";
    static final JsonMapper JSON = JsonMapper.builder().build();

    final FakeUpstream upstream;
    final RequestStreamHandler chat;
    final RequestStreamHandler token;
    final RequestStreamHandler models;
    final RequestStreamHandler health;
    private final Map<String, @Nullable String> before = new HashMap<>();

    LambdaRig(Path keysFolder, FakeUpstream upstream) {
        this.upstream = upstream;
        set("INFERENCE_URL", upstream.uri().toString());
        set("INFERENCE_API_KEY", "sk-upstream-example-0123456789abcdef");
        set("API_KEY", KEY);
        set("KEYS_FOLDER", keysFolder.toString());
        set("REQUEST_TIMEOUT_SECONDS", "5");
        chat = new ChatHandler();
        token = new TokenHandler();
        models = new ModelsHandler();
        health = new HealthHandler();
    }

    /** Another chat function, with variables of its own. */
    RequestStreamHandler chat(Map<String, String> environment) {
        var usual = new HashMap<String, @Nullable String>();
        environment.forEach((name, value) -> usual.put(name, System.getProperty(name)));
        try {
            environment.forEach(System::setProperty);
            return new ChatHandler();
        } finally {
            usual.forEach(LambdaRig::restore);
        }
    }

    /** What a function answered. */
    record Answer(JsonNode event, int status, JsonNode headers, String body) {
        JsonNode json() {
            return JSON.readTree(body);
        }

        String header(String name) {
            return headers.path(name).asString("");
        }
    }

    static ObjectNode event(String file) throws IOException {
        return (ObjectNode) JSON.readTree(Files.readString(Path.of("../events", file + ".json")));
    }

    static Answer call(RequestStreamHandler handler, JsonNode event) throws IOException {
        return call(handler, event.toString(), 20_000);
    }

    static Answer call(RequestStreamHandler handler, String event, int millisLeft) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        handler.handleRequest(
                new ByteArrayInputStream(event.getBytes(StandardCharsets.UTF_8)), out, new TimeLeft(millisLeft));
        JsonNode answer = JSON.readTree(out.toByteArray());
        return new Answer(
                answer,
                answer.path("statusCode").intValue(),
                answer.path("headers"),
                answer.path("body").stringValue());
    }

    @Override
    public void close() throws IOException {
        upstream.close();
        before.forEach(LambdaRig::restore);
    }

    private static void restore(String name, @Nullable String value) {
        if (value == null) {
            System.clearProperty(name);
        } else {
            System.setProperty(name, value);
        }
    }

    private void set(String name, String value) {
        before.put(name, System.getProperty(name));
        System.setProperty(name, value);
    }

    /** Lambda's context, of which the functions read the remaining time. */
    private record TimeLeft(int millis) implements Context {
        @Override
        public int getRemainingTimeInMillis() {
            return millis;
        }

        @Override
        public String getAwsRequestId() {
            return "c6af9ac6-7b61-11e6-9a41-93e8deadbeef";
        }

        @Override
        public String getLogGroupName() {
            return "group";
        }

        @Override
        public String getLogStreamName() {
            return "stream";
        }

        @Override
        public String getFunctionName() {
            return "function";
        }

        @Override
        public String getFunctionVersion() {
            return "$LATEST";
        }

        @Override
        public String getInvokedFunctionArn() {
            return "arn:aws:lambda:eu-central-1:123456789012:function:function";
        }

        @Override
        public @Nullable CognitoIdentity getIdentity() {
            return null;
        }

        @Override
        public @Nullable ClientContext getClientContext() {
            return null;
        }

        @Override
        public int getMemoryLimitInMB() {
            return 1024;
        }

        @Override
        public @Nullable LambdaLogger getLogger() {
            return null;
        }
    }
}
