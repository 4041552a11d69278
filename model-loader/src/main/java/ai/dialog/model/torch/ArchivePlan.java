package ai.dialog.model.torch;

import static ai.dialog.model.torch.ArchiveTensors.shape;

import ai.dialog.model.ModelException;
import ai.dialog.model.Precision;
import ai.dialog.model.checkpoint.Checkpoint;
import ai.dialog.model.checkpoint.ModelConfig;
import ai.dialog.model.checkpoint.ModelTraits;
import ai.dialog.model.checkpoint.TensorNames;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Which tensors an archive has and what each is made of, in the attributes that {@code decoder.py} reads. With int8 weights the residual stream is turned: what adds to it is
 * turned, what reads it is turned back, and each norm's weights are in the matrix after it ({@link MatrixPlan}).
 */
final class ArchivePlan {
    private final Checkpoint checkpoint;
    private final ModelConfig config;
    private final ElementType type;
    /** Turns the residual stream where weights are int8; null elsewhere. */
    private final @Nullable Rotation residual;

    private final ArchiveTensors tensors;
    private final MatrixPlan matrices;
    private final List<ArchiveTensor> headNorms = new ArrayList<>();
    private final List<ArchiveTensor> postNorms = new ArrayList<>();
    private final List<ArchiveTensor> biases = new ArrayList<>();
    private final List<ArchiveTensor> outputBiases = new ArrayList<>();
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
        this.tensors = new ArchiveTensors(checkpoint);
        this.matrices = new MatrixPlan(checkpoint, tensors, type, residual);
        this.pickle = plan();
    }

    /** In the order in which they are written. */
    List<ArchiveTensor> tensors() {
        return tensors.all();
    }

    /** How many weights it has, each counted once, without the constants that were made here. */
    long parameters() {
        return tensors.parameters();
    }

    /** The archive's {@code data.pkl}. */
    byte[] pickle() {
        return pickle;
    }

    private byte[] plan() {
        ArchiveTensor embedding = tensors.tensor(
                type,
                shape(config.vocabularySize(), config.hidden()),
                turned(MatrixPlan.weight(TensorNames.EMBEDDING)));
        ArchiveTensor frequencies = frequencies(config.inverseFrequencies());
        ModelTraits.LocalAttention local = config.traits().local();
        for (int layer = 0; layer < config.layers(); layer++) {
            matrices.plan(layer);
            planMoreNorms(layer);
            planBiases(layer);
        }
        matrices.planHead(embedding);
        Pickle attributes = new Pickle("Decoder")
                .attribute("training", false)
                .attribute("layers", config.layers())
                .attribute("heads", config.heads())
                .attribute("kv_heads", config.kvHeads())
                .attribute("head_size", config.headSize())
                .attribute("kernel", 0)
                .attribute("compute", 6)
                .attribute("reduced", false)
                .attribute("tiled", 0)
                .attribute("raw", 0)
                .attribute("unlaid", 0)
                .attribute("attention_factor", config.attentionFactor())
                .attribute("gelu", config.traits().activation() == ModelTraits.Activation.GELU_TANH)
                .attribute("embedding_scale", embeddingScale())
                .attribute("window", local == null ? 0 : local.window())
                .integers("local", kinds(local))
                .attribute("embedding", embedding)
                .attribute("inverse_frequencies", frequencies)
                .attribute("local_frequencies", local == null ? frequencies : frequencies(local.inverseFrequencies()))
                .attribute("epsilon", tensors.made(List.of((float) Math.sqrt(config.hidden() * config.normEpsilon()))))
                .attribute("rotation", tensors.made(List.of(0f)))
                .attribute("local_rotation", tensors.made(List.of(0f)))
                .attribute("head_epsilon", tensors.made(List.of((float)
                        Math.sqrt(config.headSize() * config.normEpsilon()))))
                .attribute("head_norms", headNorms)
                .attribute("post_norms", postNorms)
                .attribute("biases", biases)
                .attribute("output_biases", outputBiases);
        return matrices.describe(attributes)
                .emptyList("packed")
                .attribute("plain", List.of())
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
        return tensors.made(inverse.stream().map(Double::floatValue).toList());
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
                postNorms.add(tensors.tensor(
                        ElementType.FLOAT32, shape(config.hidden()), matrices.norm(name.formatted(layer))));
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
        tensors.checkRows(shape(size), query);
        tensors.checkRows(shape(size), key);
        List<ArchiveTensor.Part> parts = new ArrayList<>(Collections.nCopies(config.heads(), query));
        parts.addAll(Collections.nCopies(config.kvHeads(), key));
        return tensors.add(
                ElementType.FLOAT32,
                shape(config.heads() + (long) config.kvHeads(), size),
                parts.toArray(ArchiveTensor.Part[]::new));
    }

    private void planBiases(int layer) {
        if (has(TensorNames.QUERY_BIAS, layer)) {
            biases.add(tensors.tensor(
                    ElementType.FLOAT32,
                    shape(matrices.projected()),
                    matrices.rotated(TensorNames.QUERY_BIAS.formatted(layer)),
                    matrices.rotated(TensorNames.KEY_BIAS.formatted(layer)),
                    MatrixPlan.weight(TensorNames.VALUE_BIAS.formatted(layer))));
        }
        if (has(TensorNames.ATTENTION_OUTPUT_BIAS, layer)) {
            outputBiases.add(tensors.tensor(
                    ElementType.FLOAT32,
                    shape(config.hidden()),
                    turned(MatrixPlan.weight(TensorNames.ATTENTION_OUTPUT_BIAS.formatted(layer)))));
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

    /** What adds to the residual stream. */
    private ArchiveTensor.Part turned(ArchiveTensor.Weight weight) {
        return residual == null ? weight : new ArchiveTensor.Turned(weight, residual);
    }
}
