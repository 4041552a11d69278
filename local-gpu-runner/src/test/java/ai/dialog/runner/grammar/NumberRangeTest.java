package ai.dialog.runner.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** That numbers are within their bounds as they are written, and as the doubles that programs read them as. */
class NumberRangeTest {

    private static final int TEXTS = 10;
    private static final Grammars GRAMMARS = Writer.grammars();

    private static boolean takes(String schema, String text) {
        var constraint = GRAMMARS.schema(schema).get();
        for (int at = 0; at < text.length(); at++) {
            if (!constraint.allows(text.charAt(at))) {
                return false;
            }
            constraint.add(text.charAt(at));
        }
        return constraint.allows(SmallTokenizer.END);
    }

    /** Writes what comes first of these characters where it may, and as long as one of them may. */
    private static String eager(TokenConstraint constraint, String characters) {
        var text = new StringBuilder();
        while (true) {
            int next = characters.chars().filter(constraint::allows).findFirst().orElse(-1);
            if (next < 0) {
                assertThat(constraint.allows(SmallTokenizer.END))
                        .as("%s may end", text)
                        .isTrue();
                return text.toString();
            }
            constraint.add(next);
            text.append((char) next);
        }
    }

    /** Texts at both ends of a range, and some between. */
    private static List<String> written(String schema, int texts) throws CharacterCodingException {
        var constraints = GRAMMARS.schema(schema);
        var written = new ArrayList<String>();
        for (String characters : List.of("9876543210.-", ".0123456789-", "-9876543210.", "-.0123456789")) {
            written.add(eager(constraints.get(), characters));
        }
        for (int i = 0; i < texts; i++) {
            written.add(new Writer(i).write(constraints.get()));
        }
        return written;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "exclusiveMinimum":99999,"exclusiveMaximum":100000
            "exclusiveMinimum":1,"exclusiveMaximum":2
            "exclusiveMinimum":7,"exclusiveMaximum":8
            "exclusiveMinimum":-2,"exclusiveMaximum":-1
            "exclusiveMinimum":-100000,"exclusiveMaximum":-99999
            "exclusiveMinimum":-1,"exclusiveMaximum":1
            "exclusiveMinimum":0
            "exclusiveMaximum":0
            "exclusiveMaximum":-0.0
            "exclusiveMinimum":0,"exclusiveMaximum":0.000000000000001
            "exclusiveMinimum":-0.000000000000001,"exclusiveMaximum":0
            "exclusiveMinimum":-0.000000000000001
            "exclusiveMinimum":0.3,"exclusiveMaximum":0.300000000000001
            "exclusiveMinimum":1,"exclusiveMaximum":1.000000000000001
            "minimum":99999.0000000000001,"exclusiveMinimum":99999
            "maximum":99999.9999999999999,"exclusiveMaximum":100000
            "exclusiveMinimum":100000.000000000000001
            "exclusiveMaximum":99999.999999999999999
            "exclusiveMinimum":999999999999998,"exclusiveMaximum":999999999999999
            "exclusiveMinimum":999999999999999
            "exclusiveMinimum":-999999999999999,"exclusiveMaximum":999999999999999.9
            "minimum":0.1,"exclusiveMaximum":0.2
            """)
    void whatIsReadAsADoubleIsWithinTheBounds(String bounds) throws CharacterCodingException {
        for (String type : List.of("\"type\":\"number\",", "")) {
            String schema = "{" + type + bounds + "}";
            for (String text : written(schema, TEXTS)) {
                String read = new BigDecimal(Double.parseDouble(text)).toPlainString();
                assertThat(Schemas.errors(schema, text)).as(text).isEmpty();
                assertThat(Schemas.errors(schema, read))
                        .as("%s, read as %s", text, read)
                        .isEmpty();
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"type":"number","exclusiveMinimum":99999,"exclusiveMaximum":100000} | 99999.9999999999999  | 99999.99999999999
            {"type":"number","exclusiveMinimum":99999,"exclusiveMaximum":100000} | 99999.000000000001   | 99999.00000000001
            {"type":"number","exclusiveMinimum":1,"exclusiveMaximum":2}          | 1.0000000000000001   | 1.000000000000001
            {"type":"number","exclusiveMinimum":1,"exclusiveMaximum":2}          | 1.9999999999999999   | 1.999999999999999
            {"type":"number","exclusiveMinimum":0,"exclusiveMaximum":1}          | 0.000000000000000    | 0.000000000000001
            {"type":"number","exclusiveMinimum":-1,"exclusiveMaximum":0}         | -0.000000000000000   | -0.000000000000001
            {"type":"number","exclusiveMinimum":-1,"exclusiveMaximum":0}         | 0                    | -0.5
            {"type":"number","exclusiveMinimum":-1,"maximum":0}                  | -0                   | 0
            {"type":"number","minimum":99999,"maximum":100000}                   | 100000.0000000001    | 100000.000
            {"type":"integer","exclusiveMinimum":99999999999999.99999}           | 100000000000000      | 100000000000001
            {"type":"integer","exclusiveMinimum":99999999999998.5}               | 99999999999998       | 99999999999999
            {"type":"integer","exclusiveMinimum":3,"exclusiveMaximum":5}         | 5                    | 4
            {"type":"integer","exclusiveMinimum":-1}                             | -0                   | 0
            {"type":"integer","minimum":3}                                       | 3.0                  | 3
            """)
    void theNextNumberInsideABoundIsTaken_andTheBoundIsNot(String schema, String outside, String inside) {
        assertThat(takes(schema, outside)).as(outside).isFalse();
        assertThat(takes(schema, inside)).as(inside).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"exclusiveMinimum":7.999999999999999,"exclusiveMaximum":8}
            {"exclusiveMinimum":99999,"exclusiveMaximum":99999.00000000001}
            {"exclusiveMinimum":99999,"maximum":99999.0000000000001}
            {"exclusiveMinimum":0.1,"maximum":0.1}
            {"exclusiveMinimum":0,"exclusiveMaximum":-0.0}
            {"type":"integer","exclusiveMinimum":99999999999999.99999,"exclusiveMaximum":100000000000001}
            """)
    void boundsWithoutADoubleBetweenAreRefused(String schema) {
        assertThatThrownBy(() -> GRAMMARS.schema(schema)).hasMessageContaining("no value");
    }

    @Test
    void whateverTheBoundsAre_theirNumbersAreWithinThemAndNoneIsLeftOut() throws CharacterCodingException {
        var random = new Random(7);
        int refused = 0;
        for (int i = 0; i < 400; i++) {
            int scale = random.nextInt(16);
            var low = new BigDecimal(random.nextGaussian() * Math.pow(10, random.nextInt(15) - 2))
                    .setScale(scale, RoundingMode.HALF_EVEN);
            var high = low.add(BigDecimal.valueOf(1 + random.nextInt(3), random.nextBoolean() ? scale : 1 + scale / 2));
            String schema = "{\"exclusiveMinimum\":" + low.toPlainString() + ",\"exclusiveMaximum\":"
                    + high.toPlainString() + "}";
            double first = Math.nextUp(low.doubleValue());
            double last = Math.nextDown(high.doubleValue());
            if (first > last) {
                refused++;
                assertThatThrownBy(() -> GRAMMARS.schema(schema)).hasMessageContaining("no value");
                continue;
            }
            for (String text : written(schema, 1)) {
                assertThat(new BigDecimal(text)).as(schema).isGreaterThan(low).isLessThan(high);
                assertThat(Double.parseDouble(text))
                        .as("%s of %s", text, schema)
                        .isBetween(first, last);
            }
        }
        assertThat(refused).isBetween(10, 300);
    }

    /** Sixteen only where none of fifteen is between the bounds. */
    @Test
    void thereAreFifteenDigitsBehindThePoint() throws CharacterCodingException {
        for (String bounds : List.of(
                "\"minimum\":0.1,\"maximum\":0.1",
                "\"minimum\":0",
                "\"exclusiveMinimum\":1,\"exclusiveMaximum\":2",
                "\"exclusiveMinimum\":0.1,\"exclusiveMaximum\":0.100000000000002")) {
            assertThat(written("{" + bounds + "}", TEXTS)).allMatch(text -> new BigDecimal(text).scale() <= 15);
        }
        String narrow = "{\"exclusiveMinimum\":0.1,\"exclusiveMaximum\":0.100000000000001}";
        assertThat(written(narrow, TEXTS)).allMatch(text -> new BigDecimal(text).scale() == 16);
    }

    @Test
    void theArgumentsOfCallsAreWithinTheBoundsAsWell() {
        String schema = "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"number\",\"exclusiveMinimum\":99999,"
                + "\"exclusiveMaximum\":100000}},\"required\":[\"a\"],\"additionalProperties\":false}";
        var calls = new Calls(CallGrammarTest.BARE, List.of(new Calls.Function("f", schema, true)), true, false, null);
        var constraint = GRAMMARS.calls(calls).get();
        for (char c : "{\"name\": \"f\", \"parameters\": {\"a\":".toCharArray()) {
            constraint.add(c);
        }
        String number = "";
        while (!constraint.allows('}') || constraint.allows('9')) {
            char next = constraint.allows('9') ? '9' : '.';
            if (!constraint.allows(next)) {
                break;
            }
            constraint.add(next);
            number += next;
        }
        assertThat(Double.parseDouble(number)).isLessThan(100_000);
    }
}
