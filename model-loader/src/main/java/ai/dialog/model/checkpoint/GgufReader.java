package ai.dialog.model.checkpoint;

import ai.dialog.model.ModelException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Makes a checkpoint of a GGUF file: reads its hyperparameters and vocabulary and checks its tensors against them. */
final class GgufReader {

    /** Divisors of the rotary frequencies, where there are any (Llama 3.1). */
    private static final String ROPE_FACTORS = "rope_freqs.weight";

    private static final int MOST = Integer.MAX_VALUE;

    private final Path path;
    private final GgufMetadata metadata;
    private final Map<String, StoredTensor> tensors;
    private final Architecture architecture;

    private GgufReader(Path path, GgufFile file) {
        this.path = path;
        this.metadata = file.metadata();
        this.tensors = new HashMap<>(file.tensors());
        checkWhole();
        this.architecture = Architecture.ofGguf(metadata.requiredString("general.architecture"));
    }

    /**
     * Opens a file.
     *
     * @throws ModelException if it is absent, damaged, or of an architecture or type that is not supported
     */
    static Checkpoint open(Path path) {
        MappedFile mapped = MappedFile.open(path);
        try {
            GgufReader reader = new GgufReader(path, GgufFile.parse(mapped.segment(), path.toString()));
            return new MappedCheckpoint(reader.contents(), List.of(mapped));
        } catch (RuntimeException e) {
            mapped.close();
            throw e;
        }
    }

    /** Before anything else, so that the error is not about the tensors that lie in the other parts. */
    private void checkWhole() {
        Integer parts = metadata.integer("split.count", 0, MOST);
        if (parts != null && parts > 1) {
            throw new ModelException(path + " is one of " + parts
                    + " parts; join them with llama.cpp's llama-gguf-split --merge and give the result");
        }
    }

    private MappedCheckpoint.Contents contents() {
        ModelConfig config = config();
        tensors.remove(ROPE_FACTORS);
        if (config.tiedHead()) {
            tensors.remove(TensorNames.OUTPUT);
        }
        Map<String, List<Long>> shapes = new HashMap<>();
        tensors.forEach((name, tensor) -> shapes.put(name, tensor.shape()));
        architecture.check(config, shapes, path.toString());
        if (architecture == Architecture.LLAMA) {
            pairRows(config);
        }
        String fileName = Objects.toString(path.getFileName(), "").replaceFirst("(?i)\\.gguf$", "");
        return new MappedCheckpoint.Contents(
                "gguf",
                fileName,
                path,
                config,
                tensors,
                vocabulary(config.vocabularySize()),
                metadata.string("tokenizer.chat_template"));
    }

    /** llama.cpp's converter stores query and key of llama (mistral too, none of the others) for a rotary embedding of adjacent pairs. */
    private void pairRows(ModelConfig config) {
        for (int layer = 0; layer < config.layers(); layer++) {
            for (String name : List.of(TensorNames.QUERY, TensorNames.QUERY_BIAS)) {
                tensors.computeIfPresent(
                        name.formatted(layer), (key, tensor) -> tensor.withRotaryHeads(config.heads()));
            }
            for (String name : List.of(TensorNames.KEY, TensorNames.KEY_BIAS)) {
                tensors.computeIfPresent(
                        name.formatted(layer), (key, tensor) -> tensor.withRotaryHeads(config.kvHeads()));
            }
        }
    }

    private String key(String name) {
        return architecture.wire() + "." + name;
    }

    private ModelConfig config() {
        Integer experts = metadata.integer(key("expert_count"), 0, MOST);
        if (experts != null && experts > 0) {
            throw new ModelException(path + " is a mixture of " + experts + " experts, which is not supported");
        }
        int hidden = metadata.requiredInteger(key("embedding_length"), 1, 1 << 18);
        int heads = metadata.requiredInteger(key("attention.head_count"), 1, MOST);
        int kvHeads = orElse(metadata.integer(key("attention.head_count_kv"), 1, MOST), heads);
        int headSize = headSize(hidden, heads);
        StoredTensor embedding = tensors.get(TensorNames.EMBEDDING);
        if (embedding == null) {
            throw new ModelException(path + " lacks the tensor " + TensorNames.EMBEDDING + "; it may be incomplete");
        }
        int layers = metadata.requiredInteger(key("block_count"), 1, 2_048);
        RotaryFrequencies rotary = GgufRotary.of(metadata, architecture.wire(), headSize, tensors.get(ROPE_FACTORS));
        ModelTraits traits = GgufTraits.of(metadata, architecture, layers, hidden, heads, headSize, rotary);
        try {
            return new ModelConfig(
                    architecture.wire(),
                    layers,
                    hidden,
                    heads,
                    kvHeads,
                    headSize,
                    metadata.requiredInteger(key("feed_forward_length"), 1, MOST),
                    (int) Math.min(embedding.shape().getFirst(), MOST),
                    metadata.requiredInteger(key("context_length"), 1, MOST),
                    metadata.number(key("attention.layer_norm_rms_epsilon"), Double.NaN),
                    rotary.inverse(),
                    rotary.attentionFactor(),
                    !tensors.containsKey(TensorNames.OUTPUT),
                    traits);
        } catch (ModelException e) {
            throw new ModelException(path + ": " + e.getMessage(), e);
        }
    }

    private int headSize(int hidden, int heads) {
        Integer given = metadata.integer(key("attention.key_length"), 1, 1 << 18);
        int headSize = given != null ? given : hidden / heads;
        if (headSize == 0) {
            throw new ModelException(path + ": " + heads + " heads cannot share a hidden size of " + hidden);
        }
        for (String same : List.of("attention.value_length", "rope.dimension_count")) {
            Integer other = metadata.integer(key(same), 0, MOST);
            if (other != null && other != headSize) {
                throw new ModelException(path + ": " + key(same) + " is " + other + " where heads have the size "
                        + headSize + "; such a model is not supported");
            }
        }
        return headSize;
    }

    private @Nullable GgufVocabulary vocabulary(int rows) {
        String model = metadata.string("tokenizer.ggml.model");
        List<String> tokens = metadata.strings("tokenizer.ggml.tokens");
        if (model == null || tokens.isEmpty()) {
            return null;
        }
        List<Integer> types = metadata.integers("tokenizer.ggml.token_type");
        List<Float> scores = metadata.floats("tokenizer.ggml.scores");
        if (tokens.size() > rows
                || (!types.isEmpty() && types.size() != tokens.size())
                || (!scores.isEmpty() && scores.size() != tokens.size())) {
            throw new ModelException(path + ": the vocabulary has " + tokens.size() + " tokens, " + types.size()
                    + " types and " + scores.size() + " scores for " + rows + " rows of the embedding");
        }
        return new GgufVocabulary(
                model,
                Objects.requireNonNullElse(metadata.string("tokenizer.ggml.pre"), "default"),
                tokens,
                types,
                scores,
                metadata.strings("tokenizer.ggml.merges"),
                metadata.tokenId("tokenizer.ggml.bos_token_id", rows),
                metadata.tokenId("tokenizer.ggml.eos_token_id", rows),
                metadata.tokenId("tokenizer.ggml.eot_token_id", rows),
                metadata.tokenId("tokenizer.ggml.unknown_token_id", rows),
                metadata.bool("tokenizer.ggml.add_bos_token"),
                metadata.bool("tokenizer.ggml.add_eos_token"),
                metadata.bool("tokenizer.ggml.add_space_prefix"));
    }

    private static int orElse(@Nullable Integer value, int absent) {
        return value == null ? absent : value;
    }
}
