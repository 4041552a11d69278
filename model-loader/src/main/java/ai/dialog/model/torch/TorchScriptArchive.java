package ai.dialog.model.torch;

import ai.dialog.model.ModelException;
import ai.dialog.model.Precision;
import ai.dialog.model.Progress;
import ai.dialog.model.checkpoint.Checkpoint;
import ai.dialog.model.checkpoint.ModelConfig;
import ai.dialog.model.checkpoint.TensorNames;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint as a TorchScript archive: what {@code torch.jit.save} would have made of a module with the code of
 * {@code decoder.py}. Query, key and value projections are one matrix, gate and up projections too. Weights are streamed,
 * so the heap holds one of the checkpoint's tensors at a time.
 */
final class TorchScriptArchive {
    /** Raised when the same code would get other weights. */
    private static final int LAYOUT = 1;

    private static final String FOLDER = "model/";

    private final Checkpoint checkpoint;
    private final ModelConfig config;
    private final ElementType type;
    private final List<ArchiveTensor> tensors = new ArrayList<>();
    private final byte[] pickle;

    /**
     * Plans the archive.
     *
     * @throws ModelException if a weight is missing or has another shape than the hyperparameters say
     */
    TorchScriptArchive(Checkpoint checkpoint, Precision precision) {
        this.checkpoint = checkpoint;
        this.config = checkpoint.config();
        this.type = precision == Precision.BFLOAT16 ? ElementType.BFLOAT16 : ElementType.FLOAT32;
        this.pickle = plan();
    }

    /** Distinguishes archives that another release of this program wrote. */
    static String codeVersion() {
        return LAYOUT + "-" + Integer.toHexString(Arrays.hashCode(code()));
    }

    private static byte[] code() {
        try (InputStream in = TorchScriptArchive.class.getResourceAsStream("decoder.py")) {
            if (in == null) {
                throw new IllegalStateException("decoder.py is not on the class path");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Bytes of all the weights. */
    long byteSize() {
        return tensors.stream().mapToLong(ArchiveTensor::byteSize).sum();
    }

    /** How many weights it has, without the constants that were made here. */
    long parameters() {
        return tensors.stream()
                .filter(tensor -> tensor.parts().stream().allMatch(ArchiveTensor.Weight.class::isInstance))
                .mapToLong(ArchiveTensor::elements)
                .sum();
    }

    /** Writes it to a new file. */
    void write(Path path, Progress progress) throws IOException {
        try (StoredZip zip = new StoredZip(path)) {
            write(zip, progress);
        }
    }

    void write(StoredZip zip, Progress progress) throws IOException {
        String what = "Converting " + checkpoint.name();
        long total = byteSize();
        long done = 0;
        zip.add(FOLDER + "data.pkl", pickle);
        zip.add(FOLDER + "code/__torch__.py", code());
        zip.add(FOLDER + "constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
        zip.add(FOLDER + "version", "10\n".getBytes(StandardCharsets.US_ASCII));
        zip.add(FOLDER + "byteorder", "little".getBytes(StandardCharsets.US_ASCII));
        for (ArchiveTensor tensor : tensors) {
            progress.update(what, done, total);
            zip.add(FOLDER + "data/" + tensor.key(), tensor.byteSize(), sink -> tensor.write(checkpoint, sink));
            done += tensor.byteSize();
        }
        zip.finish();
        progress.update(what, done, total);
    }

    private byte[] plan() {
        float root = (float) Math.sqrt(config.hidden());
        ArchiveTensor embedding =
                tensor(type, shape(config.vocabularySize(), config.hidden()), weight(TensorNames.EMBEDDING));
        List<Float> frequencies =
                config.inverseFrequencies().stream().map(Double::floatValue).toList();
        List<ArchiveTensor> norms = new ArrayList<>();
        List<ArchiveTensor> biases = new ArrayList<>();
        List<ArchiveTensor> outputBiases = new ArrayList<>();
        List<ArchiveTensor> weights = new ArrayList<>();
        for (int layer = 0; layer < config.layers(); layer++) {
            norms.add(norm(TensorNames.ATTENTION_NORM.formatted(layer), root));
            norms.add(norm(TensorNames.FEED_FORWARD_NORM.formatted(layer), root));
            planWeights(layer, weights);
            planBiases(layer, biases, outputBiases);
        }
        norms.add(norm(TensorNames.OUTPUT_NORM, root));
        boolean ownHead = !config.tiedHead();
        weights.add(
                ownHead
                        ? tensor(type, shape(config.vocabularySize(), config.hidden()), weight(TensorNames.OUTPUT))
                        : embedding);
        return new Pickle("Decoder")
                .attribute("training", false)
                .attribute("layers", config.layers())
                .attribute("heads", config.heads())
                .attribute("kv_heads", config.kvHeads())
                .attribute("head_size", config.headSize())
                .attribute("kernel", 0)
                .attribute("compute", 6)
                .attribute("attention_factor", config.attentionFactor())
                .attribute("embedding", embedding)
                .attribute("inverse_frequencies", made(frequencies))
                .attribute("epsilon", made(List.of((float) Math.sqrt(config.hidden() * config.normEpsilon()))))
                .attribute("rotation", made(List.of(0f)))
                .attribute("norms", norms)
                .attribute("biases", biases)
                .attribute("output_biases", outputBiases)
                .attribute("weights", weights)
                .emptyList("packed")
                .attribute("keys", List.of())
                .attribute("values", List.of())
                .finish();
    }

    private void planWeights(int layer, List<ArchiveTensor> weights) {
        long hidden = config.hidden();
        weights.add(tensor(
                type,
                shape(projected(), hidden),
                rotated(TensorNames.QUERY.formatted(layer)),
                rotated(TensorNames.KEY.formatted(layer)),
                weight(TensorNames.VALUE.formatted(layer))));
        weights.add(tensor(
                type,
                shape(hidden, (long) config.heads() * config.headSize()),
                weight(TensorNames.ATTENTION_OUTPUT.formatted(layer))));
        weights.add(tensor(
                type,
                shape(2L * config.feedForward(), hidden),
                weight(TensorNames.GATE.formatted(layer)),
                weight(TensorNames.UP.formatted(layer))));
        weights.add(tensor(type, shape(hidden, config.feedForward()), weight(TensorNames.DOWN.formatted(layer))));
    }

    private void planBiases(int layer, List<ArchiveTensor> biases, List<ArchiveTensor> outputBiases) {
        if (has(TensorNames.QUERY_BIAS, layer)) {
            biases.add(tensor(
                    ElementType.FLOAT32,
                    shape(projected()),
                    rotated(TensorNames.QUERY_BIAS.formatted(layer)),
                    rotated(TensorNames.KEY_BIAS.formatted(layer)),
                    weight(TensorNames.VALUE_BIAS.formatted(layer))));
        }
        if (has(TensorNames.ATTENTION_OUTPUT_BIAS, layer)) {
            outputBiases.add(tensor(
                    ElementType.FLOAT32,
                    shape(config.hidden()),
                    weight(TensorNames.ATTENTION_OUTPUT_BIAS.formatted(layer))));
        }
        if (has(TensorNames.QUERY_BIAS, layer) != has(TensorNames.QUERY_BIAS, 0)
                || has(TensorNames.ATTENTION_OUTPUT_BIAS, layer) != has(TensorNames.ATTENTION_OUTPUT_BIAS, 0)) {
            throw new ModelException("layer " + layer + " of " + checkpoint.path() + " has other attention biases than"
                    + " layer 0: the file is damaged, or of an architecture that is not supported");
        }
    }

    private boolean has(String name, int layer) {
        return checkpoint.tensorNames().contains(name.formatted(layer));
    }

    /** Rows of queries, keys and values together. */
    private long projected() {
        return (config.heads() + 2L * config.kvHeads()) * config.headSize();
    }

    private ArchiveTensor.Part weight(String name) {
        return new ArchiveTensor.Weight(name, 0, 1);
    }

    private ArchiveTensor.Part rotated(String name) {
        return new ArchiveTensor.Weight(name, config.headSize(), 1);
    }

    private ArchiveTensor norm(String name, float root) {
        return tensor(ElementType.FLOAT32, shape(config.hidden()), new ArchiveTensor.Weight(name, 0, root));
    }

    private ArchiveTensor made(List<Float> values) {
        return tensor(ElementType.FLOAT32, shape(values.size()), new ArchiveTensor.Values(values));
    }

    private static List<Long> shape(long... shape) {
        return Arrays.stream(shape).boxed().toList();
    }

    private ArchiveTensor tensor(ElementType element, List<Long> shape, ArchiveTensor.Part... parts) {
        long rows = 0;
        for (ArchiveTensor.Part part : parts) {
            rows += switch (part) {
                case ArchiveTensor.Values made -> made.values().size();
                case ArchiveTensor.Weight weight -> rows(weight.name(), shape);
            };
        }
        if (rows != shape.getFirst()) {
            throw new ModelException("the weights " + List.of(parts) + " of " + checkpoint.path() + " have " + rows
                    + " rows in all, not " + shape.getFirst() + " as the hyperparameters say");
        }
        ArchiveTensor tensor = new ArchiveTensor(tensors.size(), element, shape, List.of(parts));
        tensors.add(tensor);
        return tensor;
    }

    private long rows(String name, List<Long> shape) {
        @Nullable String problem = null;
        long[] found = checkpoint.shape(name);
        if (found.length != shape.size()) {
            problem = "dimensions";
        } else if (found.length == 2 && found[1] != shape.get(1)) {
            problem = "columns";
        }
        if (problem != null) {
            throw new ModelException("weight " + name + " of " + checkpoint.path() + " has shape "
                    + Arrays.toString(found) + ", of other " + problem + " than " + shape
                    + " that the hyperparameters say");
        }
        return found[0];
    }
}
