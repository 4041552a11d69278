package ai.dialog.runner.scheduler;

import ai.dialog.model.tokenizer.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A token for each byte, so that characters beyond ASCII come in halves, a few special tokens, and a few of several
 * characters.
 */
final class FakeTokenizer implements Tokenizer {

    /** Decoding it fails, as a tokenizer with a bug would. */
    static final int POISON = 7;

    static final int BOS = 256;
    static final int EOS = 257;
    static final int END_OF_TURN = 258;
    static final int CALLS = 259;
    static final int FIRST_WORD = 260;
    static final int VOCABULARY = 265;

    private static final List<String> NAMES =
            List.of("<s>", "</s>", "<|end|>", "[TOOL_CALLS]", "Hello", " world", "STOP", "END.", "\n\n");

    private final boolean hasBos;

    FakeTokenizer(boolean hasBos) {
        this.hasBos = hasBos;
    }

    @Override
    public int[] encode(String text, boolean addSpecial) {
        var out = new java.util.ArrayList<Integer>();
        if (addSpecial && hasBos) {
            out.add(BOS);
        }
        String rest = text;
        while (!rest.isEmpty()) {
            int special = specialAt(rest);
            if (special >= 0) {
                out.add(special);
                rest = rest.substring(NAMES.get(special - BOS).length());
            } else {
                int end = rest.offsetByCodePoints(0, 1);
                for (byte b : rest.substring(0, end).getBytes(StandardCharsets.UTF_8)) {
                    out.add(Byte.toUnsignedInt(b));
                }
                rest = rest.substring(end);
            }
        }
        return out.stream().mapToInt(Integer::intValue).toArray();
    }

    private static int specialAt(String text) {
        for (int id = BOS; id < FIRST_WORD; id++) {
            if (text.startsWith(NAMES.get(id - BOS))) {
                return id;
            }
        }
        return -1;
    }

    @Override
    public String decode(int[] ids) {
        var bytes = new ByteArrayOutputStream();
        Arrays.stream(ids).filter(id -> !isSpecial(id)).forEach(id -> bytes.writeBytes(bytes(id)));
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Override
    public StreamDecoder streamDecoder() {
        return new Utf8Decoder();
    }

    @Override
    public byte[] bytes(int id) {
        return id < BOS ? new byte[] {(byte) id} : NAMES.get(id - BOS).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public boolean isSpecial(int id) {
        return id >= BOS && id < FIRST_WORD;
    }

    @Override
    public Set<Integer> endOfSequence() {
        return new LinkedHashSet<>(List.of(EOS, END_OF_TURN));
    }

    @Override
    public @Nullable Integer beginningOfSequence() {
        return hasBos ? BOS : null;
    }

    @Override
    public int vocabularySize() {
        return VOCABULARY;
    }

    @Override
    public void close() {}

    /** Holds back the bytes of a character that is not complete. */
    private final class Utf8Decoder implements StreamDecoder {

        private final ByteArrayOutputStream open = new ByteArrayOutputStream();

        @Override
        public String add(int id) {
            if (id == POISON) {
                throw new IllegalStateException("poison");
            }
            if (isSpecial(id)) {
                return "";
            }
            open.writeBytes(bytes(id));
            byte[] bytes = open.toByteArray();
            String text = new String(bytes, StandardCharsets.UTF_8);
            if (text.endsWith("\uFFFD") && bytes.length < 4) {
                return "";
            }
            open.reset();
            return text;
        }

        @Override
        public String finish() {
            String text = open.toString(StandardCharsets.UTF_8);
            open.reset();
            return text;
        }
    }
}
