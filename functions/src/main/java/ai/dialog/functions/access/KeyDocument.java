package ai.dialog.functions.access;

import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The form in which keys are kept, in a file or a secret: JSON, hashes only.
 *
 * @param keys every key, good or not
 */
public record KeyDocument(List<ApiKey> keys) {

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private static final JsonMapper COMPACT = JsonMapper.builder().build();

    public KeyDocument {
        keys = List.copyOf(keys);
    }

    /**
     * Reads a document.
     *
     * @param content null for none, which has no keys
     * @param source what a refusal names
     * @throws IllegalStateException where it is not one
     */
    public static KeyDocument parse(byte @Nullable [] content, String source) {
        if (content == null) {
            return new KeyDocument(List.of());
        }
        try {
            KeyDocument read = JSON.readValue(content, KeyDocument.class);
            if (read == null) {
                throw new IllegalStateException(source + " is not a key file: it has null");
            }
            var ids = new HashSet<String>();
            for (ApiKey key : read.keys) {
                if (!ids.add(key.id())) {
                    throw new IllegalStateException("%s has two keys with the id '%s'".formatted(source, key.id()));
                }
            }
            return read;
        } catch (JacksonException e) {
            throw new IllegalStateException("%s is not a key file: %s".formatted(source, e.getOriginalMessage()), e);
        }
    }

    /** The document as it is kept. */
    public byte[] bytes() {
        return JSON.writeValueAsBytes(this);
    }

    /** The document without a space, for a place where each byte counts. */
    public byte[] compact() {
        return COMPACT.writeValueAsBytes(this);
    }
}
