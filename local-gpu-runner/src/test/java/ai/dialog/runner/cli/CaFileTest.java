package ai.dialog.runner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.runner.http.RunnerServer;
import ai.dialog.runner.http.ServerSettings;
import ai.dialog.runner.scheduler.LoadingInference;
import ai.dialog.runner.tls.TlsSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code token generate} against a service with a certificate that nobody but itself vouches for. */
class CaFileTest {

    private static final String KEY = "a-key-for-tests-only";

    @TempDir
    static Path folder;

    private static RunnerServer server;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void start() {
        server = RunnerServer.start(
                ServerSettings.defaults(folder)
                        .withAddress("127.0.0.1", 0)
                        .withApiKey(KEY)
                        .withTls(new TlsSettings(null, List.of("127.0.0.1"), null)),
                new LoadingInference(1));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private int generate(String... more) {
        CommandLine line = Main.commandLine(Map.of("API_KEY", KEY), folder);
        line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        List<String> arguments =
                new ArrayList<>(List.of("token", "generate", "--url", "https://127.0.0.1:" + server.port()));
        arguments.addAll(List.of(more));
        return line.execute(arguments.toArray(String[]::new));
    }

    @Test
    void namingItsCertificateGetsAToken() {
        assertThat(generate("--ca-file", folder.resolve("tls.pem").toString()))
                .as(err.toString())
                .isZero();
        assertThat(out.toString().strip().split("\\.", -1)).hasSize(3);
    }

    @Test
    void withoutItTheServiceIsNotBelievedAndTheMessageSaysWhatToDo() {
        assertThat(generate()).isEqualTo(ExitCodes.SERVICE);
        assertThat(err.toString())
                .hasLineCount(1)
                .contains("cannot prove who it is")
                .contains("--ca-file");
    }

    @Test
    void aFileWithoutACertificateIsOneLine() throws IOException {
        Path none = Files.writeString(folder.resolve("none.pem"), "-----BEGIN CERTIFICATE-----\n");
        assertThat(generate("--ca-file", none.toString())).isEqualTo(ExitCodes.USAGE);
        assertThat(err.toString()).hasLineCount(1).contains("no certificate");
    }

    @Test
    void aFileThatIsNotThereOrIsNoCertificateIsOneLine() throws IOException {
        assertThat(generate("--ca-file", folder.resolve("nowhere.pem").toString()))
                .isEqualTo(ExitCodes.USAGE);
        Path broken = Files.writeString(
                folder.resolve("broken.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        assertThat(generate("--ca-file", broken.toString())).isEqualTo(ExitCodes.USAGE);
        assertThat(err.toString()).hasLineCount(2).contains("nowhere.pem").contains("broken.pem");
    }
}
