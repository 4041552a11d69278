package ai.dialog.runner.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.runner.http.Python;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That the default model, which has not learnt to, calls tools with arguments that are valid, once its template has them. */
class ToolCallsIT {

    private static final Path TEMPLATE = Path.of("src", "test", "resources", "templates", "chatml-tools.jinja");

    @TempDir
    static Path state;

    @Test
    void officialOpenAiPythonClientGetsCallsThatItsOwnClassesTake() throws Exception {
        try (var service = ServiceProcess.start(
                state, "--chat-template", TEMPLATE.toAbsolutePath().toString())) {
            String output = new Python("openai-client", "openai==3.54.0")
                    .run("openai_tool_calls.py", service.base.toString(), ServiceProcess.KEY);

            assertThat(output).startsWith("ok");
        }
    }
}
