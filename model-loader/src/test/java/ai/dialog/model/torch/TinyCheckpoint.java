package ai.dialog.model.torch;

import ai.dialog.model.ModelException;
import ai.dialog.model.checkpoint.Checkpoint;
import ai.dialog.model.checkpoint.GgufVocabulary;
import ai.dialog.model.checkpoint.ModelConfig;
import ai.dialog.model.checkpoint.ModelTraits;
import ai.dialog.model.checkpoint.TensorNames;
import java.nio.file.Path;
import java.util.LinkedHashMap;
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

    TinyCheckpoint(ModelConfig config, boolean biases, long seed) {
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
