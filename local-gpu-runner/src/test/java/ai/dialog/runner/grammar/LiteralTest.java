package ai.dialog.runner.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which spaces of a text around calls may be left out. */
class LiteralTest {

    /** Spelled with bytes of which the last is that of a comma. */
    private static final int COMMA = 2 << 7 | ',';

    /** Spelled with bytes of which the last two are those of a comma and a space. */
    private static final int COMMA_AND_SPACE = ',' << 7 | ' ';

    private static final Vocabulary VOCABULARY =
            new Vocabulary(new Specials(Map.of(COMMA, "[A]", COMMA_AND_SPACE, "[B]")), COMMA_AND_SPACE + 1);

    /** Whether a text is taken as a whole, by the grammar and by what reads behind it. */
    private static boolean takes(String literal, byte... text) {
        var grammar = new GrammarBuilder();
        Rule rule = grammar.rule();
        var drawn = new Literal(VOCABULARY, literal);
        grammar.skip(drawn.draw(grammar, rule.start()), rule.end());
        var follower = drawn.follower();
        Grammar.State at = grammar.build(rule).start();
        boolean followed = true;
        for (byte b : text) {
            at = at == null ? null : at.after(b & 0xff);
            followed &= follower.take(b & 0xff);
        }
        boolean taken = at != null && at.mayEnd();
        assertThat(followed && follower.isComplete()).isEqualTo(taken);
        return taken;
    }

    private static byte[] spelled(String text) {
        return VOCABULARY.spell(text);
    }

    @Test
    void aSpaceBehindACommaOrAColonMayBeLeftOut_andNoOther() {
        assertThat(takes("a, b: c", spelled("a, b: c"))).isTrue();
        assertThat(takes("a, b: c", spelled("a,b:c"))).isTrue();
        assertThat(takes("a, [B]", spelled("a,[B]"))).isTrue();
        assertThat(takes("a b", spelled("ab"))).isFalse();
    }

    @Test
    void theBytesOfASpecialTokenAreNoText() {
        assertThat(takes("[A] b", spelled("[A] b"))).isTrue();
        assertThat(takes("[A] b", spelled("[A]b"))).isFalse();

        byte[] special = spelled("[B]");
        assertThat(special).endsWith(',', ' ');
        assertThat(takes("[B]", special)).isTrue();
        assertThat(takes("[B]", Arrays.copyOf(special, special.length - 1))).isFalse();
    }

    /** Bytes, and special tokens. */
    private record Specials(Map<Integer, String> names) implements VocabularyOnly {

        @Override
        public int[] encode(String text, boolean addSpecial) {
            var ids = new ArrayList<Integer>();
            int at = 0;
            while (at < text.length()) {
                String rest = text.substring(at);
                var name = names.entrySet().stream()
                        .filter(entry -> rest.startsWith(entry.getValue()))
                        .findFirst();
                ids.add(name.map(Map.Entry::getKey).orElse((int) text.charAt(at)));
                at += name.map(entry -> entry.getValue().length()).orElse(1);
            }
            return ids.stream().mapToInt(Integer::intValue).toArray();
        }

        @Override
        public byte[] bytes(int id) {
            return id < 128
                    ? new byte[] {(byte) id}
                    : names.getOrDefault(id, "").getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public boolean isSpecial(int id) {
            return names.containsKey(id);
        }

        @Override
        public Set<Integer> endOfSequence() {
            return Set.of();
        }

        @Override
        public int vocabularySize() {
            return COMMA_AND_SPACE + 1;
        }
    }
}
