package ai.dialog.runner.grammar;

import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The schemas of the tests, and a validator that is not ours. */
public final class Schemas {

    /** Strict where it reads: what follows a value is an error. */
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private static final SchemaRegistry REGISTRY =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

    private Schemas() {}

    /** Twenty, by what they describe. */
    public static Map<String, String> all() {
        try (InputStream in = Objects.requireNonNull(Schemas.class.getResourceAsStream("/schemas/schemas.json"))) {
            var all = new LinkedHashMap<String, String>();
            JSON.readTree(in)
                    .properties()
                    .forEach(entry -> all.put(entry.getKey(), entry.getValue().toString()));
            return all;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What is wrong with a text under a schema; nothing if it is valid. */
    public static List<String> errors(String schema, String text) {
        try {
            JSON.readTree(text);
        } catch (JacksonException e) {
            return List.of("no JSON: " + e.getMessage());
        }
        return REGISTRY
                .getSchema(schema, InputFormat.JSON)
                .validate(
                        text,
                        InputFormat.JSON,
                        context -> context.executionConfig(config -> config.formatAssertionsEnabled(true)))
                .stream()
                .map(Object::toString)
                .toList();
    }
}
