package ai.dialog.functions;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every test that docs/security.md names as {@code Class#method} exists, in whichever module. */
class SecurityDocumentTest {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern NAMED = Pattern.compile("`([A-Z]\\w+)#(\\w+)`");

    @Test
    void everyTestThatTheSecurityDocumentNamesExists() throws IOException {
        Map<String, String> sources = sources();
        Matcher named = NAMED.matcher(Files.readString(ROOT.resolve("docs/security.md")));
        var absent = new TreeSet<String>();
        int found = 0;
        while (named.find()) {
            String source = sources.getOrDefault(named.group(1), "");
            if (Pattern.compile("void " + named.group(2) + "\\(")
                    .matcher(source)
                    .find()) {
                found++;
            } else {
                absent.add(named.group());
            }
        }
        assertThat(absent)
                .as("tests that docs/security.md names and nobody has")
                .isEmpty();
        assertThat(found).as("tests that it names").isGreaterThan(50);
    }

    /** All test classes by their simple name; of two alike, both. */
    private static Map<String, String> sources() throws IOException {
        var sources = new HashMap<String, String>();
        try (Stream<Path> modules = Files.list(ROOT)) {
            for (Path tests : modules.map(module -> module.resolve("src/test/java"))
                    .filter(Files::isDirectory)
                    .toList()) {
                try (Stream<Path> files = Files.walk(tests)) {
                    for (Path file : files.filter(path -> path.toString().endsWith(".java"))
                            .toList()) {
                        String name = String.valueOf(file.getFileName()).replace(".java", "");
                        sources.merge(name, Files.readString(file), String::concat);
                    }
                }
            }
        }
        return sources;
    }
}
