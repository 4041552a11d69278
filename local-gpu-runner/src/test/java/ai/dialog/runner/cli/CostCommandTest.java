package ai.dialog.runner.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.dialog.runner.cost.PriceList;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import tools.jackson.databind.json.JsonMapper;

class CostCommandTest {

    private static final Path DOCUMENT = Path.of("../docs/cost.md");

    /** A command in a block of the document, and what it printed. */
    private static final Pattern BLOCK =
            Pattern.compile("```console\\n\\$ \\./ai-dialog-cli (cost[^\\n]*)\\n(.*?)```", Pattern.DOTALL);

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    private record Run(int code, String out, String err) {}

    private Run run(String... arguments) {
        CommandLine line = Main.commandLine(Map.of(), folder);
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return new Run(line.execute(arguments), out.toString(), err.toString());
    }

    /** {@code -Ddialog.docs.write=true} writes them anew. */
    @Test
    void theTablesOfTheDocumentAreWhatTheCommandPrints() throws IOException {
        String document = Files.readString(DOCUMENT);
        String computed = BLOCK.matcher(document)
                .replaceAll(block -> Matcher.quoteReplacement(
                        "```console\n$ ./ai-dialog-cli " + block.group(1) + "\n" + printed(block) + "```"));
        if (Boolean.getBoolean("dialog.docs.write")) {
            Files.writeString(DOCUMENT, computed);
        }
        assertThat(BLOCK.matcher(document).results()).hasSizeGreaterThanOrEqualTo(2);
        assertThat(computed).isEqualTo(document);
    }

    private String printed(MatchResult block) {
        Run run = run(block.group(1).split(" ", -1));
        assertThat(run.code()).as(run.err()).isZero();
        return run.out();
    }

    @Test
    void json_hasTheSameFigures() {
        Run run = run("cost", "--stage", "prod", "--requests", "1000000", "--json");
        assertThat(run.code()).as(run.err()).isZero();
        var json = JsonMapper.shared().readTree(run.out());
        double lines = 0;
        for (var line : json.path("lines")) {
            lines += line.path("usd").doubleValue();
        }
        assertThat(json.path("total").doubleValue()).isEqualTo(lines, within(1e-6));
        assertThat(json.at("/deployment/declared/instance").stringValue()).isEqualTo("g6.xlarge");
        assertThat(json.path("hosted").size()).isGreaterThan(3);
    }

    @Test
    void aListOfOnesOwnCounts() throws IOException {
        String prices;
        try (var in = Objects.requireNonNull(PriceList.class.getResourceAsStream("prices.json"))) {
            prices = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        Path own = Files.writeString(
                folder.resolve("own.json"),
                prices.replace("\"g5.xlarge\": {\"usd\": 1.006", "\"g5.xlarge\": {\"usd\": 2"));
        assertThat(run("cost", "--instance", "g5.xlarge", "--prices", own.toString())
                        .out())
                .contains("1,460.00");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--requests 0",
                "--requests 1000000001",
                "--requests 1e6",
                "--tokens-in 0",
                "--tokens-out 1000001",
                "--seconds 901",
                "--hours 745",
                "--hours -1",
                "--containers 0",
                "--callers 1001",
                "--stage test",
                "--stage dev --instance g5.xlarge",
                "--instance p99.huge",
                "--region mars-north-1",
                "--prices no-such-file.json"
            })
    void whatIsOutOfBoundsIsRefusedInOneLine(String options) {
        Run run = run(("cost " + options).split(" ", -1));
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).hasLineCount(1);
    }
}
