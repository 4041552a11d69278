package ai.dialog.model.checkpoint;

import ai.dialog.model.ModelException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The architectures that can be run, and which weights each must have. */
enum Architecture {
    /** Biases are optional (Hugging Face's {@code attention_bias}). */
    LLAMA("llama", "LlamaForCausalLM"),
    /** A llama whose layers may see a window only. In GGUF it is called llama. */
    MISTRAL("mistral", "MistralForCausalLM"),
    /** Query, key and value always have a bias. */
    QWEN2("qwen2", "Qwen2ForCausalLM"),
    /** Each head of query and key has a norm, and there are no biases. */
    QWEN3("qwen3", "Qwen3ForCausalLM"),
    /**
     * Norms of query and key as in qwen3, norms behind both parts of a layer, and layers that see a window between those that
     * see all. Text only.
     */
    GEMMA3("gemma3_text", "Gemma3ForCausalLM");

    private final String huggingFaceType;
    private final String huggingFaceClass;

    Architecture(String huggingFaceType, String huggingFaceClass) {
        this.huggingFaceType = huggingFaceType;
        this.huggingFaceClass = huggingFaceClass;
    }

    /** Our name for it, which is GGUF's too but for mistral. */
    String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Hugging Face's class for it. */
    String huggingFaceClass() {
        return huggingFaceClass;
    }

    /**
     * Finds one by GGUF's name.
     *
     * @throws ModelException naming the unsupported one and those that are supported
     */
    static Architecture ofGguf(String name) {
        List<Architecture> known =
                Arrays.stream(values()).filter(one -> one != MISTRAL).toList();
        return find(known, Architecture::wire, name);
    }

    /**
     * Finds one by Hugging Face's {@code model_type}.
     *
     * @throws ModelException naming the unsupported one and those that are supported
     */
    static Architecture ofHuggingFace(String type) {
        return find(List.of(values()), architecture -> architecture.huggingFaceType, type);
    }

    private static Architecture find(List<Architecture> known, Function<Architecture, String> name, String wanted) {
        return known.stream()
                .filter(architecture -> name.apply(architecture).equals(wanted))
                .findFirst()
                .orElseThrow(() -> new ModelException("architecture " + Quoted.of(wanted)
                        + " is not supported; supported: "
                        + known.stream().map(name).collect(Collectors.joining(", "))));
    }

    /** Whether each head of query and key has a norm. */
    private boolean hasHeadNorms() {
        return this == QWEN3 || this == GEMMA3;
    }

    private boolean mayHaveBiases() {
        return this == LLAMA || this == QWEN2;
    }

    /**
     * Checks that the weights are those that the hyperparameters ask for: none missing, none more, all shapes right.
     *
     * @param shapes by the names of {@link TensorNames}
     * @param file what errors call the checkpoint
     */
    void check(ModelConfig config, Map<String, List<Long>> shapes, String file) {
        Map<String, List<Long>> required = new LinkedHashMap<>();
        long hidden = config.hidden();
        required.put(TensorNames.EMBEDDING, List.of((long) config.vocabularySize(), hidden));
        required.put(TensorNames.OUTPUT_NORM, List.of(hidden));
        if (!config.tiedHead()) {
            required.put(TensorNames.OUTPUT, List.of((long) config.vocabularySize(), hidden));
        }
        Map<String, List<Long>> biases = biases(config);
        for (int layer = 0; layer < config.layers(); layer++) {
            for (Map.Entry<String, List<Long>> weight : weights(config).entrySet()) {
                required.put(weight.getKey().formatted(layer), weight.getValue());
            }
            for (Map.Entry<String, List<Long>> bias : biases.entrySet()) {
                boolean there = shapes.containsKey(bias.getKey().formatted(0));
                boolean needed = this == QWEN2 || (mayHaveBiases() && there);
                if (needed) {
                    required.put(bias.getKey().formatted(layer), bias.getValue());
                }
            }
        }
        compare(required, shapes, file);
    }

    private void compare(Map<String, List<Long>> required, Map<String, List<Long>> shapes, String file) {
        required.forEach((name, shape) -> {
            List<Long> found = shapes.get(name);
            if (found == null) {
                throw new ModelException(file + " lacks the tensor " + name + ", which architecture " + wire()
                        + " needs; the file may be incomplete");
            }
            if (!found.equals(shape)) {
                throw new ModelException(
                        file + ": tensor " + name + " has the shape " + found + " where " + shape + " is needed");
            }
        });
        Set<String> more = new HashSet<>(shapes.keySet());
        more.removeAll(required.keySet());
        if (!more.isEmpty()) {
            String example = more.stream().sorted().findFirst().orElseThrow();
            throw new ModelException(file + " has a tensor " + Quoted.of(example) + " that architecture " + wire()
                    + " does not know; it may be of another architecture");
        }
    }

    private Map<String, List<Long>> weights(ModelConfig config) {
        long hidden = config.hidden();
        long query = (long) config.heads() * config.headSize();
        long key = (long) config.kvHeads() * config.headSize();
        long feedForward = config.feedForward();
        Map<String, List<Long>> weights = new LinkedHashMap<>(); // in order, so that errors name the same one each time
        weights.put(TensorNames.ATTENTION_NORM, List.of(hidden));
        weights.put(TensorNames.QUERY, List.of(query, hidden));
        weights.put(TensorNames.KEY, List.of(key, hidden));
        weights.put(TensorNames.VALUE, List.of(key, hidden));
        weights.put(TensorNames.ATTENTION_OUTPUT, List.of(hidden, query));
        weights.put(TensorNames.FEED_FORWARD_NORM, List.of(hidden));
        weights.put(TensorNames.GATE, List.of(feedForward, hidden));
        weights.put(TensorNames.UP, List.of(feedForward, hidden));
        weights.put(TensorNames.DOWN, List.of(hidden, feedForward));
        if (hasHeadNorms()) {
            weights.put(TensorNames.QUERY_NORM, List.of((long) config.headSize()));
            weights.put(TensorNames.KEY_NORM, List.of((long) config.headSize()));
        }
        if (this == GEMMA3) {
            weights.put(TensorNames.ATTENTION_POST_NORM, List.of(hidden));
            weights.put(TensorNames.FEED_FORWARD_POST_NORM, List.of(hidden));
        }
        return weights;
    }

    private Map<String, List<Long>> biases(ModelConfig config) {
        long query = (long) config.heads() * config.headSize();
        long key = (long) config.kvHeads() * config.headSize();
        Map<String, List<Long>> biases = new LinkedHashMap<>();
        biases.put(TensorNames.QUERY_BIAS, List.of(query));
        biases.put(TensorNames.KEY_BIAS, List.of(key));
        biases.put(TensorNames.VALUE_BIAS, List.of(key));
        if (this == LLAMA) {
            biases.put(TensorNames.ATTENTION_OUTPUT_BIAS, List.of((long) config.hidden()));
        }
        return biases;
    }
}
