package ai.dialog.model.tokenizer;

import ai.dialog.model.checkpoint.GgufVocabulary;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Where a sequence begins and ends.
 *
 * @param begin the beginning-of-sequence token
 * @param ends the ids that end a generation, {@code end} first
 * @param addBegin whether encoding puts {@code begin} in front; null where tokenizer.json's post-processor decides
 * @param addEnd whether encoding puts {@code end} behind; null as above
 * @param end the end-of-sequence token
 */
record SequenceMarks(
        @Nullable Integer begin,
        Set<Integer> ends,
        @Nullable Boolean addBegin,
        @Nullable Boolean addEnd,
        @Nullable Integer end) {

    /**
     * Names of control tokens that end a turn in the models at hand, whether or not the checkpoint lists them: many list
     * only the end of a document. From llama.cpp's {@code special_eog_ids} ({@code src/llama-vocab.cpp}).
     */
    private static final List<String> END_NAMES = List.of(
            "<|im_end|>",
            "<|endoftext|>",
            "<|eot_id|>",
            "<|eom_id|>",
            "<|end_of_text|>",
            "<|end|>",
            "<end_of_turn>",
            "<｜end▁of▁sentence｜>");

    SequenceMarks {
        var ordered = new LinkedHashSet<Integer>();
        addIfThere(ordered, end);
        ordered.addAll(ends);
        ends = Collections.unmodifiableSet(ordered);
    }

    /** From a GGUF file's {@code tokenizer.ggml.*}; what the file leaves open is what llama.cpp assumes. */
    static SequenceMarks of(GgufVocabulary vocabulary, TokenizerDefinition tokens) {
        boolean sentencePiece = GgufTokenizerJson.isSentencePiece(vocabulary);
        boolean usual = sentencePiece || PreTokenizer.of(vocabulary.pre()).beginsWithBos();
        Boolean addBos = vocabulary.addBos();
        Set<Integer> ends = named(tokens);
        Integer end = inRange(vocabulary.eos(), tokens);
        addIfThere(ends, end);
        addIfThere(ends, inRange(vocabulary.eot(), tokens));
        return new SequenceMarks(
                inRange(vocabulary.bos(), tokens),
                ends,
                addBos == null ? usual : addBos,
                Boolean.TRUE.equals(vocabulary.addEos()),
                end);
    }

    /**
     * From the files beside a tokenizer.json, each an empty object where it is absent. {@code add_bos_token} counts only
     * for the classes that heed it in transformers; for all others the post-processor of tokenizer.json decides.
     */
    static SequenceMarks of(TokenizerDefinition tokens, JsonNode tokenizerConfig, JsonNode generation, JsonNode model) {
        Integer begin = token(tokenizerConfig.path("bos_token"), tokens);
        for (JsonNode config : List.of(generation, model)) {
            begin = begin == null ? firstId(config.path("bos_token_id"), tokens) : begin;
        }
        Integer end = token(tokenizerConfig.path("eos_token"), tokens);
        Set<Integer> ends = named(tokens);
        addIfThere(ends, end);
        for (JsonNode config : List.of(generation, model)) {
            JsonNode listed = config.path("eos_token_id");
            if (listed.isArray()) {
                listed.forEach(id -> addIfThere(ends, firstId(id, tokens)));
            }
            addIfThere(ends, firstId(listed, tokens));
        }
        String kind = tokenizerConfig.path("tokenizer_class").asString("");
        boolean heeded = kind.startsWith("Llama") || kind.startsWith("CodeLlama") || kind.startsWith("Gemma");
        return new SequenceMarks(
                begin,
                ends,
                heeded ? flag(tokenizerConfig.path("add_bos_token")) : null,
                heeded ? flag(tokenizerConfig.path("add_eos_token")) : null,
                end);
    }

    static boolean endsATurn(String token) {
        return END_NAMES.contains(token);
    }

    private static Set<Integer> named(TokenizerDefinition tokens) {
        Set<Integer> ends = new TreeSet<>();
        for (String name : END_NAMES) {
            addIfThere(ends, tokens.specialId(name));
        }
        return ends;
    }

    private static void addIfThere(Set<Integer> ends, @Nullable Integer id) {
        if (id != null) {
            ends.add(id);
        }
    }

    private static @Nullable Integer token(JsonNode token, TokenizerDefinition tokens) {
        String name = token.isObject() ? token.path("content").asString("") : token.asString("");
        return tokens.ids().get(name);
    }

    private static @Nullable Integer firstId(JsonNode id, TokenizerDefinition tokens) {
        return id.isInt() ? inRange(id.asInt(), tokens) : null;
    }

    private static @Nullable Integer inRange(@Nullable Integer id, TokenizerDefinition tokens) {
        return id != null && id >= 0 && id < tokens.bytes().size() ? id : null;
    }

    private static @Nullable Boolean flag(JsonNode value) {
        return value.isBoolean() ? value.asBoolean() : null;
    }
}
