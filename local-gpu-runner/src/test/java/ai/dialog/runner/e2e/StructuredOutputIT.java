package ai.dialog.runner.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.runner.grammar.Schemas;
import ai.dialog.runner.http.Python;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** That the default model, which is small, writes what satisfies a schema, at temperature 1. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StructuredOutputIT {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int CHOICES = 4;

    /** Requests of {@link #CHOICES} answers for each schema; {@code -Ddialog.test.structured.requests=13} makes more than 1,000 answers. */
    private static final int REQUESTS = Integer.getInteger("dialog.test.structured.requests", 1);

    @SuppressWarnings("NullAway.Init") // set before all tests
    private ServiceProcess service;

    @BeforeAll
    void start(@TempDir Path state) {
        service = ServiceProcess.start(state);
    }

    @AfterAll
    void stop() {
        service.close();
    }

    @Test
    void whatTheDefaultModelWritesSatisfiesEverySchema() throws IOException {
        var cut = new ArrayList<String>();
        for (int request = 0; request < REQUESTS; request++) {
            for (var schema : Schemas.all().entrySet()) {
                var choices = choices(schema.getKey(), schema.getValue(), 7 + request);
                assertThat(choices).hasSize(CHOICES);
                for (JsonNode choice : choices) {
                    String text = choice.at("/message/content").asString();
                    if (choice.path("finish_reason").asString().equals("length")) {
                        cut.add(schema.getKey());
                    } else {
                        assertThat(Schemas.errors(schema.getValue(), text))
                                .as("%s: %s", schema.getKey(), text)
                                .isEmpty();
                    }
                }
            }
        }
        int all = REQUESTS * Schemas.all().size() * CHOICES;
        System.out.println(all + " answers, " + cut.size() + " of them cut by max_tokens, all others valid");
        // a model of this size now and then writes a string without end
        assertThat(cut).as("cut by max_tokens").hasSizeLessThan(all / 2);
    }

    private JsonNode choices(String name, String schema, int seed) throws IOException {
        var body = JSON.createObjectNode();
        body.putArray("messages").addObject().put("role", "user").put("content", "Write an example of " + name + ".");
        body.put("temperature", 1).put("seed", seed).put("n", CHOICES).put("max_tokens", 300);
        var format = body.putObject("response_format").put("type", "json_schema");
        format.putObject("json_schema").put("name", "it").set("schema", JSON.readTree(schema));
        HttpResponse<String> answer = service.post("/v1/chat/completions", body.toString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body()).path("choices");
    }

    @Test
    void officialOpenAiPythonClientParsesIntoItsOwnClasses() throws Exception {
        String output = new Python("openai-client", "openai==3.54.0")
                .run("openai_structured.py", service.base.toString(), ServiceProcess.KEY);

        assertThat(output).startsWith("ok");
    }
}
