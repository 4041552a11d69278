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
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class KeysCommandTest {

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    private record Run(int code, String out, String err) {
        JsonNode json() {
            return JsonMapper.shared().readTree(out);
        }
    }

    private Run run(Map<String, String> environment, String... arguments) {
        CommandLine line = Main.commandLine(environment, folder);
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        int code = line.execute(arguments);
        return new Run(code, out.toString(), err.toString());
    }

    private Run keys(String... arguments) {
        return keys(Map.of(), arguments);
    }

    private Run keys(Map<String, String> environment, String... arguments) {
        List<String> all = new ArrayList<>(List.of("keys"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--state-dir", folder.resolve("state").toString()));
        return run(environment, all.toArray(String[]::new));
    }

    private JsonNode created(String... options) {
        List<String> all = new ArrayList<>(List.of("create", "--owner", "ann", "--json"));
        all.addAll(List.of(options));
        Run run = keys(all.toArray(String[]::new));
        assertThat(run.code()).as(run.err()).isZero();
        return run.json();
    }

    @Test
    void create_printsTheKeyAndNothingElse_andKeepsItsHash() throws IOException {
        Run run = keys("create", "--owner", "Ann Smith");
        assertThat(run.code()).isZero();
        assertThat(run.out()).matches("sk-dialog-[a-z2-7]{12}-[a-z2-7]{52}\\R");
        assertThat(run.err()).contains("Ann Smith").contains("shown this once");
        assertThat(Files.readString(folder.resolve("state/api-keys.json")))
                .contains("Ann Smith")
                .doesNotContain(run.out().strip().substring(23));
        Run list = keys("list");
        assertThat(list.out()).contains("Ann Smith").contains("good").doesNotContain("sk-dialog");
    }

    @Test
    void create_takesEveryBound() {
        var key = created(
                "--tenant=lab",
                "--scope=inference",
                "--expire-in=12h",
                "--allow=203.0.113.0/24,2001:db8::/32",
                "--model=small",
                "--max-tokens=100",
                "--requests-per-minute=60",
                "--tokens-per-minute=1000",
                "--concurrent=2",
                "--daily-budget=1.5",
                "--monthly-budget=30");
        assertThat(key.path("tenant").asString()).isEqualTo("lab");
        assertThat(key.path("scopes").toString()).isEqualTo("[\"inference\"]");
        assertThat(key.path("restrictions").path("cidrs").size()).isEqualTo(2);
        assertThat(key.path("restrictions").path("maxTokens").asInt()).isEqualTo(100);
        assertThat(key.path("limits").path("dailyBudget").decimalValue()).isEqualByComparingTo("1.5");
        assertThat(keys("list", "--json")
                        .json()
                        .get(0)
                        .path("limits")
                        .path("concurrentRequests")
                        .asInt())
                .isEqualTo(2);
        assertThat(keys("list", "--json").out()).doesNotContain("hash", "salt", "\"key\"");
    }

    @Test
    void create_takesNoBoundOfTheServicesOwnSettings() throws IOException {
        Files.writeString(folder.resolve("s.properties"), "model = qwen\nallow = 10.0.0.0/8\nmax-tokens = 5\n");
        Run run = keys(
                Map.of("AI_DIALOG_CONFIG", folder.resolve("s.properties").toString(), "AI_DIALOG_MODEL", "qwen"),
                "create",
                "--owner=ann",
                "--json");
        assertThat(run.json().has("restrictions")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "create",
                "create --owner=",
                "create --owner=a --expire-in=0",
                "create --owner=a --expire-in=soon",
                "create --owner=a --expire-in=3651d",
                "create --owner=a --allow=10.0.0.1/8",
                "create --owner=a --allow=example.org",
                "create --owner=a --scope=admin",
                "create --owner=a --max-tokens=0",
                "create --owner=a --concurrent=-1",
                "create --owner=a --daily-budget=-1",
                "create --owner=a --daily-budget=1e99",
                "rotate",
                "rotate abc --signing",
                "rotate abc --compromised",
                "rotate abc --grace=91d",
                "rotate --signing --head-start=31d",
                "revoke",
                "prune --ended-before=999999999d",
                "doctor sk-x --address=localhost"
            })
    void aWrongCommandLine_isOneLineAndExitCode2(String command) {
        Run run = keys(command.split(" "));
        assertThat(run.code()).as(run.err()).isEqualTo(2);
        assertThat(run.err()).hasLineCount(1);
        assertThat(folder.resolve("state/api-keys.json")).doesNotExist();
    }

    @Test
    void rotate_printsTheSuccessor_andTheOldOneIsInItsGrace() {
        String old = created("--max-tokens=7").path("id").asString();
        Run run = keys("rotate", old, "--json");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.json().path("account").asString()).isEqualTo(old);
        assertThat(run.json().path("restrictions").path("maxTokens").asInt()).isEqualTo(7);
        Run list = keys("list");
        assertThat(list.out())
                .contains("grace")
                .contains("replaced by " + run.json().path("id").asString());
        Run again = keys("rotate", old);
        assertThat(again.code()).isEqualTo(1);
        assertThat(again.err()).hasLineCount(1).contains("rotated before");
        Run unknown = keys("rotate", "nobody");
        assertThat(unknown.code()).isEqualTo(1);
        assertThat(unknown.err()).contains("no key 'nobody'");
    }

    @Test
    void rotateSigning_publishesAKeyBeforeItSigns_andReplacesAllWhereTheyAreLost() {
        assertThat(keys("list", "--signing", "--json").json().size()).isEqualTo(1);
        Run rotated = keys("rotate", "--signing", "--json");
        assertThat(rotated.json().size()).isEqualTo(2);
        assertThat(rotated.json().get(0).path("signs").booleanValue()).isTrue();
        assertThat(rotated.json().get(1).path("signs").booleanValue()).isFalse();
        assertThat(rotated.json().get(1).path("verifies").booleanValue()).isTrue();
        assertThat(rotated.out()).doesNotContain("\"d\"");
        Run replaced = keys("rotate", "--signing", "--compromised");
        assertThat(replaced.out()).hasLineCount(2).contains("signs");
    }

    @Test
    void revoke_namesWhatIsStillGood_andTheAccountTakesAll() {
        String first = created().path("id").asString();
        String second = keys("rotate", first, "--json").json().path("id").asString();
        Run run = keys("revoke", first);
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("revoked " + first);
        assertThat(run.err()).contains("still good: " + second);
        Run all = keys("revoke", second, "--account", "--json");
        assertThat(all.json().size()).isEqualTo(2);
        assertThat(all.err()).isEmpty();
        assertThat(keys("revoke", "nobody").code()).isEqualTo(1);
        assertThat(keys("prune", "--ended-before=0").out()).contains(first).contains(second);
        assertThat(keys("list").err()).contains("keys create");
    }

    @Test
    void doctor_saysWhyAndNeverRepeatsTheKey() {
        var key = created("--allow=203.0.113.0/24");
        String text = key.path("key").asString();
        Run good = keys(Map.of("API_KEY", text), "doctor", "--address", "203.0.113.45");
        assertThat(good.code()).as(good.out()).isZero();
        assertThat(good.out()).contains("accepted").doesNotContain(text.substring(23));
        Run elsewhere = keys("doctor", text, "--address", "198.51.100.1", "--json");
        assertThat(elsewhere.code()).isEqualTo(1);
        assertThat(elsewhere.json().path("accepted").booleanValue()).isFalse();
        assertThat(elsewhere.out()).contains("198.51.100.1 is not in").doesNotContain(text.substring(23));
        keys("revoke", key.path("id").asString());
        Run revoked = keys("doctor", text);
        assertThat(revoked.code()).isEqualTo(1);
        assertThat(revoked.out()).contains("FAILED").contains("taken back").contains("refused");
        assertThat(folder.resolve("state/signing-keys.json")).doesNotExist();
    }

    @Test
    void doctor_asksTheServiceToo_andComparesTheClocks() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] body = "{\"error\":{\"message\":\"Incorrect API key\\u001b[2J provided.\"}}"
                    .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("X-RateLimit-Remaining-Requests", "59");
            exchange.sendResponseHeaders(401, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        try {
            String text = created().path("key").asString();
            String url = "http://127.0.0.1:" + server.getAddress().getPort();
            Run run = keys("doctor", text, "--url", url);
            assertThat(run.code()).isEqualTo(1);
            assertThat(run.out())
                    .contains("answers 401: Incorrect API key?[2J provided.")
                    .contains("clock agrees")
                    .contains("x-ratelimit-remaining-requests");
        } finally {
            server.stop(0);
        }
        Run nobody = keys("doctor", "sk-dialog-x", "--url", "http://127.0.0.1:1");
        assertThat(nobody.code()).isEqualTo(4);
    }
}
