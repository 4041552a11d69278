package ai.dialog.model.tokenizer;

import ai.dialog.model.ModelException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * How a token of the vocabulary stands for bytes: the {@code decoder} of a tokenizer.json, as far as BPE models use it.
 * Byte fallback is decoded to bytes and these as UTF-8, so a broken sequence costs its own character only; Hugging Face's
 * decoder replaces the whole run of byte tokens around it.
 *
 * @param byteLevel whether tokens are written in {@link ByteLevel}'s alphabet
 * @param mark the character that stands for a space, where there is one
 * @param byteFallback whether {@code <0x0A>} is a byte
 * @param stripFirstSpace whether one space at the beginning of the text is dropped
 */
record TokenDecoding(boolean byteLevel, @Nullable String mark, boolean byteFallback, boolean stripFirstSpace) {

    private static final TokenDecoding PLAIN = new TokenDecoding(false, null, false, false);
    private static final int BYTE_TOKEN_LENGTH = "<0x00>".length();

    /**
     * Reads a decoder.
     *
     * @throws ModelException if one of its steps is of a kind that is not supported
     */
    static TokenDecoding read(JsonNode decoder, String origin) {
        TokenDecoding decoding = PLAIN;
        JsonNode steps = decoder.path("decoders");
        if (!steps.isArray()) {
            return decoding.with(decoder, origin);
        }
        for (JsonNode step : steps) {
            decoding = decoding.with(step, origin);
        }
        return decoding;
    }

    private TokenDecoding with(JsonNode step, String origin) {
        String type = step.path("type").asString("none");
        return switch (type) {
            case "ByteLevel" -> new TokenDecoding(true, mark, byteFallback, stripFirstSpace);
            case "ByteFallback" -> new TokenDecoding(byteLevel, mark, true, stripFirstSpace);
            case "Fuse" -> this;
            case "Replace" -> replacing(step, origin);
            case "Strip" -> stripping(step, origin);
            case "Metaspace" -> {
                boolean prefixed =
                        !step.path("prepend_scheme").asString("always").equals("never")
                                && step.path("add_prefix_space").asBoolean(true);
                yield new TokenDecoding(byteLevel, step.path("replacement").asString("\u2581"), byteFallback, prefixed);
            }
            default -> throw unsupported(type, origin);
        };
    }

    private TokenDecoding replacing(JsonNode step, String origin) {
        String from = step.path("pattern").path("String").asString("");
        if (from.isEmpty() || !step.path("content").asString("").equals(" ")) {
            throw unsupported("Replace with " + step, origin);
        }
        return new TokenDecoding(byteLevel, from, byteFallback, stripFirstSpace);
    }

    private TokenDecoding stripping(JsonNode step, String origin) {
        int start = step.path("start").asInt(0);
        if (!step.path("content").asString("").equals(" ")
                || start < 0
                || start > 1
                || step.path("stop").asInt(0) != 0) {
            throw unsupported("Strip with " + step, origin);
        }
        return new TokenDecoding(byteLevel, mark, byteFallback, start == 1);
    }

    private static ModelException unsupported(String what, String origin) {
        return new ModelException("the tokenizer of " + origin + " has a decoder of the type " + what
                + "; supported are ByteLevel, ByteFallback, Fuse, Metaspace, and Replace and Strip of spaces");
    }

    /** The bytes that a token of the vocabulary stands for. */
    byte[] bytes(String token) {
        if (byteFallback && token.length() == BYTE_TOKEN_LENGTH && token.startsWith("<0x") && token.endsWith(">")) {
            String digits = token.substring(3, 5);
            if (digits.chars().allMatch(HexFormat::isHexDigit)) {
                return HexFormat.of().parseHex(digits);
            }
        }
        String text = mark == null ? token : token.replace(mark, " ");
        return byteLevel ? ByteLevel.bytes(text) : text.getBytes(StandardCharsets.UTF_8);
    }
}
