package ai.dialog.model.tokenizer;

import ai.dialog.model.ModelException;
import java.util.List;
import java.util.TreeSet;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * How text is cut into words before byte-level BPE, by the name that GGUF gives it ({@code tokenizer.ggml.pre}).
 *
 * <p>Names and groups are those of llama.cpp ({@code src/llama-vocab.cpp}, {@code llm_tokenizer_bpe} and
 * {@code llama_vocab::impl::load}). The regular expressions are the original ones of the models' {@code tokenizer.json},
 * which llama.cpp quotes beside its adapted ones, because Hugging Face's library runs them as they are.
 *
 * @param names GGUF's names for it
 * @param splits regular expressions, each cutting the pieces that the one before has left
 * @param composed whether the text is brought to Unicode's NFC first
 * @param wholeWords whether a word that is in the vocabulary is taken whole, without its merges
 * @param beginsWithBos whether the beginning-of-sequence token is put in front unless the file says otherwise
 */
record PreTokenizer(
        List<String> names, List<String> splits, boolean composed, boolean wholeWords, boolean beginsWithBos) {

    private static final String DIGIT = "\\p{N}";
    private static final String GPT2 =
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
    private static final String SPACES = "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String CONTRACTION = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
    private static final String WORD = CONTRACTION + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|";
    private static final String SIGNS = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|" + SPACES;
    private static final String LLAMA3 = WORD + "\\p{N}{1,3}" + SIGNS;
    private static final String QWEN2 = WORD + DIGIT + SIGNS;
    private static final String UPPER = "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
    private static final String LOWER = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
    private static final String PATHS = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|" + SPACES;
    private static final String TEKKEN = UPPER + "*" + LOWER + "+|" + UPPER + "+" + LOWER + "*|" + DIGIT + PATHS;
    private static final String GPT4O = UPPER + "*" + LOWER + "+" + CONTRACTION + "?|" + UPPER + "+" + LOWER + "*"
            + CONTRACTION + "?|\\p{N}{1,3}" + PATHS;
    private static final String CJK = "[一-龥぀-ゟ゠-ヿ]+";
    private static final String DEEPSEEK_V3 = "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+"
            + "|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|" + SPACES;
    private static final List<String> DEEPSEEK_CODER =
            List.of("[\\r\\n]", "\\s?\\p{L}+", "\\s?\\p{P}+", "[一-龥ࠀ-一가-퟿]+", DIGIT);
    private static final List<String> UNNAMED =
            List.of("[\\p{P}\\$\\+<=>\\^~\\|]+", GPT2, "\\p{N}+", "[0-9][0-9][0-9]");

    private static final List<PreTokenizer> KNOWN = List.of(
            splitting(GPT2).named("gpt-2", "phi-2", "mpt", "olmo", "trillion", "mellum", "gigachat"),
            splitting(DIGIT, GPT2).named("smollm", "starcoder", "refact", "codeshell", "exaone", "minerva-7b"),
            splitting(LLAMA3)
                    .wholeWordsAfterBos()
                    .named("llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2"),
            splitting(LLAMA3).named("dbrx", "smaug-bpe"),
            splitting(QWEN2).composing().named("qwen2", "deepseek-r1-qwen", "megrez", "kormo", "f2llmv2"),
            splitting(QWEN2).named("stablelm2", "hunyuan", "solar-open"),
            splitting(TEKKEN).wholeWordsAfterBos().named("tekken"),
            splitting(GPT4O).named("gpt-4o", "llama4", "kanana2"),
            splitting(DEEPSEEK_CODER.toArray(String[]::new)).named("deepseek-coder"),
            splitting("\\p{N}{1,3}", CJK, DEEPSEEK_V3).named("deepseek-v3", "hunyuan-dense"),
            // What llama.cpp takes for files that name none.
            splitting(UNNAMED.toArray(String[]::new)).named("default", ""));

    private static PreTokenizer splitting(String... splits) {
        return new PreTokenizer(List.of(), List.of(splits), false, false, false);
    }

    private PreTokenizer composing() {
        return new PreTokenizer(names, splits, true, wholeWords, beginsWithBos);
    }

    private PreTokenizer wholeWordsAfterBos() {
        return new PreTokenizer(names, splits, composed, true, true);
    }

    private PreTokenizer named(String... all) {
        return new PreTokenizer(List.of(all), splits, composed, wholeWords, beginsWithBos);
    }

    /**
     * Finds one by GGUF's name. A wrong one would not fail but quietly give other tokens than the model was trained on,
     * so an unknown name is refused.
     */
    static PreTokenizer of(String name) {
        TreeSet<String> known = new TreeSet<>();
        for (PreTokenizer candidate : KNOWN) {
            if (candidate.names.contains(name)) {
                return candidate;
            }
            known.addAll(candidate.names);
        }
        known.remove("");
        throw new ModelException("the GGUF file names the pre-tokenizer '" + name
                + "', which is not supported; known are " + String.join(", ", known)
                + ". Use the model's safetensors with its tokenizer.json instead.");
    }

    /** Writes {@code normalizer} and {@code pre_tokenizer} of a tokenizer.json. */
    void describe(ObjectNode tokenizer) {
        if (composed) {
            tokenizer.putObject("normalizer").put("type", "NFC");
        } else {
            tokenizer.putNull("normalizer");
        }
        ArrayNode steps =
                tokenizer.putObject("pre_tokenizer").put("type", "Sequence").putArray("pretokenizers");
        for (String split : splits) {
            ObjectNode step = steps.addObject().put("type", "Split");
            step.putObject("pattern").put("Regex", split);
            step.put("behavior", "Isolated").put("invert", false);
        }
        steps.add(byteLevel());
    }

    /** The step that turns bytes into {@link ByteLevel}'s characters, as pre-tokenizer and as decoder. */
    static ObjectNode byteLevel() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", true)
                .put("use_regex", false);
    }
}
