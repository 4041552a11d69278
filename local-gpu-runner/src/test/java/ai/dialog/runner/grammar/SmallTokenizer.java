package ai.dialog.runner.grammar;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A vocabulary like those of byte-level BPE: every byte, what JSON is often written with, and all pieces of two to four letters
 * of a text, with and without a space before; and special tokens, of which one's name is JSON.
 */
final class SmallTokenizer implements VocabularyOnly {

    static final int END = 256;

    /** A special token, which begins calls. */
    static final int CALLS = 258;

    static final String CALLS_NAME = "[TOOL_CALLS]";

    private static final String TEXT =
            "the quick brown fox jumps over the lazy dog value name children steps explanation output final answer nullable "
                    + "true false null kind click key code email total verbose level info warn error tags ratio foo bar baz";

    private static final String[] JSON = {
        "{\"", "\": ", "\":", "\": \"", "\", \"", "\",", "\"}", "},", "}, {", "[{", "}]", "]}", "[]", "{}", "\n  ",
        ",\n", "\\\"", "\\u00", "\\n", "10", "2024", "-0", ".5", "e+", "é", "😀", "\u2028", "  ", "\": [", "null}",
        "true,", "tool_call", ">\n", "<tool", "\n{\"", "name\":"
    };

    private final List<byte[]> texts = new ArrayList<>();

    /** With some more pieces behind the others. */
    SmallTokenizer(String... more) {
        for (int b = 0; b < 256; b++) {
            texts.add(new byte[] {(byte) b});
        }
        var pieces = new TreeSet<String>(List.of(JSON));
        for (String word : TEXT.split(" ", -1)) {
            for (int length = 2; length <= 4; length++) {
                for (int at = 0; at + length <= word.length(); at++) {
                    pieces.add(word.substring(at, at + length));
                    pieces.add(" " + word.substring(at, at + length));
                }
            }
        }
        texts.add("</s>".getBytes(StandardCharsets.UTF_8));
        texts.add("{}".getBytes(StandardCharsets.UTF_8));
        texts.add(CALLS_NAME.getBytes(StandardCharsets.UTF_8));
        pieces.forEach(piece -> texts.add(piece.getBytes(StandardCharsets.UTF_8)));
        for (String piece : more) {
            texts.add(piece.getBytes(StandardCharsets.UTF_8));
        }
    }

    @Override
    public int[] encode(String text, boolean addSpecial) {
        int special = text.indexOf(CALLS_NAME);
        if (special >= 0) {
            return Stream.of(
                            encode(text.substring(0, special), false),
                            new int[] {CALLS},
                            encode(text.substring(special + CALLS_NAME.length()), false))
                    .flatMapToInt(IntStream::of)
                    .toArray();
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int[] ids = new int[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            ids[i] = bytes[i] & 0xff;
        }
        return ids;
    }

    @Override
    public byte[] bytes(int id) {
        return texts.get(id).clone();
    }

    @Override
    public boolean isSpecial(int id) {
        return id >= END && id <= CALLS;
    }

    @Override
    public Set<Integer> endOfSequence() {
        return Set.of(END);
    }

    @Override
    public int vocabularySize() {
        return texts.size();
    }
}
