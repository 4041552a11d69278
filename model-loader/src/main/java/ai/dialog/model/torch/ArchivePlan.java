package ai.dialog.model.torch;

import ai.dialog.model.ModelException;
import ai.dialog.model.Precision;
import ai.dialog.model.checkpoint.Checkpoint;
import ai.dialog.model.checkpoint.ModelConfig;
import ai.dialog.model.checkpoint.ModelTraits;
import ai.dialog.model.checkpoint.TensorNames;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Which tensors an archive has and what each is made of, in the attributes that {@code decoder.py} reads. Query, key and value
 * projections are one matrix, gate and up projections too. With int8 weights the residual stream is turned: what adds to it is
 * turned, what reads it is turned back, and each norm's weights are in the matrix after it.
 */
final class ArchivePlan {
    /** Of the Hadamard turn before the down projection: a product with a matrix of this size costs little. */
    private static final int MOST_IN_BLOCK = 128;

    private final Checkpoint checkpoint;
    private final ModelConfig config;
    private final ElementType type;
    /** Turns the residual stream where weights are int8; null elsewhere. */
    private final @Nullable Rotation residual;

    private final List<ArchiveTensor> tensors = new ArrayList<>();
    private final List<ArchiveTensor> norms = new ArrayList<>();
    private final List<ArchiveTensor> headNorms = new ArrayList<>();
    private final List<ArchiveTensor> postNorms = new ArrayList<>();
    private final List<ArchiveTensor> biases = new ArrayList<>();
    private final List<ArchiveTensor> outputBiases = new ArrayList<>();
    private final List<ArchiveTensor> weights = new ArrayList<>();
    private final List<ArchiveTensor> scales = new ArrayList<>();
    private final byte[] pickle;

    /**
     * Plans it.
     *
     * @throws ModelException if a weight is missing or has another shape than the hyperparameters say
     */
    ArchivePlan(Checkpoint checkpoint, Precision precision) {
        this.checkpoint = checkpoint;
        this.config = checkpoint.config();
        this.type = precision == Precision.FLOAT32 ? ElementType.FLOAT32 : ElementType.BFLOAT16;
        this.residual = precision == Precision.INT8 ? Rotation.ofResidual(config.hidden()) : null;
        this.pickle = plan();
    }

    /** In the order in which they are written. */
    List<ArchiveTensor> tensors() {
        return tensors;
    }

    /** The archive's {@code data.pkl}. */
    byte[] pickle() {
        return pickle;
    }

    /** How many weights it has, each counted once, without the constants that were made here. */
    long parameters() {
        return tensors.stream()
                .flatMap(tensor -> tensor.parts().stream())
                .flatMap(part -> weights(part).stream())
                .map(ArchiveTensor.Weight::name)
                .distinct()
                .mapToLong(name -> Arrays.stream(checkpoint.shape(name)).reduce(1, Math::multiplyExact))
                .sum();
    }

    private static List<ArchiveTensor.Weight> weights(ArchiveTensor.Part part) {
        return switch (part) {
            case ArchiveTensor.Weight weight -> List.of(weight);
            case ArchiveTensor.Turned turned -> List.of(turned.weight());
            case ArchiveTensor.Quantized quantized -> quantized.matrix().weights();
            case ArchiveTensor.Scales scales -> scales.matrix().weights();
            case ArchiveTensor.Values made -> List.of();
        };
    }

    private byte[] plan() {
        ArchiveTensor embedding =
                tensor(type, shape(config.vocabularySize(), config.hidden()), turned(weight(TensorNames.EMBEDDING)));
        ArchiveTensor frequencies = frequencies(config.inverseFrequencies());
        ModelTraits.LocalAttention local = config.traits().local();
        for (int layer = 0; layer < config.layers(); layer++) {
            planMatrices(layer);
            planMoreNorms(layer);
            planBiases(layer);
        }
        planHead(embedding);
        return new Pickle("Decoder")
                .attribute("training", false)
                .attribute("layers", config.layers())
                .attribute("heads", config.heads())
                .attribute("kv_heads", config.kvHeads())
                .attribute("head_size", config.headSize())
                .attribute("kernel", 0)
                .attribute("compute", 6)
                .attribute("reduced", false)
                .attribute("attention_factor", config.attentionFactor())
                .attribute("gelu", config.traits().activation() == ModelTraits.Activation.GELU_TANH)
                .attribute("embedding_scale", embeddingScale())
                .attribute("window", local == null ? 0 : local.window())
                .integers("local", kinds(local))
                .attribute("embedding", embedding)
                .attribute("inverse_frequencies", frequencies)
                .attribute("local_frequencies", local == null ? frequencies : frequencies(local.inverseFrequencies()))
                .attribute("epsilon", made(List.of((float) Math.sqrt(config.hidden() * config.normEpsilon()))))
                .attribute("rotation", made(List.of(0f)))
                .attribute("local_rotation", made(List.of(0f)))
                .attribute("norms", norms)
                .attribute("head_epsilon", made(List.of((float) Math.sqrt(config.headSize() * config.normEpsilon()))))
                .attribute("head_norms", headNorms)
                .attribute("post_norms", postNorms)
                .attribute("biases", biases)
                .attribute("output_biases", outputBiases)
                .attribute("weights", weights)
                .attribute("scales", scales)
                .attribute("hadamard", hadamard())
                .emptyList("packed")
                .attribute("keys", List.of())
                .attribute("values", List.of())
                .finish();
    }

    /** transformers rounds it to the type of the weights, and so models were trained. */
    private double embeddingScale() {
        float scale = (float) config.traits().embeddingScale();
        return type == ElementType.BFLOAT16 ? Float.intBitsToFloat(ElementType.bfloat16(scale) << 16) : scale;
    }

    /** For each layer, 1 where it sees only a window. */
    private List<Integer> kinds(ModelTraits.@Nullable LocalAttention local) {
        return IntStream.range(0, config.layers())
                .map(layer -> local != null && local.layers().get(layer) ? 1 : 0)
                .boxed()
                .toList();
    }

    private ArchiveTensor frequencies(List<Double> inverse) {
        return made(inverse.stream().map(Double::floatValue).toList());
    }

    /** The norms of each head of query and key, one below the other, and those behind the parts of a layer. */
    private void planMoreNorms(int layer) {
        if (has(TensorNames.QUERY_NORM, layer)) {
            headNorms.add(headNorms(layer));
        }
        for (String name : List.of(TensorNames.ATTENTION_POST_NORM, TensorNames.FEED_FORWARD_POST_NORM)) {
            if (has(name, layer)) {
                if (residual != null) {
                    throw new ModelException(
                            checkpoint.path() + " has norms behind the parts of its layers, which cannot"
                                    + " be turned with the residual stream: int8 is not supported for it");
                }
                postNorms.add(tensor(ElementType.FLOAT32, shape(config.hidden()), norm(name.formatted(layer))));
            }
        }
    }

    /** What the model scales scores by, beyond what attention does itself, is in the queries' norm. */
    private ArchiveTensor headNorms(int layer) {
        int size = config.headSize();
        float length = (float) Math.sqrt(size);
        float more = (float) (config.traits().queryScale() * Math.sqrt(size));
        ArchiveTensor.Weight query =
                new ArchiveTensor.Weight(TensorNames.QUERY_NORM.formatted(layer), size, length * more);
        ArchiveTensor.Weight key = new ArchiveTensor.Weight(TensorNames.KEY_NORM.formatted(layer), size, length);
        checkRows(shape(size), query);
        checkRows(shape(size), key);
        List<ArchiveTensor.Part> parts = new ArrayList<>(Collections.nCopies(config.heads(), query));
        parts.addAll(Collections.nCopies(config.kvHeads(), key));
        return add(
                ElementType.FLOAT32,
                shape(config.heads() + (long) config.kvHeads(), size),
                parts.toArray(ArchiveTensor.Part[]::new));
    }

    private void planMatrices(int layer) {
        long hidden = config.hidden();
        ArchiveTensor.Weight attentionNorm = norm(TensorNames.ATTENTION_NORM.formatted(layer));
        ArchiveTensor.Weight feedForwardNorm = norm(TensorNames.FEED_FORWARD_NORM.formatted(layer));
        matrix(
                shape(projected(), hidden),
                attentionNorm,
                residual,
                null,
                rotated(TensorNames.QUERY.formatted(layer)),
                rotated(TensorNames.KEY.formatted(layer)),
                weight(TensorNames.VALUE.formatted(layer)));
        matrix(
                shape(hidden, (long) config.heads() * config.headSize()),
                null,
                null,
                residual,
                weight(TensorNames.ATTENTION_OUTPUT.formatted(layer)));
        matrix(
                shape(2L * config.feedForward(), hidden),
                feedForwardNorm,
                residual,
                null,
                weight(TensorNames.GATE.formatted(layer)),
                weight(TensorNames.UP.formatted(layer)));
        matrix(
                shape(hidden, config.feedForward()),
                null,
                residual == null ? null : downInput(),
                residual,
                weight(TensorNames.DOWN.formatted(layer)));
    }

    private void planHead(ArchiveTensor embedding) {
        ArchiveTensor.Weight norm = norm(TensorNames.OUTPUT_NORM);
        if (residual == null && config.tiedHead()) {
            norms.add(tensor(ElementType.FLOAT32, shape(config.hidden()), norm));
            weights.add(embedding);
        } else {
            String head = config.tiedHead() ? TensorNames.EMBEDDING : TensorNames.OUTPUT;
            matrix(shape(config.vocabularySize(), config.hidden()), norm, residual, null, weight(head));
        }
    }

    /**
     * Adds a matrix and the norm before it: with int8 weights one made of both, else each by itself.
     *
     * @param norm null for none
     */
    private void matrix(
            List<Long> shape,
            ArchiveTensor.@Nullable Weight norm,
            @Nullable Rotation input,
            @Nullable Rotation output,
            ArchiveTensor.Weight... parts) {
        if (residual == null) {
            if (norm != null) {
                norms.add(tensor(ElementType.FLOAT32, shape(config.hidden()), norm));
            }
            weights.add(tensor(type, shape, parts));
            return;
        }
        checkRows(shape, parts);
        if (norm != null) {
            checkRows(shape(config.hidden()), norm);
        }
        Int8Matrix matrix = new Int8Matrix(List.of(parts), norm, input, output);
        weights.add(add(ElementType.INT8, shape, new ArchiveTensor.Quantized(matrix)));
        // a scale for each row
        scales.add(add(ElementType.FLOAT32, shape(shape.getFirst()), new ArchiveTensor.Scales(matrix)));
    }

    /** The turn of what goes into the down projection, which the decoder makes too. */
    private Rotation downInput() {
        return Rotation.ofBlocks(config.feedForward(), MOST_IN_BLOCK);
    }

    private ArchiveTensor hadamard() {
        List<Float> matrix = new ArrayList<>();
        Rotation rotation = Rotation.ofBlocks(config.feedForward(), residual == null ? 1 : MOST_IN_BLOCK);
        for (float element : rotation.matrix()) {
            matrix.add(element);
        }
        return add(ElementType.FLOAT32, shape(rotation.block(), rotation.block()), new ArchiveTensor.Values(matrix));
    }

    private void planBiases(int layer) {
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
                    turned(weight(TensorNames.ATTENTION_OUTPUT_BIAS.formatted(layer)))));
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

    private static ArchiveTensor.Weight weight(String name) {
        return new ArchiveTensor.Weight(name, 0, 1);
    }

    private ArchiveTensor.Weight rotated(String name) {
        return new ArchiveTensor.Weight(name, config.headSize(), 1);
    }

    private ArchiveTensor.Weight norm(String name) {
        return new ArchiveTensor.Weight(name, 0, (float) Math.sqrt(config.hidden()));
    }

    /** What adds to the residual stream. */
    private ArchiveTensor.Part turned(ArchiveTensor.Weight weight) {
        return residual == null ? weight : new ArchiveTensor.Turned(weight, residual);
    }

    private ArchiveTensor made(List<Float> values) {
        return add(ElementType.FLOAT32, shape(values.size()), new ArchiveTensor.Values(values));
    }

    private static List<Long> shape(long... shape) {
        return Arrays.stream(shape).boxed().toList();
    }

    private ArchiveTensor tensor(ElementType element, List<Long> shape, ArchiveTensor.Part... parts) {
        checkRows(shape, parts);
        return add(element, shape, parts);
    }

    private ArchiveTensor add(ElementType element, List<Long> shape, ArchiveTensor.Part... parts) {
        ArchiveTensor tensor = new ArchiveTensor(tensors.size(), element, shape, List.of(parts));
        tensors.add(tensor);
        return tensor;
    }

    private void checkRows(List<Long> shape, ArchiveTensor.Part... parts) {
        List<ArchiveTensor.Weight> checked =
                Arrays.stream(parts).flatMap(part -> weights(part).stream()).toList();
        long rows =
                checked.stream().mapToLong(weight -> rows(weight.name(), shape)).sum();
        if (rows != shape.getFirst()) {
            throw new ModelException("the weights " + checked + " of " + checkpoint.path() + " have " + rows
                    + " rows in all, not " + shape.getFirst() + " as the hyperparameters say");
        }
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
