package ai.dialog.functions.aws;

import ai.dialog.functions.http.HttpRequest;
import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.InferenceException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * API Gateway's REST proxy event (payload format 1.0, "Input format of a Lambda function for proxy integration") as a
 * request. Read from the tree instead of bound to a class, so that an event of another kind is told apart from a request
 * whose every field is null.
 */
public final class ProxyEvent {

    /** Lambda hands over 6 MB at most; more is no event of its. */
    public static final int MAX_BYTES = 8 << 20;

    private ProxyEvent() {}

    /**
     * The request in an event.
     *
     * @throws InferenceException of the kind {@link Kind#INVALID_REQUEST} where it is no such event
     */
    public static HttpRequest read(InputStream event, JsonMapper json) {
        JsonNode tree = parse(event, json);
        String method = tree.path("httpMethod").asString("");
        String path = tree.path("path").asString("");
        if (!tree.isObject() || method.isEmpty() || !path.startsWith("/")) {
            throw malformed("it has no httpMethod or no path");
        }
        JsonNode context = tree.path("requestContext");
        return new HttpRequest(
                method.toUpperCase(Locale.ROOT),
                withoutPrefix(path, context.path("stage").asString("")),
                headers(tree),
                context.path("identity").path("sourceIp").asString(""),
                ByteBuffer.wrap(body(tree)));
    }

    private static JsonNode parse(InputStream event, JsonMapper json) {
        try {
            byte[] bytes = event.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw malformed("it is larger than " + MAX_BYTES + " bytes");
            }
            return json.readTree(bytes);
        } catch (JacksonException notJson) {
            throw malformed("it is no JSON");
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    /** The gateway leaves the stage out of the path; emulators and some custom domains leave it in. */
    private static String withoutPrefix(String path, String stage) {
        String prefix = "/" + stage + "/";
        return !stage.isEmpty() && path.startsWith(prefix) ? path.substring(prefix.length() - 1) : path;
    }

    /** {@code multiValueHeaders} has every value of a name, {@code headers} only the last. */
    private static Map<String, List<String>> headers(JsonNode tree) {
        Map<String, List<String>> headers = new HashMap<>();
        JsonNode all = tree.path("multiValueHeaders");
        JsonNode source = all.isObject() && !all.isEmpty() ? all : tree.path("headers");
        if (!source.isObject() && !source.isNull() && !source.isMissingNode()) {
            throw malformed("its headers are no object");
        }
        for (var header : source.properties()) {
            List<String> values =
                    headers.computeIfAbsent(header.getKey().toLowerCase(Locale.ROOT), name -> new ArrayList<>());
            if (header.getValue().isArray()) {
                header.getValue().forEach(value -> values.add(headerValue(value)));
            } else if (!header.getValue().isNull()) {
                values.add(headerValue(header.getValue()));
            }
        }
        return headers;
    }

    private static String headerValue(JsonNode value) {
        if (!value.isString()) {
            throw malformed("a header is no text");
        }
        return value.stringValue();
    }

    private static byte[] body(JsonNode tree) {
        JsonNode body = tree.path("body");
        if (body.isNull() || body.isMissingNode()) {
            return new byte[0];
        }
        if (!body.isString()) {
            throw malformed("its body is no text");
        }
        byte[] text = body.stringValue().getBytes(StandardCharsets.UTF_8);
        if (!tree.path("isBase64Encoded").asBoolean(false)) {
            return text;
        }
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException notBase64) {
            throw malformed("its body is not in Base64, as it says");
        }
    }

    private static InferenceException malformed(String why) {
        return new InferenceException(
                Kind.INVALID_REQUEST, "The event is no REST proxy event of API Gateway: " + why + ".");
    }
}
