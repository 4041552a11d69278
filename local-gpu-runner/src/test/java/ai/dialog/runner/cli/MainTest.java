package ai.dialog.runner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class MainTest {

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    private record Run(int code, String out, String err) {}

    private Run run(Map<String, String> environment, String... arguments) {
        CommandLine line = Main.commandLine(environment, folder, arguments);
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        int code = line.execute(arguments);
        return new Run(code, out.toString(), err.toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "serve",
                "chat",
                "model",
                "model pull",
                "model list",
                "model info",
                "model score",
                "keys",
                "keys create",
                "keys list",
                "keys rotate",
                "keys revoke",
                "keys prune",
                "keys doctor",
                "token",
                "token generate",
                "health",
                "bench",
                "cost"
            })
    void everyCommand_answersHelp(String command) {
        List<String> arguments = new ArrayList<>(command.isEmpty() ? List.of() : List.of(command.split(" ")));
        arguments.add("--help");
        Run run = run(Map.of(), arguments.toArray(String[]::new));
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("Usage: ai-dialog-cli " + command).contains("--help");
    }

    @Test
    void unknownOption_isOneLineAndExitCode2() {
        Run run = run(Map.of(), "serve", "--prot", "80");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).hasLineCount(1).contains("--prot").contains("ai-dialog-cli serve --help");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "serve --port 65536",
                "serve --port -1",
                "serve --port many",
                "serve --allow 192.168.1.1/24",
                "serve --allow 192.168.1.0/24,example.org",
                "serve --trusted-proxy 10.0.0.0/33",
                "serve --cors-origin *",
                "serve --cors-origin https://chat.example.org/page",
                "serve --max-connections 0",
                "serve --tls-name chat.example.org",
                "serve --tls --tls-certificate only.pem",
                "serve --tls --redirect-port 99999",
                "serve --tls --redirect-port 8080 --host 0.0.0.0",
                "serve --audit-log none --audit-prompts",
                "serve --max-connections-per-address 0",
                "serve --max-batch-size 0",
                "serve --queue-capacity 99999999999",
                "chat --temperature NaN hello",
                "chat --max-tokens 0 hello",
                "token generate --api-key a-good-key --expire-in 0",
                "token generate --api-key a-good-key --expire-in 8d",
                "token generate --api-key a-good-key --allow 10.0.0.1/8",
                "token generate --api-key a-good-key --url ftp://x",
                "bench --threads 0 --model nowhere",
                "bench --precision float8 --model nowhere",
                "model score --text-file nowhere --model nowhere --compare float8"
            })
    void numberOutOfBounds_isOneLineAndExitCode2(String command) {
        Run run = run(Map.of(), command.split(" "));
        assertThat(run.code()).as(run.err()).isEqualTo(2);
        assertThat(run.err()).hasLineCount(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "serve --upstream http://127.0.0.1:1 --model default",
                "serve --upstream http://127.0.0.1:1 --max-batch-size 8",
                "serve --upstream 127.0.0.1:8000",
                "serve --upstream ftp://127.0.0.1",
                "serve --upstream-model small"
            })
    void upstreamThatCannotBeMeant_isOneLineAndExitCode2(String command) {
        Run run = run(Map.of(), command.split(" "));
        assertThat(run.code()).as(run.err()).isEqualTo(2);
        assertThat(run.err()).hasLineCount(1).contains("--upstream");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://me:s3cret@127.0.0.1", "http://me:s3cret@[", "http://127.0.0.1/?key=s3cret"})
    void upstreamAddressWithAPassword_isRefusedWithoutRepeatingIt(String address) {
        Run run = run(Map.of("AI_DIALOG_UPSTREAM", address), "serve", "--port", "0");
        assertThat(run.code()).as(run.err()).isEqualTo(2);
        assertThat(run.err()).hasLineCount(1).doesNotContain("s3cret");
    }

    @Test
    void certificateThatCannotBeUsed_isOneLine_exitCode1() throws IOException {
        Path pem = Files.writeString(folder.resolve("broken.pem"), "nonsense");
        Run run = run(
                Map.of("API_KEY", "a-key-for-tests-only"),
                "serve",
                "--port",
                "0",
                "--state-dir",
                folder.resolve("state").toString(),
                "--tls",
                "--tls-certificate",
                pem.toString(),
                "--tls-key",
                pem.toString());
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).hasLineCount(1).contains("broken.pem", "PEM");
    }

    @Test
    void listsOfRanges_comeFromTheEnvironmentToo() {
        Run run = run(Map.of("AI_DIALOG_ALLOW", "127.0.0.0/8,10.0.0.0/99"), "serve");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).hasLineCount(1).contains("--allow", "10.0.0.0/99", "must end in a length from 0 to 32");
    }

    @Test
    void helpOfACommand_isTheSameFromOutsideAndFromWithin() {
        Run outside = run(Map.of(), "help", "serve");
        assertThat(outside.code()).isZero();
        assertThat(outside.out()).isEqualTo(run(Map.of(), "serve", "--help").out());
    }

    @Test
    void aCommandThatIsNotThere_isOneLineWithWhatThereIs_exitCode2() {
        Run run = run(Map.of(), "server");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).hasLineCount(1).contains("server").contains("ai-dialog-cli --help");
    }

    @Test
    void serveWithoutItsModel_listensFirst_andEndsInOneLine_exitCode3() {
        Path missing = folder.resolve("missing.gguf");
        Run run = run(
                Map.of("API_KEY", "a-key-for-tests-only"),
                "serve",
                "--port",
                "0",
                "--state-dir",
                folder.resolve("state").toString(),
                "--model",
                missing.toString());
        assertThat(run.code()).isEqualTo(3);
        assertThat(run.out()).contains("AI dialog service on").doesNotContain("Ready");
        assertThat(run.err()).hasLineCount(1).contains("Model not found").contains(missing.toString());
    }

    @Test
    void absentModel_saysWhichPathWasLookedAt_exitCode3() {
        Path missing = folder.resolve("missing.gguf");
        Run run = run(Map.of(), "model", "info", missing.toString());
        assertThat(run.code()).isEqualTo(3);
        assertThat(run.err()).hasLineCount(1).contains("Model not found").contains(missing.toString());
    }

    @Test
    void offline_aModelThatIsNotHereIsRefused_withWhatToDo_exitCode3() {
        Run run = run(Map.of("AI_DIALOG_OFFLINE", "true", "AI_DIALOG_MODELS_DIR", folder.toString()), "bench");
        assertThat(run.code()).isEqualTo(3);
        assertThat(run.err())
                .hasLineCount(1)
                .contains("'default' is not in " + folder)
                .contains("model pull default --models-dir");
    }

    @Test
    void health_ofAServiceOnThisMachine_isItsExitCode() throws IOException {
        HttpServer healthy = service(200, "{\"status\":\"healthy\"}", new ArrayList<>());
        HttpServer loading = service(503, "{\"status\":\"loading\"}", new ArrayList<>());
        try {
            Run good = run(Map.of("AI_DIALOG_PORT", port(healthy), "AI_DIALOG_HOST", "0.0.0.0"), "health");
            assertThat(good.code()).isZero();
            assertThat(good.out()).contains("200").contains("healthy");
            Run bad = run(Map.of(), "health", "--port", port(loading));
            assertThat(bad.code()).isEqualTo(4);
            assertThat(bad.out()).contains("503").contains("loading");
        } finally {
            healthy.stop(0);
            loading.stop(0);
        }
        Run silent = run(Map.of(), "health", "--port", port(healthy));
        assertThat(silent.code()).isEqualTo(4);
        assertThat(silent.err()).hasLineCount(1).contains("cannot reach");
    }

    private static String port(HttpServer server) {
        return Integer.toString(server.getAddress().getPort());
    }

    @Test
    void emptyModelsFolder_listsNothing_andSaysWhatToDo() {
        Run run = run(Map.of(), "model", "list", "--models-dir", folder.toString());
        assertThat(run.code()).isZero();
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains("model pull");
        Run json = run(Map.of(), "model", "list", "--models-dir", folder.toString(), "--json");
        assertThat(json.out().strip()).isEqualTo("[]");
    }

    @Test
    void option_comesFromTheCommandLine_thenTheEnvironment_thenTheFile() throws IOException {
        Path settings = folder.resolve("settings.properties");
        Files.writeString(settings, "models-dir = " + folder.resolve("from-file") + "\n");
        Map<String, String> file = Map.of("AI_DIALOG_CONFIG", settings.toString());
        Map<String, String> both = Map.of(
                "AI_DIALOG_CONFIG",
                settings.toString(),
                "AI_DIALOG_MODELS_DIR",
                folder.resolve("from-env").toString());
        assertThat(run(file, "model", "list").err()).contains("from-file");
        assertThat(run(both, "model", "list").err()).contains("from-env");
        Run run = run(
                both,
                "model",
                "list",
                "--models-dir",
                folder.resolve("from-line").toString());
        assertThat(run.err()).contains("from-line");
    }

    @Test
    void settingsFileThatIsMissing_isNamed() {
        Path none = folder.resolve("none");
        Run run = run(Map.of("AI_DIALOG_CONFIG", none.toString()), "model", "list");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).hasLineCount(1).contains(none.toString());
    }

    @Test
    void tokenGenerate_printsTheTokenAndNothingElse() throws IOException {
        List<String> seen = new ArrayList<>();
        HttpServer server = service(200, "{\"token\":\"a.b.c\",\"token_type\":\"Bearer\"}", seen);
        try {
            Map<String, String> environment = Map.of("API_KEY", "key-of-the-environment");
            Run run = run(environment, "token", "generate", "--url", url(server), "--expire-in", "60");
            assertThat(run.code()).as(run.err()).isZero();
            assertThat(run.out()).isEqualTo("a.b.c" + System.lineSeparator());
            assertThat(seen).containsExactly("Bearer key-of-the-environment", "{\"expires_in\":60}");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void tokenGenerate_asksForANarrowToken() throws IOException {
        List<String> seen = new ArrayList<>();
        HttpServer server = service(200, "{\"token\":\"a.b.c\"}", seen);
        try {
            String command = "token generate --api-key a-good-key --expire-in 2h --model small --max-tokens 5"
                    + " --allow 192.0.2.0/24,192.0.3.7 --requests-per-minute 6 --tokens-per-minute 7 --concurrent 8 --url "
                    + url(server);
            assertThat(run(Map.of(), command.split(" ")).code()).isZero();
            assertThat(seen.getLast())
                    .isEqualTo("{\"expires_in\":7200,\"models\":[\"small\"],\"max_tokens\":5,"
                            + "\"cidrs\":[\"192.0.2.0/24\",\"192.0.3.7/32\"],\"requests_per_minute\":6,"
                            + "\"tokens_per_minute\":7,\"concurrent_requests\":8}");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void tokenGenerate_refusedByTheService_saysWhy_exitCode4() throws IOException {
        HttpServer server =
                service(401, "{\"error\":{\"message\":\"Incorrect API key provided.\"}}", new ArrayList<>());
        try {
            Run run = run(Map.of(), "token", "generate", "--api-key", "wrong-key", "--url", url(server));
            assertThat(run.code()).isEqualTo(4);
            assertThat(run.err()).hasLineCount(1).contains("401").contains("Incorrect API key provided.");
            assertThat(run.out()).isEmpty();
        } finally {
            server.stop(0);
        }
    }

    @Test
    void tokenGenerate_withoutAService_saysHowToStartOne_exitCode4() {
        Run run = run(Map.of(), "token", "generate", "--api-key", "some-key", "--url", "http://127.0.0.1:1");
        assertThat(run.code()).isEqualTo(4);
        assertThat(run.err()).hasLineCount(1).contains("http://127.0.0.1:1").contains("ai-dialog-cli serve");
    }

    private static HttpServer service(int status, String json, List<String> seen) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            seen.add(exchange.getRequestHeaders().getFirst("Authorization"));
            seen.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            byte[] answer = json.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
        return server;
    }

    private static String url(HttpServer server) {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }
}
