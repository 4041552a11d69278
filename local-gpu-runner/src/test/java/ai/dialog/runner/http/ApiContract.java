package ai.dialog.runner.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The OpenAPI document as a check of answers: an answer of a path that the document has must be of a status, with the
 * headers and of a body that the document tells of, and every event of a stream as well.
 */
final class ApiContract {

    static final ApiContract DOCUMENT = new ApiContract();

    private static final String BASE = "https://ai-dialog.test/openapi.json";

    /** What every response has and what says nothing of the operation. */
    private static final Set<String> EVERYWHERE =
            Set.of("x-content-type-options", "x-frame-options", "x-accel-buffering");

    private final JsonNode document;
    private final SchemaRegistry registry;
    private final Map<String, Schema> schemas = new ConcurrentHashMap<>();

    private ApiContract() {
        var text = read();
        document = TestServer.json(text);
        registry = SchemaRegistry.withDefaultDialect(
                SpecificationVersion.DRAFT_2020_12, builder -> builder.schemas(Map.of(BASE, text)));
    }

    private static String read() {
        try (var in = ApiContract.class.getResourceAsStream("/ai/dialog/functions/http/openapi.json")) {
            return new String(java.util.Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    JsonNode json() {
        return document;
    }

    /** What is wrong with a value of the schema at a JSON pointer into the document; nothing where it is right. */
    List<String> errors(String pointer, JsonNode value) {
        return schemas
                .computeIfAbsent(pointer, at -> registry.getSchema(SchemaLocation.of(BASE + "#" + at)))
                .validate(value)
                .stream()
                .map(Object::toString)
                .toList();
    }

    /** The same of JSON text, where it is. */
    List<String> errors(String pointer, String value) {
        return schemas
                .computeIfAbsent(pointer, at -> registry.getSchema(SchemaLocation.of(BASE + "#" + at)))
                .validate(value, InputFormat.JSON)
                .stream()
                .map(Object::toString)
                .toList();
    }

    /** Fails where the answer is not one that the document tells of; paths that it does not have are not its matter. */
    void check(String method, String path, HttpResponse<String> answer) {
        var known = known(path);
        if (known == null || method.equals("OPTIONS")) {
            return;
        }
        var item = "/paths/" + known.replace("/", "~1");
        var asked = method.equals("HEAD") ? "get" : method.toLowerCase(Locale.ROOT);
        var operation = document.at(item).has(asked)
                ? asked
                : document.at(item).propertyNames().iterator().next();
        if (!operation.equals(asked)) {
            assertThat(answer.statusCode()).as("%s %s", method, path).isEqualTo(405);
        }
        var told = "%s %s: %d %s".formatted(method, path, answer.statusCode(), answer.body());
        var response = resolved(item + "/" + operation + "/responses/" + answer.statusCode());
        assertThat(document.at(response).isMissingNode()).as(told).isFalse();
        checkHeaders(response, answer, told);
        if (!method.equals("HEAD")) {
            checkBody(response, answer, told);
        }
    }

    private void checkHeaders(String response, HttpResponse<String> answer, String told) {
        var described = document.at(response + "/headers");
        for (var name : described.propertyNames()) {
            var header = resolved(response + "/headers/" + name);
            var values = answer.headers().allValues(name);
            if (document.at(header + "/required").asBoolean(false)) {
                assertThat(values).as("%s of %s", name, told).isNotEmpty();
            }
            boolean number = document.at(header + "/schema/type").asString("").equals("integer");
            for (var value : values) {
                var json = number ? value : TestServer.quoted(value);
                assertThat(errors(header + "/schema", json))
                        .as("%s of %s", name, told)
                        .isEmpty();
            }
        }
        var names = described
                .propertyStream()
                .map(header -> header.getKey().toLowerCase(Locale.ROOT))
                .toList();
        assertThat(answer.headers().map().keySet().stream()
                        .map(name -> name.toLowerCase(Locale.ROOT))
                        .filter(name -> name.startsWith("x-") || name.equals("retry-after"))
                        .filter(name -> !EVERYWHERE.contains(name)))
                .as("headers of %s", told)
                .isSubsetOf(names);
    }

    private void checkBody(String response, HttpResponse<String> answer, String told) {
        var type = answer.headers().firstValue("content-type").orElse("").split(";", -1)[0];
        var content = response + "/content/" + type.replace("/", "~1");
        assertThat(document.at(content).isMissingNode())
                .as("content type %s of %s", type, told)
                .isFalse();
        if (!type.equals("text/event-stream")) {
            boolean json = type.equals("application/json");
            assertThat(errors(content + "/schema", json ? answer.body() : TestServer.quoted(answer.body())))
                    .as(told)
                    .isEmpty();
            return;
        }
        var event = resolved(content + "/schema") + "/properties/data";
        boolean marked = document.at(event).has("anyOf");
        var events = answer.body().lines().filter(line -> !line.isEmpty()).toList();
        for (var line : events) {
            assertThat(line).as(told).startsWith("data:");
            var data = line.substring("data:".length()).strip();
            if (marked && data.equals("[DONE]")) {
                assertThat(line).as(told).isSameAs(events.getLast());
            } else {
                assertThat(errors(event + (marked ? "/anyOf/1" : "") + "/contentSchema", data))
                        .as(told)
                        .isEmpty();
            }
        }
    }

    private @Nullable String known(String path) {
        if (document.path("paths").has(path)) {
            return path;
        }
        return path.startsWith("/v1/models/") && path.length() > "/v1/models/".length() ? "/v1/models/{id}" : null;
    }

    /** Where a reference leads, or the pointer itself. */
    private String resolved(String pointer) {
        var reference = document.at(pointer).path("$ref");
        return reference.isString() ? reference.stringValue().substring(1) : pointer;
    }
}
