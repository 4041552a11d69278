package ai.dialog.model.tokenizer;

import ai.dialog.model.ModelException;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Checks the parts of a tokenizer.json that Hugging Face's library runs, before it does. What the library did not foresee
 * it answers with a panic, and a panic behind JNI ends the process: so only the kinds of parts that BPE models use go in,
 * and of these only what cannot fail later. Source of the kinds: the library's tokenizer.json of version 1.0.
 */
final class LibraryParts {

    private static final Set<String> NORMALIZERS =
            Set.of("Sequence", "NFC", "NFD", "NFKC", "NFKD", "Lowercase", "Strip", "Prepend", "Replace");
    private static final Set<String> PRE_TOKENIZERS = Set.of(
            "Sequence", "ByteLevel", "Digits", "Split", "Metaspace", "Punctuation", "Whitespace", "WhitespaceSplit");
    private static final Set<String> POST_PROCESSORS = Set.of("Sequence", "ByteLevel", "TemplateProcessing");

    /** Parts of one chain; published tokenizers have at most eight. */
    private static final int MOST_STEPS = 64;

    private static final int DEEPEST = 4;

    private final String origin;
    private int steps;

    private LibraryParts(String origin) {
        this.origin = origin;
    }

    /**
     * Checks, and takes out what would make the same text come out differently each time.
     *
     * @param root the file's tree; changed
     * @param origin where it comes from, for messages
     * @throws ModelException naming the part that is not supported
     */
    static void check(ObjectNode root, String origin) {
        LibraryParts parts = new LibraryParts(origin);
        parts.step(root.path("normalizer"), "normalizer", "normalizers", NORMALIZERS, 0);
        parts.step(root.path("pre_tokenizer"), "pre_tokenizer", "pretokenizers", PRE_TOKENIZERS, 0);
        parts.step(root.path("post_processor"), "post_processor", "processors", POST_PROCESSORS, 0);
        if (root.path("model") instanceof ObjectNode model) {
            parts.model(model);
        }
    }

    private void step(JsonNode part, String what, String list, Set<String> kinds, int depth) {
        if (part.isMissingNode() || part.isNull()) {
            return;
        }
        String type = part.path("type").asString("");
        if (!kinds.contains(type)) {
            throw broken("has a " + what + " of the type '" + type + "'; supported are "
                    + String.join(", ", new TreeSet<>(kinds)));
        }
        if (depth > DEEPEST || ++steps > MOST_STEPS) {
            throw broken("has a " + what + " of more than " + MOST_STEPS + " steps or deeper than " + DEEPEST);
        }
        switch (type) {
            case "Sequence" -> {
                for (JsonNode one : part.path(list)) {
                    step(one, what, list, kinds, depth + 1);
                }
            }
            case "Replace" -> text(part.path("pattern").path("String"), "the pattern of its Replace");
            case "Prepend" -> text(part.path("prepend"), "the text of its Prepend");
            case "Split" -> split(part.path("pattern"));
            case "TemplateProcessing" -> {
                template(part.path("single"), part.path("special_tokens"));
                template(part.path("pair"), part.path("special_tokens"));
            }
            default -> {} // without anything that could fail
        }
    }

    private void split(JsonNode pattern) {
        if (pattern.has("Regex")) {
            String why = RegexCheck.refusal(pattern.path("Regex").asString(""));
            if (why != null) {
                throw broken("splits by a regular expression that " + why);
            }
        } else {
            text(pattern.path("String"), "the pattern of its Split");
        }
    }

    private void text(JsonNode value, String what) {
        if (!value.isString() || value.stringValue().isEmpty()) {
            throw broken("must have a text, not empty, for " + what);
        }
    }

    private void template(JsonNode pieces, JsonNode special) {
        for (JsonNode piece : pieces) {
            JsonNode named = piece.path("SpecialToken");
            if (named.isMissingNode()) {
                continue;
            }
            String name = named.path("id").asString("");
            JsonNode token = special.path(name);
            int ids = token.path("ids").size();
            if (ids == 0 || token.path("tokens").size() != ids) {
                throw broken("puts the token '" + name + "' around texts and does not say its id in special_tokens");
            }
        }
    }

    private void model(ObjectNode model) {
        model.put("type", "BPE");
        model.putNull("dropout");
        for (String affix : Set.of("continuing_subword_prefix", "end_of_word_suffix")) {
            JsonNode value = model.path(affix);
            if (!value.isMissingNode()
                    && !value.isNull()
                    && !value.asString("?").isEmpty()) {
                throw broken("has a " + affix + ", which is not supported");
            }
        }
        JsonNode unknown = model.path("unk_token");
        if (unknown.isString() && !model.path("vocab").has(unknown.stringValue())) {
            throw broken("has the unk_token '" + unknown.stringValue() + "', which is not in its vocabulary");
        }
    }

    private ModelException broken(String what) {
        return new ModelException("the tokenizer of " + origin + " " + what);
    }
}
