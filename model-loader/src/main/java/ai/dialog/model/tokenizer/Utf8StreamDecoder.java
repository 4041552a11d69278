package ai.dialog.model.tokenizer;

import java.util.function.IntFunction;

/**
 * Bytes of tokens to text as they come. What is kept between two tokens is the beginning of one character, so the cost of
 * a token does not grow with the text before it.
 *
 * <p>The decoder is that of the WHATWG Encoding Standard (section "UTF-8 decoder"), which replaces broken sequences as
 * Rust's {@code from_utf8_lossy}, and so Hugging Face's library, does. The JDK's replaces surrogates and some others by fewer
 * U+FFFD.
 */
final class Utf8StreamDecoder implements Tokenizer.StreamDecoder {

    private static final char REPLACEMENT = '\uFFFD';
    private static final int FIRST_CONTINUATION = 0x80;
    private static final int LAST_CONTINUATION = 0xBF;

    private final IntFunction<byte[]> text;
    private final boolean stripFirstSpace;
    private boolean begun;

    private int codePoint;
    /** Continuation bytes that the character still needs; 0 between characters. */
    private int needed;
    /** Bounds of the next continuation byte, narrower after E0, ED, F0 and F4. */
    private int lower = FIRST_CONTINUATION;

    private int upper = LAST_CONTINUATION;

    /**
     * A decoder at the beginning of a text.
     *
     * @param text a token's bytes in the text, none for a special token
     * @param stripFirstSpace whether one space at the beginning of the text is the tokenizer's own
     */
    Utf8StreamDecoder(IntFunction<byte[]> text, boolean stripFirstSpace) {
        this.text = text;
        this.stripFirstSpace = stripFirstSpace;
    }

    @Override
    public String add(int id) {
        byte[] bytes = text.apply(id);
        if (bytes.length == 0) {
            return "";
        }
        int from = !begun && stripFirstSpace && bytes[0] == ' ' ? 1 : 0;
        begun = true;
        StringBuilder out = new StringBuilder(bytes.length + 1);
        for (int i = from; i < bytes.length; i++) {
            decode(bytes[i] & 0xFF, out);
        }
        return out.toString();
    }

    @Override
    public String finish() {
        String rest = needed == 0 ? "" : String.valueOf(REPLACEMENT);
        expect(0, 0);
        begun = false;
        return rest;
    }

    private void decode(int value, StringBuilder out) {
        if (needed == 0) {
            begin(value, out);
        } else if (value < lower || value > upper) {
            out.append(REPLACEMENT);
            expect(0, 0);
            begin(value, out);
        } else {
            expect(needed - 1, codePoint << 6 | (value & 0x3F));
            if (needed == 0) {
                out.appendCodePoint(codePoint);
            }
        }
    }

    private void begin(int value, StringBuilder out) {
        if (value <= 0x7F) {
            out.append((char) value);
        } else if (value >= 0xC2 && value <= 0xDF) {
            expect(1, value & 0x1F);
        } else if (value >= 0xE0 && value <= 0xEF) {
            expect(2, value & 0xF);
            lower = value == 0xE0 ? 0xA0 : FIRST_CONTINUATION;
            upper = value == 0xED ? 0x9F : LAST_CONTINUATION;
        } else if (value >= 0xF0 && value <= 0xF4) {
            expect(3, value & 0x7);
            lower = value == 0xF0 ? 0x90 : FIRST_CONTINUATION;
            upper = value == 0xF4 ? 0x8F : LAST_CONTINUATION;
        } else {
            out.append(REPLACEMENT);
        }
    }

    private void expect(int continuations, int bits) {
        needed = continuations;
        codePoint = bits;
        lower = FIRST_CONTINUATION;
        upper = LAST_CONTINUATION;
    }
}
