package ai.dialog.model.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The alphabet of byte-level BPE: every byte as one printable character. Source: {@code bytes_to_unicode} in OpenAI's
 * GPT-2 encoder ({@code src/encoder.py}), which Hugging Face's {@code ByteLevel} repeats.
 */
final class ByteLevel {

    private static final int BYTES = 256;
    private static final short[] BYTE_OF = byteOf();

    private ByteLevel() {}

    /**
     * The bytes that a token of the vocabulary stands for. A token with a character outside the alphabet stands for itself,
     * as in Hugging Face's decoder.
     */
    static byte[] bytes(String token) {
        byte[] bytes = new byte[token.length()];
        for (int i = 0; i < bytes.length; i++) {
            char character = token.charAt(i);
            if (character >= BYTE_OF.length || BYTE_OF[character] < 0) {
                return token.getBytes(StandardCharsets.UTF_8);
            }
            bytes[i] = (byte) BYTE_OF[character];
        }
        return bytes;
    }

    /** Printable Latin-1 stands for itself; the other bytes follow from U+0100 on, in their order. */
    private static short[] byteOf() {
        short[] byteOf = new short[2 * BYTES];
        Arrays.fill(byteOf, (short) -1);
        int next = BYTES;
        for (int value = 0; value < BYTES; value++) {
            boolean printable = (value >= '!' && value <= '~') || (value >= 0xA1 && value <= 0xFF && value != 0xAD);
            byteOf[printable ? value : next++] = (short) value;
        }
        return byteOf;
    }
}
