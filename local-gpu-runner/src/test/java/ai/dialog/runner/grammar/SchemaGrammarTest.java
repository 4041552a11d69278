package ai.dialog.runner.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.CharacterCodingException;
import java.util.HashSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** That whatever a model would like to write, what it writes satisfies the schema: by a validator that is not ours. */
class SchemaGrammarTest {

    private static final int TEXTS = 50;
    private static final Grammars GRAMMARS = Writer.grammars();

    static Stream<Arguments> schemas() {
        return Schemas.all().entrySet().stream().map(entry -> Arguments.of(entry.getKey(), entry.getValue()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("schemas")
    void aModelThatKnowsNothingWritesWhatIsValid(String name, String schema) throws CharacterCodingException {
        var different = new HashSet<String>();
        for (int i = 0; i < TEXTS; i++) {
            String text = new Writer(i).write(GRAMMARS.schema(schema).get());

            assertThat(Schemas.errors(schema, text)).as(text).isEmpty();
            different.add(text);
        }
        assertThat(different).as("how many different texts").hasSizeGreaterThan(5);
    }

    @Test
    void anyObjectIsAnObject() throws CharacterCodingException {
        for (int i = 0; i < TEXTS; i++) {
            String text = new Writer(i).write(GRAMMARS.anyObject().get());

            assertThat(Schemas.errors("{\"type\":\"object\"}", text)).as(text).isEmpty();
        }
    }

    @Test
    void thereAreTwentySchemas() {
        assertThat(Schemas.all()).hasSize(20);
    }
}
