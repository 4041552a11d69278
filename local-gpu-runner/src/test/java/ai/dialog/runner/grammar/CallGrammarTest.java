package ai.dialog.runner.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** That whatever a model would like to write, the calls it writes name a function and have arguments that satisfy its schema. */
class CallGrammarTest {

    /** As Qwen's and Hermes' templates write them. */
    static final CallForm TAGS = new CallForm(
            "<tool_call>",
            "\n{\"name\": \"",
            "\", \"arguments\": ",
            "}\n</tool_call>\n<tool_call>\n{\"name\": \"",
            "}\n</tool_call>",
            true);

    /** As Mistral's, whose marker is a special token; with ids. */
    static final CallForm LIST = new CallForm(
            "[TOOL_CALLS]",
            "[{\"name\": \"",
            "\", \"arguments\": ",
            ", \"id\": \"" + CallForm.ID + "\"}, {\"name\": \"",
            ", \"id\": \"" + CallForm.ID + "\"}]",
            true);

    /** As Llama's: an answer of its own, and one call only. */
    static final CallForm BARE = new CallForm("{\"name\":", " \"", "\", \"parameters\": ", null, "}", false);

    private static final int TEXTS = 28;
    private static final Grammars GRAMMARS = Writer.grammars();

    static Stream<Arguments> forms() {
        var objects = objects();
        return Stream.of(TAGS, LIST, BARE)
                .flatMap(form -> Stream.of(objects.subList(0, 1), objects.subList(1, 4), objects)
                        .flatMap(functions -> Stream.of(true, false)
                                .flatMap(required -> Stream.of(true, false)
                                        .map(repeated -> new Calls(form, functions, required, repeated, null)))))
                .map(Arguments::of);
    }

    /** Functions whose arguments are the schemas of objects among those of the other tests. */
    static List<Calls.Function> objects() {
        var functions = new ArrayList<Calls.Function>();
        for (String schema : Schemas.all().values()) {
            var function = new Calls.Function("f" + functions.size() + "_x-Y", schema, true);
            try {
                GRAMMARS.calls(new Calls(TAGS, List.of(function), true, false, null));
                functions.add(function);
            } catch (GrammarException notAnObject) {
                assertThat(notAnObject).hasMessageContaining(function.name());
            }
        }
        return functions;
    }

    /** A call that was read. */
    record Call(String name, String arguments) {}

    /** Writes with random scores, where calls are not required behind a text and a marker, and puts the pieces together. */
    private static List<Call> write(Calls calls, long seed) throws CharacterCodingException {
        var read = new ArrayList<Call>();
        String beginning = calls.required() ? "" : (calls.form().anywhere() ? "I <think> \u00e9 <tool_" : " ");
        new Writer(seed)
                .write(
                        GRAMMARS.calls(calls).get(),
                        calls.required() ? "" : beginning + calls.form().marker(),
                        piece -> add(read, piece));
        return read;
    }

    private static void add(List<Call> read, CallPiece piece) {
        String name = piece.name();
        if (name != null) {
            assertThat(piece.index()).isEqualTo(read.size());
            read.add(new Call(name, ""));
        } else {
            Call last = read.removeLast();
            read.add(new Call(last.name(), last.arguments() + piece.arguments()));
        }
    }

    @ParameterizedTest(name = "{index}")
    @MethodSource("forms")
    void aModelThatKnowsNothingWritesCallsThatAreValid(Calls calls) throws CharacterCodingException {
        int most = 0;
        for (int i = 0; i < TEXTS; i++) {
            List<Call> written = write(calls, i);

            most = Math.max(most, written.size());
            assertThat(written).isNotEmpty();
            for (Call call : written) {
                var function = calls.functions().stream()
                        .filter(one -> one.name().equals(call.name()))
                        .findFirst();
                assertThat(function).as(call.name()).isPresent();
                assertThat(Schemas.errors(function.orElseThrow().parameters(), call.arguments()))
                        .as(call.toString())
                        .isEmpty();
            }
        }
        boolean several = calls.repeated() && calls.form().separator() != null;
        assertThat(most > 1).isEqualTo(several);
    }

    private static Calls of(CallForm form, boolean required, String... parameters) {
        var functions = new ArrayList<Calls.Function>();
        for (String schema : parameters) {
            functions.add(new Calls.Function("f" + functions.size(), schema, false));
        }
        return new Calls(form, functions, required, true, null);
    }

    private static TokenConstraint after(Calls calls, String text) {
        return after(GRAMMARS, calls, text);
    }

    private static TokenConstraint after(Grammars grammars, Calls calls, String text) {
        var constraint = grammars.calls(calls).get();
        for (int token : new SmallTokenizer().encode(text, false)) {
            assertThat(constraint.allows(token)).as("%d in %s", token, text).isTrue();
            constraint.add(token);
        }
        return constraint;
    }

    @Test
    void untilAMarkerAnyTextMayFollow_andItsBeginningIsHeld() {
        Calls calls = of(TAGS, false, "{}");
        for (String text :
                List.of("", "Hello", "<", "<<tool_cal", "a <tool_call", "{\"name\": \"f0\"}", "\u00e9\ud83d\ude00")) {
            var constraint = after(calls, text);

            assertThat(constraint.isFree()).as(text).isTrue();
            assertThat(constraint.inCalls()).as(text).isFalse();
            assertThat(constraint.isComplete()).as(text).isFalse();
        }
        assertThat(after(calls, "Hello").held()).isZero();
        assertThat(after(calls, "Hello").restricts()).isFalse();
        assertThat(after(calls, "a <<tool_cal").held()).isEqualTo(9);
        assertThat(after(calls, "a <tool<tool").held()).isEqualTo(5);

        var begun = after(calls, "a <tool_call>");
        assertThat(begun.inCalls()).isTrue();
        assertThat(begun.restricts()).isTrue();
        assertThat(begun.noText()).isEqualTo("<tool_call>".length());
    }

    @Test
    void aTokenThatEndsAMarkerAndGoesOnMayOnlyGoOnAsACallDoes() {
        var constraint = after(of(TAGS, false, "{}"), "<tool_call");
        var tokenizer = new SmallTokenizer();
        for (int token = 0; token < tokenizer.vocabularySize(); token++) {
            String text = new String(tokenizer.bytes(token), java.nio.charset.StandardCharsets.UTF_8);
            if (text.startsWith(">") && text.length() > 1) {
                assertThat(constraint.allows(token)).as(text).isEqualTo(text.equals(">\n"));
            }
        }
    }

    @Test
    void aSpecialTokenIsAMarkerOnlyAsItself() {
        Calls calls = of(LIST, false, "{}");
        assertThat(after(calls, "[TOOL_CALLS").held()).isZero();
        assertThat(after(calls, "Well. [TOOL_CALLS]").inCalls()).isTrue();
        assertThat(after(calls, "Well. [TOOL_CALLS]").noText()).isZero();

        var inArguments = after(of(LIST, true, "{}"), "[TOOL_CALLS][{\"name\": \"f0\", \"arguments\": {\"a\": \"");
        assertThat(inArguments.allows(SmallTokenizer.CALLS)).isFalse();

        // any other special token is no text, and changes nothing
        var between = after(calls, "a");
        between.add(SmallTokenizer.END + 1);
        assertThat(between.isFree()).isTrue();
    }

    @Test
    void whereNoCallMayBegin_onlyWhatWouldCompleteAMarkerMayNotFollow() {
        var tagged = new Calls(TAGS, List.of(), false, false, null);
        for (String text : List.of("", "Hello", "a <tool_cal")) {
            assertThat(after(tagged, text).restricts()).as(text).isFalse();
        }
        var before = after(tagged, "a <tool_call");
        assertThat(before.restricts()).isTrue();
        assertThat(before.allows('>')).isFalse();
        assertThat(before.allows('x')).isTrue();
        assertThat(before.allows(SmallTokenizer.CALLS)).isTrue(); // here it begins nothing

        var special = after(new Calls(LIST, List.of(), false, false, null), "Hello");
        assertThat(special.restricts()).isTrue();
        for (int token = 0; token < new SmallTokenizer().vocabularySize(); token++) {
            boolean written = token != 0xFF; // a byte that no text has
            assertThat(special.allows(token)).as("%d", token).isEqualTo(written && token != SmallTokenizer.CALLS);
        }
        special.add(SmallTokenizer.END + 1);
        assertThat(special.allows(SmallTokenizer.CALLS)).isFalse();
    }

    @Test
    void aBareCallIsTheWholeAnswer() {
        Calls calls = of(BARE, false, "{}");
        assertThat(after(calls, " \n{\"name").held()).isEqualTo(6);
        assertThat(after(calls, " \n{\"name\":").inCalls()).isTrue();
        assertThat(after(calls, "See {\"name\":").inCalls()).isFalse();
        assertThat(after(calls, "{\"names\"").held()).isZero();
    }

    @Test
    void whatIsHeldIsCountedInCharacters_ofWhichAPartIsNone() {
        String marker = "<\uff5c\ud83d\ude00>";
        var form = new CallForm(marker, "", ":", null, "", true);
        var functions = of(form, false, "{}").functions();
        for (String schema : new String[] {null, "{}"}) {
            Calls calls = new Calls(form, functions, false, false, schema);
            var constraint = GRAMMARS.calls(calls).get();
            var held = new ArrayList<Integer>();
            for (byte b : marker.getBytes(StandardCharsets.UTF_8)) {
                constraint.add(b & 0xff);
                held.add(constraint.held());
            }
            assertThat(held.subList(0, 8)).containsExactly(1, 1, 1, 2, 2, 2, 2, 4);
            assertThat(constraint.inCalls()).isTrue();
            assertThat(constraint.noText()).isEqualTo(marker.length());
        }
    }

    @Test
    void whatATokenHasBehindAMarkerIsCountedInCharacters() {
        var form = new CallForm("<", "\ud83d\ude00\u00e9", ":", null, "", true);
        var tokenizer = new SmallTokenizer("<\ud83d\ude00");
        var grammars = new Grammars(tokenizer, tokenizer.vocabularySize());
        var constraint = grammars.calls(of(form, false, "{}")).get();
        int token = tokenizer.vocabularySize() - 1;
        assertThat(constraint.allows(token)).isTrue();
        constraint.add(token);
        assertThat(constraint.inCalls()).isTrue();
        assertThat(constraint.noText()).isEqualTo(3);
    }

    @Test
    void textInAFormOrCalls() throws CharacterCodingException {
        String schema = "{\"type\": \"array\", \"items\": {\"type\": \"boolean\"}, \"minItems\": 1}";
        var calls = new Calls(TAGS, of(TAGS, false, "{}").functions(), false, false, schema);

        assertThat(after(calls, "<tool_call>").inCalls()).isTrue();
        assertThat(after(calls, "<tool").held()).isEqualTo(5);
        assertThat(after(calls, "[true]").isComplete()).isTrue();
        assertThat(after(calls, "[true]").inCalls()).isFalse();
        for (int i = 0; i < 20; i++) {
            var constraint = GRAMMARS.calls(calls).get();
            String text = new Writer(i).write(constraint);
            assertThat(constraint.inCalls() || Schemas.errors(schema, text).isEmpty())
                    .as(text)
                    .isTrue();
        }
        assertThatThrownBy(() -> GRAMMARS.calls(new Calls(BARE, calls.functions(), false, false, schema)))
                .isInstanceOf(GrammarException.class)
                .hasMessageContaining("tool_choice");
    }

    @Test
    void aSchemaThatCannotBeKeptIsAnyObject_orRefusedWhereItIsStrict() throws CharacterCodingException {
        for (String schema : List.of(
                "{\"not\": {}}",
                "{\"type\": \"string\"}",
                "[]",
                "{",
                "{\"type\": [3]}",
                "{\"type\": \"object\", \"properties\": {}, \"required\": [\"x\"], \"additionalProperties\": false}",
                "{\"type\": \"object\", \"properties\": {\"a\": {\"$ref\": \"#\"}}, \"required\": [\"a\"]}",
                "{\"type\": \"object\", \"properties\": {\"a\": {\"type\": \"string\", \"minLength\": 9000}, \"b\": {\"type\": \"array\", \"items\": {\"type\": \"string\", \"minLength\": 9999}, \"minItems\": 999}, \"c\": {\"not\": {}}}}")) {
            for (int i = 0; i < 3; i++) {
                for (Call call : write(of(TAGS, true, schema, "{}"), i)) {
                    assertThat(Schemas.errors("{\"type\": \"object\"}", call.arguments()))
                            .isEmpty();
                }
            }
            var strict = new Calls(TAGS, List.of(new Calls.Function("f", schema, true)), true, false, null);
            assertThatThrownBy(() -> GRAMMARS.calls(strict))
                    .isInstanceOf(GrammarException.class)
                    .hasMessageStartingWith("the parameters of 'f'");
        }
    }

    @Test
    void aSchemaForWhichThereWasNoTime_isAnyObjectThisOnce() {
        var now = new AtomicLong();
        var step = new AtomicLong(Duration.ofMinutes(1).toNanos());
        var tokenizer = new SmallTokenizer();
        var grammars = new Grammars(tokenizer, tokenizer.vocabularySize(), () -> now.addAndGet(step.get()));
        Calls calls =
                of(TAGS, true, "{\"type\": \"object\", \"properties\": {\"a\": {}}, \"additionalProperties\": false}");
        String begun = TAGS.marker() + TAGS.open() + "f0" + TAGS.middle() + "{\"";

        assertThat(after(grammars, calls, begun).allows('b')).isTrue();
        step.set(1);
        assertThat(after(grammars, calls, begun).allows('b')).isFalse();
        assertThat(after(grammars, calls, begun).allows('a')).isTrue();

        long made = now.get();
        assertThat(after(grammars, calls, begun).allows('b')).isFalse();
        assertThat(now.get()).as("kept").isEqualTo(made);
    }

    @Test
    void thereAreAsManyCallsAsAMessageMayHave_andNoOtherBehindThem() {
        for (CallForm form : List.of(TAGS, LIST)) {
            String rest = form.middle() + "{}";
            String next =
                    String.valueOf(form.separator()).replace(String.valueOf(CallForm.ID), "abc456789") + "f0" + rest;
            String all = form.marker() + form.open() + "f0" + rest + next.repeat(CallReader.MAX_CALLS - 1);
            String close = form.close().replace(String.valueOf(CallForm.ID), "abc456789");
            for (boolean required : List.of(true, false)) {
                Calls calls = of(form, required, "{}");
                assertThat(after(calls, all + close).isComplete()).isTrue();
                assertThat(after(calls, all.substring(0, all.length() - next.length()) + close)
                                .isComplete())
                        .isEqualTo(form.equals(LIST)); // its list is closed; behind a tag another may come
                var last = after(calls, all);
                for (byte b : close.getBytes(StandardCharsets.UTF_8)) {
                    assertThat(last.isComplete()).isFalse();
                    assertThat(last.allows(b)).isTrue();
                    last.add(b);
                }
                assertThat(last.isComplete()).isTrue();
            }
        }
    }

    @Test
    void aHundredLargeFunctionsAreBounded() throws CharacterCodingException {
        String large =
                "{\"type\": \"object\", \"properties\": {\"a\": {\"type\": \"string\", \"maxLength\": 2000}}, \"required\": [\"a\"]}";
        var parameters = new String[128];
        java.util.Arrays.fill(parameters, large);

        for (Call call : write(of(TAGS, true, parameters), 1)) {
            assertThat(Schemas.errors("{\"type\": \"object\"}", call.arguments()))
                    .isEmpty();
        }
    }
}
