package ai.dialog.model.torch;

import ai.dialog.model.ModelException;
import ai.dialog.model.checkpoint.Checkpoint;
import ai.dialog.model.checkpoint.GgufVocabulary;
import ai.dialog.model.checkpoint.ModelConfig;
import ai.dialog.model.checkpoint.ModelTraits;
import ai.dialog.model.checkpoint.TensorNames;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Random weights of a small model, the same for the same seed. */
final class TinyCheckpoint implements Checkpoint {
    private final ModelConfig config;
    private final long seed;
    private final Map<String, long[]> shapes = new LinkedHashMap<>();

    private TinyCheckpoint(ModelConfig config, boolean biases, long seed) {
        this.config = config;
        this.seed = seed;
        long hidden = config.hidden();
        long wide = (long) config.heads() * config.headSize();
        long narrow = (long) config.kvHeads() * config.headSize();
        shapes.put(TensorNames.EMBEDDING, new long[] {config.vocabularySize(), hidden});
        shapes.put(TensorNames.OUTPUT_NORM, new long[] {hidden});
        if (!config.tiedHead()) {
            shapes.put(TensorNames.OUTPUT, new long[] {config.vocabularySize(), hidden});
        }
        for (int i = 0; i < config.layers(); i++) {
            shapes.put(TensorNames.ATTENTION_NORM.formatted(i), new long[] {hidden});
            shapes.put(TensorNames.FEED_FORWARD_NORM.formatted(i), new long[] {hidden});
            shapes.put(TensorNames.QUERY.formatted(i), new long[] {wide, hidden});
            shapes.put(TensorNames.KEY.formatted(i), new long[] {narrow, hidden});
            shapes.put(TensorNames.VALUE.formatted(i), new long[] {narrow, hidden});
            shapes.put(TensorNames.ATTENTION_OUTPUT.formatted(i), new long[] {hidden, wide});
            shapes.put(TensorNames.GATE.formatted(i), new long[] {config.feedForward(), hidden});
            shapes.put(TensorNames.UP.formatted(i), new long[] {config.feedForward(), hidden});
            shapes.put(TensorNames.DOWN.formatted(i), new long[] {hidden, config.feedForward()});
            if (biases) {
                shapes.put(TensorNames.QUERY_BIAS.formatted(i), new long[] {wide});
                shapes.put(TensorNames.KEY_BIAS.formatted(i), new long[] {narrow});
                shapes.put(TensorNames.VALUE_BIAS.formatted(i), new long[] {narrow});
            }
        }
    }

    /** Two layers of four heads sharing two key/value heads, 96 tokens, a context of 1100. */
    static TinyCheckpoint llama() {
        return new TinyCheckpoint(config("llama", true), false, 1);
    }

    static TinyCheckpoint qwen2() {
        return new TinyCheckpoint(config("qwen2", false), true, 2);
    }

    /** Norms of query and key heads. */
    static TinyCheckpoint qwen3() {
        return new TinyCheckpoint(config("qwen3", true), false, 3).withHeadNorms();
    }

    /** Every layer sees the last 40 positions. */
    static TinyCheckpoint mistral() {
        ModelConfig config = config("mistral", true);
        return new TinyCheckpoint(with(config, local(List.of(true, true), config.inverseFrequencies())), false, 4);
    }

    /** The first layer sees the last 40 positions, under rotary frequencies of its own, the second all. */
    static TinyCheckpoint gemma3() {
        ModelTraits.LocalAttention local = local(
                List.of(true, false),
                IntStream.range(0, 8).mapToObj(i -> Math.pow(100, -i / 8.0)).toList());
        TinyCheckpoint gemma = new TinyCheckpoint(with(config("gemma3", true), local), false, 5).withHeadNorms();
        for (int i = 0; i < gemma.config.layers(); i++) {
            gemma.shapes.put(TensorNames.ATTENTION_POST_NORM.formatted(i), new long[] {32});
            gemma.shapes.put(TensorNames.FEED_FORWARD_POST_NORM.formatted(i), new long[] {32});
        }
        return gemma;
    }

    private TinyCheckpoint withHeadNorms() {
        for (int i = 0; i < config.layers(); i++) {
            shapes.put(TensorNames.QUERY_NORM.formatted(i), new long[] {config.headSize()});
            shapes.put(TensorNames.KEY_NORM.formatted(i), new long[] {config.headSize()});
        }
        return this;
    }

    private static ModelTraits.LocalAttention local(List<Boolean> layers, List<Double> frequencies) {
        return new ModelTraits.LocalAttention(40, layers, frequencies);
    }

    private static ModelConfig with(ModelConfig plain, ModelTraits.LocalAttention local) {
        boolean gemma = plain.architecture().equals("gemma3");
        ModelTraits traits = new ModelTraits(
                gemma ? ModelTraits.Activation.GELU_TANH : ModelTraits.Activation.SILU,
                gemma ? Math.sqrt(32) : 1,
                gemma ? Math.pow(24, -0.5) : 0.25,
                local);
        return new ModelConfig(
                plain.architecture(),
                plain.layers(),
                plain.hidden(),
                plain.heads(),
                plain.kvHeads(),
                plain.headSize(),
                plain.feedForward(),
                plain.vocabularySize(),
                plain.contextLength(),
                plain.normEpsilon(),
                plain.inverseFrequencies(),
                1,
                plain.tiedHead(),
                traits);
    }

    private static ModelConfig config(String architecture, boolean tied) {
        var frequencies =
                IntStream.range(0, 8).mapToObj(i -> Math.pow(10_000, -i / 8.0)).toList();
        return new ModelConfig(
                architecture, 2, 32, 4, 2, 16, 48, 96, 1100, 1e-5, frequencies, 1, tied, ModelTraits.plain(16));
    }

    @Override
    public String format() {
        return "gguf";
    }

    @Override
    public String name() {
        return "tiny-" + config.architecture();
    }

    @Override
    public Path path() {
        return Path.of(name() + ".gguf");
    }

    @Override
    public String sha256() {
        return Long.toHexString(seed).repeat(64).substring(0, 64);
    }

    @Override
    public ModelConfig config() {
        return config;
    }

    @Override
    public Set<String> tensorNames() {
        return shapes.keySet();
    }

    @Override
    public long[] shape(String name) {
        long[] shape = shapes.get(name);
        if (shape == null) {
            throw new ModelException("no tensor " + name);
        }
        return shape.clone();
    }

    @Override
    public void read(String name, float[] target) {
        long[] shape = shape(name);
        int count = (int) (shape.length == 1 ? shape[0] : shape[0] * shape[1]);
        Random random = new Random(seed * 31 + name.hashCode());
        // Norms near 1; weights that keep the size of what they multiply.
        boolean norm = name.endsWith("norm.weight");
        double scale =
                shape.length == 1 ? 0.2 : name.equals(TensorNames.EMBEDDING) ? 0.7 : 1.5 / Math.sqrt((double) shape[1]);
        for (int i = 0; i < count; i++) {
            target[i] = (float) ((norm ? 1 : 0) + scale * random.nextGaussian());
        }
    }

    @Override
    public @Nullable GgufVocabulary vocabulary() {
        return null;
    }

    @Override
    public @Nullable String chatTemplate() {
        return null;
    }

    @Override
    public void close() {}
}
