package ai.dialog.runner.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.CharacterCodingException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What schemas are refused, and that none of them, however it was made, takes long or much. */
class SchemaBoundsTest {

    private final Grammars grammars = Writer.grammars();

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"not": {"type": "string"}}                                         | 'not'
            {"type": "array", "uniqueItems": true}                              | 'uniqueItems'
            {"type": "array", "contains": {}}                                   | 'contains'
            {"type": "object", "patternProperties": {"a": {}}}                  | 'patternProperties'
            {"type": "object", "minProperties": 2}                              | 'minProperties'
            {"type": "integer", "multipleOf": 3}                                | 'multipleOf'
            {"if": {}, "then": false}                                           | 'if'
            {"type": "object", "unevaluatedProperties": false}                  | 'unevaluatedProperties'
            {"never-heard-of": 1}                                               | 'never-heard-of'
            {"type": "string", "format": "regex"}                               | format
            {"type": "string", "pattern": "(?=a)b"}                             | (?
            {"type": "string", "pattern": "(a)\\\\1"}                           | position
            {"type": "string", "pattern": "a^b"}                                | '^'
            {"type": "string", "pattern": "["}                                  | end in the middle
            {"type": "string", "pattern": "a{3,1}"}                             | repetition
            {"type": "string", "pattern": "^a$", "maxLength": 3}                | maxLength
            {"enum": ["a"], "minLength": 1}                                     | minLength
            {"oneOf": [{"type": "integer"}, {"type": "number"}]}                | oneOf
            {"type": "what"}                                                    | type
            {"type": "integer", "minimum": 3, "maximum": 2}                     | no value
            {"type": "object", "properties": {"a": false}, "required": ["a"]}   | no value
            {"type": "number", "minimum": 1e300}                                | minimum
            {"$ref": "#"}                                                       | itself
            {"anyOf": [{"$ref": "#"}, {"type": "null"}]}                        | itself
            {"allOf": [{"$ref": "#"}]}                                          | itself
            {"$ref": "#/nowhere"}                                               | nothing
            {"$ref": "http://127.0.0.1:1/x"}                                    | into the schema itself
            {"type": "array", "items": {"$ref": "#"}, "minItems": 1}            | no value
            {"anyOf": []}                                                       | anyOf
            {"items": [{}]}                                                     | prefixItems
            {"type": "array", "minItems": 1001}                                 | minItems
            {"type": "string", "minLength": -1}                                 | minLength
            {"type": "string", "pattern": null}                                 | must be a string
            {"pattern": {"a": 1}}                                               | must be a string
            {"type": "string", "format": 5}                                     | must be a string
            {"type": "array", "prefixItems": {}}                                | must be an array
            7                                                                   | schema
            {                                                                   | no JSON
            """)
    void whatCannotBeKeptIsRefusedByItsName(String schema, String why) {
        assertThatThrownBy(() -> grammars.schema(schema))
                .isInstanceOf(GrammarException.class)
                .hasMessageContaining(why);
    }

    @Test
    void aRefusalNamesThePlace() {
        assertThatThrownBy(() -> grammars.schema("""
                        {"type":"object","properties":{"a/b":{"type":"array","items":{"not":{}}}}}""")).hasMessageContaining("'/properties/a~1b/items'");
    }

    /** The shapes that have stopped other servers: each is refused or becomes a grammar that ends as any other does. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "(a|a)*(a+)+$",
                "(a|b)*a(a|b){20}c",
                "((a{1,1000}){1,1000}){1,1000}",
                "(((((((((a{9}){9}){9}){9}){9}){9}){9}){9}){9})",
                "^(.{0,1000}){0,1000}$",
                "((((((((((a*)*)*)*)*)*)*)*)*)*)",
                "(\\p{L}+)+",
                "(?:.*a.{0,200}){5}b",
                "a{1000}{1000}"
            })
    void aPatternThatGrowsIsBounded(String pattern) {
        bounded("{\"type\":\"string\",\"pattern\":\"" + pattern.replace("\\", "\\\\") + "\"}");
    }

    @Test
    void aSchemaThatGrowsIsBounded() {
        bounded("{\"properties\":{\"a\":".repeat(1000) + "{}" + "}}".repeat(1000));
        bounded(doubling("allOf"));
        bounded(doubling("anyOf"));
        bounded("{\"type\":\"array\",\"items\":".repeat(20) + "true" + ",\"minItems\":1000}".repeat(20));
        bounded("{\"enum\":[" + "\"x\",".repeat(20_000) + "\"x\"]}");
        bounded("{\"type\":\"string\",\"maxLength\":2000000000}");
    }

    /** Once every prefix of a constant was kept: 100 MB for one of 15,000 characters. */
    @Test
    void longConstantsAndNamesCostWhatTheirLengthIs() {
        String constants = IntStream.range(0, 3)
                .mapToObj(i -> "\"" + i + "x".repeat(15_000) + "\"")
                .collect(Collectors.joining(","));
        String name = "x".repeat(20_000);
        for (String schema : List.of(
                "{\"enum\":[" + constants + "]}",
                "{\"type\":\"object\",\"properties\":{\"" + name + "\":{}},\"additionalProperties\":true}")) {
            long before = allocated();
            bounded(schema);
            assertThat(allocated() - before).isLessThan(100L << 20);
        }
    }

    private static long allocated() {
        return ((com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean())
                .getCurrentThreadAllocatedBytes();
    }

    /** Two readings of every object, and of those within it two again. */
    @Test
    void aSchemaThatIsReadInManyWaysIsWrittenAllTheSame() throws CharacterCodingException {
        String either =
                "{\"anyOf\":[{\"type\":\"object\",\"properties\":{\"x\":{\"$ref\":\"#/$defs/a\"}},\"required\":[\"x\"]},"
                        + "{\"type\":\"object\",\"properties\":{\"x\":{\"$ref\":\"#/$defs/b\"}},\"required\":[\"x\"]},{\"type\":\"null\"}]}";
        String schema = "{\"$ref\":\"#/$defs/a\",\"$defs\":{\"a\":" + either + ",\"b\":"
                + either.replace("null", "boolean") + "}}";

        for (int i = 0; i < 20; i++) {
            String text = new Writer(i).write(grammars.schema(schema).get());
            assertThat(Schemas.errors(schema, text)).as(text).isEmpty();
        }
        String deep = "{\"x\":".repeat(15) + "null" + "}".repeat(15);
        var constraint = grammars.schema(schema).get();
        for (int token : new SmallTokenizer().encode(deep, false)) {
            assertThat(constraint.allows(token)).isTrue();
            constraint.add(token);
        }
        assertThat(constraint.isComplete()).isTrue();
    }

    /** Thirty definitions, each of two times the next. */
    private static String nested(int depth, String names) {
        return "{\"type\":\"object\",\"required\":[" + names + "],\"properties\":{\"a\":"
                + (depth == 0 ? "{\"type\":\"string\"}" : nested(depth - 1, names)) + "}}";
    }

    @Test
    void partsOfOneOfThatTakeLongToTellApartAreRefused() {
        for (String names : List.of("\"a\"", "\"a\",".repeat(20) + "\"a\"")) {
            String part = nested(24, names);
            assertThatThrownBy(() -> grammars.schema("{\"oneOf\":[" + part + "," + part + "]}"))
                    .isInstanceOf(GrammarException.class)
                    .hasMessageContaining("oneOf");
        }
        assertThatThrownBy(() -> grammars.schema("""
                {"oneOf": [{"$ref": "#/$defs/A"}, {"$ref": "#/$defs/B"}], "$defs": {
                  "A": {"type": "object", "required": ["x"], "properties": {"x": {"$ref": "#/$defs/A"}}},
                  "B": {"type": "object", "required": ["x"], "properties": {"x": {"$ref": "#/$defs/B"}}}}}
                """))
                .isInstanceOf(GrammarException.class)
                .hasMessageContaining("oneOf");
        String constants =
                IntStream.range(0, 3_000).mapToObj(i -> "{\"const\":" + i + "}").collect(Collectors.joining(","));
        assertThatThrownBy(() -> grammars.schema("{\"oneOf\":[" + constants + "]}"))
                .isInstanceOf(GrammarException.class)
                .hasMessageContaining("oneOf");
    }

    @Test
    void manyPartsThatAreBroughtTogetherCountAsWork() {
        String parts = IntStream.range(0, 2_500)
                .mapToObj(i -> "{\"properties\":{\"p" + i + "\":{}},\"type\":\"string\"}")
                .collect(Collectors.joining(","));
        String uses = IntStream.range(0, 200)
                .mapToObj(i -> "\"u" + i + "\":{\"$ref\":\"#/$defs/all\",\"minLength\":" + i + "}")
                .collect(Collectors.joining(","));
        assertThatThrownBy(() -> grammars.schema("{\"type\":\"object\",\"properties\":{" + uses
                        + "},\"$defs\":{\"all\":{\"allOf\":[" + parts + "]}}}"))
                .isInstanceOf(GrammarException.class)
                .hasMessageContaining("too large");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"allOf\":[{\"minimum\":\"a\"},{\"minimum\":2}]}",
                "{\"type\":[{\"a\":1}]}",
                "{\"allOf\":[{\"minLength\":1e99},{\"minLength\":2}]}",
                "{\"$ref\":\"#/%zz\"}"
            })
    void aValueOfTheWrongKindIsTheCallersMistake(String schema) {
        assertThatThrownBy(() -> grammars.schema(schema)).isInstanceOf(GrammarException.class);
    }

    private static String doubling(String keyword) {
        var schema = new StringBuilder("{\"$ref\":\"#/$defs/d0\",\"$defs\":{");
        for (int i = 0; i < 30; i++) {
            String next = "{\"$ref\":\"#/$defs/d" + (i + 1) + "\",\"title\":\"%d\"}";
            schema.append("\"d%d\":{\"%s\":[".formatted(i, keyword))
                    .append(next.formatted(1))
                    .append(',')
                    .append(next.formatted(2))
                    .append("]},");
        }
        return schema + "\"d30\":{\"type\":\"object\",\"properties\":{\"a\":true}}}}";
    }

    /** The validator is not asked: some of these shapes would stop it. */
    private void bounded(String schema) {
        try {
            new Writer(1).writeSome(grammars.schema(schema).get(), 200);
        } catch (GrammarException refused) {
            assertThat(refused).hasMessageMatching("(?s).*(too large|at most|more than|not supported|is no JSON).*");
        }
    }
}
