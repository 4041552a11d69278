package ai.dialog.runner.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.functions.inference.TokenLogprob;
import ai.dialog.model.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Stop strings and the text that is held back for them. */
class ChoiceTextTest {

    /** Token {@code i} is the {@code i}th of some pieces of text. */
    private record Pieces(List<String> pieces) implements Tokenizer.StreamDecoder {
        @Override
        public String add(int id) {
            return pieces.get(id);
        }

        @Override
        public String finish() {
            return "";
        }
    }

    /** What came out: the text, whether it was stopped, and which tokens were part of it. */
    private record Outcome(String text, boolean stopped, List<Integer> tokens) {}

    private static Outcome feed(List<String> pieces, List<String> stops) {
        var text = new ChoiceText(new Pieces(pieces), stops, false);
        var out = new StringBuilder();
        var tokens = new ArrayList<Integer>();
        for (int i = 0; i < pieces.size(); i++) {
            var piece = text.add(i, new TokenLogprob(i, pieces.get(i), List.of(), -1.0, List.of()), true, 0);
            out.append(piece.text());
            piece.logprobs().forEach(entry -> tokens.add(entry.id()));
            if (piece.stopped()) {
                return new Outcome(out.toString(), true, tokens);
            }
        }
        var rest = text.finish();
        rest.logprobs().forEach(entry -> tokens.add(entry.id()));
        return new Outcome(out + rest.text(), rest.stopped(), tokens);
    }

    /** The plain definition: the stop string that is complete first, of those complete at once the longest. */
    private static Outcome reference(String text, List<String> stops) {
        for (int end = 1; end <= text.length(); end++) {
            int longest = 0;
            for (String stop : stops) {
                if (text.substring(0, end).endsWith(stop)) {
                    longest = Math.max(longest, stop.length());
                }
            }
            if (longest > 0) {
                return new Outcome(text.substring(0, end - longest), true, List.of());
            }
        }
        return new Outcome(text, false, List.of());
    }

    @Test
    void howeverTheTextIsCut_theResultIsTheSame() {
        var random = new Random(3);
        for (int round = 0; round < 5_000; round++) {
            // Few letters and short stops, so that matches, near matches and overlaps are common.
            String text = letters(random, random.nextInt(25));
            var stops = new ArrayList<String>();
            for (int i = random.nextInt(4); i > 0; i--) {
                stops.add(letters(random, 1 + random.nextInt(5)));
            }
            var pieces = cut(random, text);
            var expected = reference(text, stops);
            var actual = feed(pieces, stops);
            assertThat(actual.text()).as("%s stopped by %s", pieces, stops).isEqualTo(expected.text());
            assertThat(actual.stopped()).isEqualTo(expected.stopped());
            assertThat(actual.tokens())
                    .as("tokens of %s stopped by %s", pieces, stops)
                    .isEqualTo(tokens(pieces, expected));
        }
    }

    /** The tokens any of whose text is before the cut; one without text goes with the next that has some. */
    private static List<Integer> tokens(List<String> pieces, Outcome expected) {
        var tokens = new ArrayList<Integer>();
        int start = 0;
        for (int i = 0; i < pieces.size(); i++) {
            if (!expected.stopped() || start < expected.text().length()) {
                tokens.add(i);
            }
            start += pieces.get(i).length();
        }
        return tokens;
    }

    private static String letters(Random random, int length) {
        var text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append("ab\n".charAt(random.nextInt(3)));
        }
        return text.toString();
    }

    private static List<String> cut(Random random, String text) {
        var pieces = new ArrayList<String>();
        int at = 0;
        while (at < text.length()) {
            int end = Math.min(text.length(), at + random.nextInt(5));
            pieces.add(text.substring(at, end));
            at = end;
        }
        return pieces;
    }

    @ParameterizedTest
    @CsvSource({
        "hello STOP more, STOP, 'hello ', true",
        "STOP, STOP, '', true",
        "STO, STOP, STO, false",
        "STSTOP, STOP, ST, true",
        "aabaabaaa!, aabaaa, aab, true",
        "abcd, abcd|c, ab, true",
        "abcd, bc|abc, '', true",
        "x😀y, 😀, x, true",
    })
    void aStopStringEndsTheText(String text, String stops, String expected, boolean stopped) {
        var outcome = feed(text.codePoints().mapToObj(Character::toString).toList(), List.of(stops.split("\\|")));
        assertThat(outcome.text()).isEqualTo(expected);
        assertThat(outcome.stopped()).isEqualTo(stopped);
    }

    @Test
    void onlyWhatCouldBeAStopString_isHeldBack() {
        var text = new ChoiceText(new Pieces(List.of("one ", "two S", "TO", "RY")), List.of("STOP"), false);
        assertThat(text.add(0, null, true, 0).text()).isEqualTo("one ");
        assertThat(text.add(1, null, true, 0).text()).isEqualTo("two ");
        assertThat(text.add(2, null, true, 0).text()).isEmpty();
        assertThat(text.add(3, null, true, 0).text()).isEqualTo("STORY");
    }

    @Test
    void emptyAndHalfCharacterStops_neverMatch() {
        assertThat(feed(List.of("a", "😀"), List.of("", "\uD83D", "\uDE00")).text())
                .isEqualTo("a😀");
    }

    @Test
    void beforeStopsCount_nothingIsHeldBackOrMatched() {
        var text = new ChoiceText(new Pieces(List.of("a.", "b", ".", "c")), List.of("."), false);
        assertThat(text.add(0, null, false, 0).text()).isEqualTo("a.");
        assertThat(text.add(1, null, true, 0).text()).isEqualTo("b");
        assertThat(text.add(2, null, true, 0)).isEqualTo(new ChoiceText.Piece("", List.of(), true));
    }

    @Test
    void whereCallsMayFollow_whiteSpaceAndWhatIsUndecidedAreHeld() {
        var text = new ChoiceText(new Pieces(List.of("one \n", "<to", " b \n", "<x>rest")), List.of("STOP"), true);
        assertThat(text.add(0, null, true, 0).text()).isEqualTo("one");
        assertThat(text.add(1, null, true, 3).text()).isEmpty();
        assertThat(text.add(2, null, true, 0).text()).isEqualTo(" \n<to b");
        assertThat(text.cut(3, null, true, 7).text()).isEmpty();
    }

    @Test
    void aStopStringBeforeCallsEndsTheText_oneWithinThemDoesNot() {
        var stopped = new ChoiceText(new Pieces(List.of("a ST", "OP <x>")), List.of("STOP"), true);
        assertThat(stopped.add(0, null, true, 0).text()).isEqualTo("a ");
        assertThat(stopped.cut(1, null, true, 3)).isEqualTo(new ChoiceText.Piece("", List.of(), true));

        var within = new ChoiceText(new Pieces(List.of("a b", "<x>")), List.of("b<", "x"), true);
        assertThat(within.add(0, null, true, 0).text()).isEqualTo("a ");
        assertThat(within.cut(1, null, true, 3)).isEqualTo(new ChoiceText.Piece("b", List.of(), false));
    }
}
