package ai.dialog.functions.aws;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** That {@code events/} speaks of what is there. */
class EventsFolderTest {

    private static final Path EVENTS = Path.of("../events");

    @Test
    void theTemplatesHandlersAreTheDeployedOnes() throws ReflectiveOperationException, IOException {
        String template = Files.readString(EVENTS.resolve("template.yaml"));
        List<String> handlers = Pattern.compile("Handler: (\\S+)")
                .matcher(template)
                .results()
                .map(MatchResult::group)
                .map(line -> line.substring("Handler: ".length()))
                .collect(Collectors.toCollection(ArrayList::new));
        // the runtime of our own starts no handler, but its program
        handlers.remove("bootstrap");
        assertThat(handlers).hasSize(4).doesNotHaveDuplicates();
        for (String handler : handlers) {
            assertThat(Class.forName(handler))
                    .isAssignableTo(LambdaHandler.class)
                    .isFinal();
        }
        assertThat(template)
                .contains("functions-lambda.zip", "Runtime: java25", "chat-runtime.zip", "Runtime: provided.al2023");
    }

    @Test
    void everyEventHasAnAnswerThatIsExpectedOfIt() throws IOException {
        List<String> expected = ExpectedAnswer.all().stream()
                .map(ExpectedAnswer::event)
                .distinct()
                .sorted()
                .toList();
        try (Stream<Path> files = Files.list(EVENTS)) {
            assertThat(files.map(file -> file.getFileName().toString())
                            .filter(name -> name.endsWith(".json") && !name.equals("expected.json"))
                            .map(name -> name.substring(0, name.length() - ".json".length()))
                            .sorted())
                    .containsExactlyElementsOf(expected);
        }
    }

    @Test
    void theReadmeTellsOfEveryEvent() throws IOException {
        String readme = Files.readString(EVENTS.resolve("README.md"));
        try (Stream<Path> files = Files.list(EVENTS)) {
            assertThat(files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".json")))
                    .hasSizeGreaterThan(10)
                    .allSatisfy(name -> assertThat(readme).contains("`" + name + "`"));
        }
    }
}
