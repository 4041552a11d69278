package ai.dialog.runner.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.CharacterCodingException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** That constants are compared by what they are worth and not by how they are written. */
class JsonValueTest {

    private final Grammars grammars = Writer.grammars();

    private static JsonValue value(String json) {
        JsonNode schema = SchemaText.read("{\"const\":" + json + "}");
        return new JsonValue(schema.get("const"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            1                                | 1.0
            100                              | 1e2
            0                                | -0.0
            0                                | 0e9
            -0                               | 0.0
            0.1                              | 10e-2
            9007199254740993                 | 9007199254740993.0
            100000000000000000000            | 1e20
            [1, [2]]                         | [1.0, [2.0]]
            {"a": 1, "b": {"c": [0]}}        | {"b": {"c": [-0.0]}, "a": 1.0}
            "a"                              | "\\u0061"
            null                             | null
            """)
    void theSameValueIsWrittenInSeveralWays(String one, String other) {
        assertThat(value(one)).isEqualTo(value(other)).hasSameHashCodeAs(value(other));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            1                    | 2
            1                    | "1"
            1                    | true
            0                    | false
            0                    | null
            9007199254740993     | 9007199254740992
            [1]                  | [1, 1]
            [1, 2]               | [2, 1]
            []                   | {}
            {"a": 1}             | {"a": 1, "b": 1}
            {"a": 1}             | {"b": 1}
            {"a": null}          | {"b": null}
            """)
    void differentValuesAreDifferent(String one, String other) {
        assertThat(value(one)).isNotEqualTo(value(other));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"oneOf": [{"const": 1}, {"const": 1.0}]}
            {"oneOf": [{"const": 100}, {"enum": ["a", 1e2]}]}
            {"oneOf": [{"enum": [0]}, {"enum": [-0.0]}]}
            {"oneOf": [{"const": [1, {"a": 2}]}, {"const": [1.0, {"a": 2.0}]}]}
            {"oneOf": [{"type": "object", "required": ["k"], "properties": {"k": {"const": 1}}}, \
            {"type": "object", "required": ["k"], "properties": {"k": {"const": 1.0}}}]}
            """)
    void partsOfOneOfWithOneValueOverlap(String schema) {
        assertThatThrownBy(() -> grammars.schema(schema))
                .isInstanceOf(GrammarException.class)
                .hasMessageContaining("may both be satisfied");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"allOf": [{"const": 1}, {"const": 1.0}]}                          | 1
            {"allOf": [{"enum": [1, 2]}, {"enum": [1.0]}]}                     | 1
            {"allOf": [{"enum": [1, 2]}, {"const": 2.0}]}                      | 2
            {"enum": [0, 1], "const": -0.0}                                    | 0
            {"allOf": [{"enum": [[1], [2]]}, {"enum": [[2.0]]}]}               | [2]
            {"allOf": [{"enum": [{"a": 1}]}, {"const": {"a": 1.0}}]}           | {"a": 1}
            {"enum": ["a"], "anyOf": [{"enum": ["b"]}, {"enum": ["a", "c"]}]}  | "a"
            {"const": "a", "anyOf": [{"const": "b"}, {"const": "a"}]}          | "a"
            """)
    void whatAllPartsAllowIsWritten(String schema, String value) throws CharacterCodingException {
        String text = new Writer(1).write(grammars.schema(schema).get());

        assertThat(value(text)).isEqualTo(value(value));
        assertThat(Schemas.errors(schema, text)).as(text).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"allOf": [{"enum": ["a"]}, {"enum": ["b"]}]}
            {"allOf": [{"enum": ["a"]}, {"enum": ["b"]}, {"enum": ["a", "b"]}, {"type": "string"}]}
            {"allOf": [{"const": 1}, {"const": 2}]}
            {"allOf": [{"const": 1}, {"enum": [2]}]}
            {"enum": ["a"], "anyOf": [{"enum": ["b"]}, {"enum": ["c"]}]}
            {"enum": ["a"], "$ref": "#/$defs/b", "$defs": {"b": {"enum": ["b"]}}}
            """)
    void partsWithoutACommonConstantHaveNoValue(String schema) {
        assertThatThrownBy(() -> grammars.schema(schema))
                .isInstanceOf(GrammarException.class)
                .hasMessageContaining("no value can satisfy the schema");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"enum": []}
            {"allOf": [{"enum": []}, {"enum": ["b"]}]}
            {"allOf": [{"enum": ["b"]}, {"enum": "b"}]}
            """)
    void anEnumThatIsNoneIsStillRefusedAsSuch(String schema) {
        assertThatThrownBy(() -> grammars.schema(schema)).hasMessageContaining("'enum' must be an array");
    }

    @Test
    void aPropertyThatMayBeLeftOutIs_whereNoValueCanBeWritten() throws CharacterCodingException {
        String schema = """
                {"type":"object","properties":{"a":{"allOf":[{"enum":["a"]},{"enum":["b"]}]}}}""";

        assertThat(new Writer(1).write(grammars.schema(schema).get())).doesNotContain("\"a\"");
    }
}
