package ai.dialog.runner.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The OpenAPI document in the hands of tools that know nothing of us: a validator of such documents, and schemathesis,
 * which makes requests out of it, good and bad ones, and holds every answer to it.
 */
class OpenApiIT {

    /** How many at least; none for the short run of every build. */
    private static final int CASES = Integer.getInteger("dialog.test.schemathesis.cases", 0);

    /** Operations whose requests can differ in endless ways; the others take one or two each. */
    private static final int OPERATIONS_WITH_BODIES = 6;

    private static final Pattern GENERATED = Pattern.compile("(\\d+) generated, (\\d+) passed");

    @TempDir
    static Path folder;

    private static Python python;

    @BeforeAll
    static void install() throws Exception {
        python = new Python("schemathesis", "schemathesis==4.32.5", "openapi-spec-validator==0.9.0");
    }

    @Test
    void theDocumentIsValidOpenApi() throws Exception {
        try (var server = new TestServer(folder)) {
            var file = folder.resolve("openapi.json");
            Files.writeString(file, server.get("/openapi.json").body());

            assertThat(Python.run(List.of(python.program("openapi-spec-validator"), file.toString()), Map.of()))
                    .contains("OK");
        }
    }

    @Test
    void noRequestThatSchemathesisMakesGetsAnAnswerThatTheDocumentDoesNotTellOf() throws Exception {
        try (var server = new TestServer(folder)) {
            var output = Python.run(
                    List.of(
                            python.program("schemathesis"),
                            "run",
                            server.url("/openapi.json"),
                            "--header",
                            "Authorization: Bearer " + TestServer.KEY,
                            "--max-examples",
                            Integer.toString(Math.max(4, CASES / OPERATIONS_WITH_BODIES)),
                            // a build that fails by chance is no use; the long run is for finding
                            CASES == 0 ? "--seed=1" : "--continue-on-failure"),
                    Map.of(
                            "SCHEMATHESIS_HOOKS",
                            "schemathesis_hooks",
                            "PYTHONPATH",
                            Path.of("src/test/python").toAbsolutePath().toString()));

            Files.writeString(Path.of("target", "schemathesis.log"), output);
            var counts = GENERATED.matcher(output);
            assertThat(counts.find()).as(output).isTrue();
            assertThat(Integer.parseInt(counts.group(1)))
                    .isGreaterThanOrEqualTo(Math.max(500, CASES))
                    .isEqualTo(Integer.parseInt(counts.group(2)));
        }
    }
}
