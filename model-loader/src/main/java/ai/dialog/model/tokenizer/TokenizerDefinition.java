package ai.dialog.model.tokenizer;

import ai.dialog.model.ModelException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A tokenizer.json, read: what the library is to be given, and each token's bytes.
 *
 * @param json for the library; without truncation and padding, which would change a prompt silently
 * @param bytes by id; none where there is no such token. A token of the vocabulary gives the bytes it stands for, an added
 *     token its name's
 * @param special ids that are no part of the text
 * @param ids by the token's name
 * @param stripFirstSpace whether decoding drops one space at the beginning
 */
record TokenizerDefinition(
        String json, List<byte[]> bytes, BitSet special, Map<String, Integer> ids, boolean stripFirstSpace) {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final byte[] NOTHING = {};
    private static final int MAX_ID = 1 << 22;

    /**
     * Reads one.
     *
     * @param root the file's tree; changed
     * @param modelVocabulary how many ids the model has; added tokens beyond them are left out, since the model has no
     *     weights for them
     * @param origin where it comes from, for messages
     * @throws ModelException if it is of a kind that is not supported, or broken
     */
    static TokenizerDefinition read(ObjectNode root, int modelVocabulary, String origin) {
        JsonNode model = root.path("model");
        JsonNode vocabulary = model.path("vocab");
        if (!model.path("type").asString("BPE").equals("BPE") || !vocabulary.isObject()) {
            throw broken(
                    origin, "has a model of the type '" + model.path("type").asString("") + "'; supported is BPE");
        }
        TokenDecoding decoding = TokenDecoding.read(root.path("decoder"), origin);
        Map<String, Integer> ids = new HashMap<>();
        for (var token : vocabulary.properties()) {
            ids.put(token.getKey(), id(token.getValue(), token.getKey(), origin));
        }
        ArrayNode added = usable(root.path("added_tokens"), ids, modelVocabulary, origin);
        for (JsonNode token : added) {
            String name = token.path("content").asString("");
            ids.putIfAbsent(name, id(token.path("id"), name, origin));
        }
        int size = 1 + ids.values().stream().mapToInt(id -> id).max().orElse(-1);
        List<byte[]> bytes = new ArrayList<>(Collections.nCopies(size, NOTHING));
        ids.forEach((name, id) -> bytes.set(id, decoding.bytes(name)));
        BitSet special = new BitSet();
        for (JsonNode token : added) {
            String name = token.path("content").asString("");
            Integer id = ids.get(name);
            if (id != null) {
                bytes.set(id, name.getBytes(StandardCharsets.UTF_8));
                special.set(id, token.path("special").asBoolean(false));
            }
        }
        root.set("added_tokens", added);
        LibraryParts.check(root, origin);
        root.putNull("truncation").putNull("padding");
        // a view: to copy so many, as Map.copyOf does, takes as long as half of the rest
        return new TokenizerDefinition(
                JSON.writeValueAsString(root),
                bytes,
                special,
                Collections.unmodifiableMap(ids),
                decoding.stripFirstSpace());
    }

    /** The id of a special token of that name, or null. */
    @Nullable
    Integer specialId(String name) {
        Integer id = ids.get(name);
        return id != null && special.get(id) ? id : null;
    }

    private static ArrayNode usable(JsonNode added, Map<String, Integer> ids, int modelVocabulary, String origin) {
        ArrayNode usable = JSON.createArrayNode();
        for (JsonNode token : added) {
            String name = token.path("content").asString("");
            int id = ids.getOrDefault(name, id(token.path("id"), name, origin));
            if (!name.isEmpty() && id < modelVocabulary) {
                usable.add(token);
            }
        }
        return usable;
    }

    private static int id(JsonNode value, String name, String origin) {
        if (!value.isInt() || value.asInt() < 0 || value.asInt() >= MAX_ID) {
            throw broken(
                    origin, "gives the token '" + name + "' the id " + value + "; possible are 0 to " + (MAX_ID - 1));
        }
        return value.asInt();
    }

    private static ModelException broken(String origin, String what) {
        return new ModelException("the tokenizer of " + origin + " " + what);
    }
}
