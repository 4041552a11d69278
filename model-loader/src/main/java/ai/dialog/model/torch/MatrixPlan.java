package ai.dialog.model.torch;

import static ai.dialog.model.torch.ArchiveTensors.shape;

import ai.dialog.model.checkpoint.Checkpoint;
import ai.dialog.model.checkpoint.FourBits;
import ai.dialog.model.checkpoint.ModelConfig;
import ai.dialog.model.checkpoint.TensorNames;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The matrices of an archive and the norms before them. Query, key and value projections are one matrix, gate and up projections too. */
final class MatrixPlan {
    /** Of the Hadamard turn before the down projection: a product with a matrix of this size costs little. */
    private static final int MOST_IN_BLOCK = 128;

    private final ModelConfig config;
    private final ArchiveTensors tensors;
    private final ElementType type;
    private final @Nullable Rotation residual;
    /** Whether layers have their matrices as numbers of 4 bits too. */
    private final boolean fourBits;

    private final List<ArchiveTensor> norms = new ArrayList<>();
    private final List<ArchiveTensor> weights = new ArrayList<>();
    private final List<ArchiveTensor> scales = new ArrayList<>();
    private final List<ArchiveTensor> int4 = new ArrayList<>();
    private final List<ArchiveTensor> groups = new ArrayList<>();

    /**
     * Plans nothing yet.
     *
     * @param type of what is not int8
     * @param residual turns the residual stream where weights are int8; null elsewhere
     */
    MatrixPlan(Checkpoint checkpoint, ArchiveTensors tensors, ElementType type, @Nullable Rotation residual) {
        this.config = checkpoint.config();
        this.tensors = tensors;
        this.type = type;
        this.residual = residual;
        this.fourBits = residual != null && Int4Matrix.isPossible(checkpoint);
    }

    /** Adds its attributes, when all is planned. */
    Pickle describe(Pickle pickle) {
        return pickle.attribute("norms", norms)
                .attribute("weights", weights)
                .attribute("scales", scales)
                .attribute("zeros", List.<ArchiveTensor>of())
                .attribute("hadamard", hadamard())
                .attribute("int4", int4)
                .attribute("groups", groups)
                .attribute("turn_of_residual", turnOfResidual());
    }

    /** Four matrices of a layer and its two norms. */
    void plan(int layer) {
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

    /** The head and the norm before it. */
    void planHead(ArchiveTensor embedding) {
        ArchiveTensor.Weight norm = norm(TensorNames.OUTPUT_NORM);
        ArchiveTensor.Weight head = weight(config.tiedHead() ? TensorNames.EMBEDDING : TensorNames.OUTPUT);
        List<Long> shape = shape(config.vocabularySize(), config.hidden());
        if (residual != null) {
            int8(shape, norm, residual, null, head);
            return;
        }
        addNorm(norm);
        weights.add(config.tiedHead() ? embedding : tensors.tensor(type, shape, head));
    }

    /**
     * Adds a matrix of a layer and the norm before it: with int8 weights one made of both, else each by itself.
     *
     * @param norm null for none
     */
    private void matrix(
            List<Long> shape,
            ArchiveTensor.@Nullable Weight norm,
            @Nullable Rotation input,
            @Nullable Rotation output,
            ArchiveTensor.Weight... parts) {
        if (residual != null) {
            int8(shape, norm, input, output, parts);
        } else {
            weights.add(tensors.tensor(type, shape, parts));
        }
        if (fourBits) {
            Int4Matrix matrix = new Int4Matrix(List.of(parts), Math.toIntExact(shape.getLast()));
            int4.add(tensors.add(
                    ElementType.INT8,
                    shape(shape.getFirst(), shape.getLast() / 2),
                    new ArchiveTensor.FourBits(matrix)));
            groups.add(tensors.add(
                    ElementType.BFLOAT16,
                    shape(shape.getLast() / FourBits.GROUP, shape.getFirst(), 2),
                    new ArchiveTensor.Groups(matrix)));
        }
        if (norm != null && (residual == null || fourBits)) {
            addNorm(norm);
        }
    }

    private void addNorm(ArchiveTensor.Weight norm) {
        norms.add(tensors.tensor(ElementType.FLOAT32, shape(config.hidden()), norm));
    }

    private void int8(
            List<Long> shape,
            ArchiveTensor.@Nullable Weight norm,
            @Nullable Rotation input,
            @Nullable Rotation output,
            ArchiveTensor.Weight... parts) {
        tensors.checkRows(shape, parts);
        if (norm != null) {
            tensors.checkRows(shape(config.hidden()), norm);
        }
        Int8Matrix matrix = new Int8Matrix(List.of(parts), norm, input, output);
        weights.add(tensors.add(ElementType.INT8, shape, new ArchiveTensor.Quantized(matrix)));
        // a scale for each row
        scales.add(tensors.add(ElementType.FLOAT32, shape(shape.getFirst()), new ArchiveTensor.Scales(matrix)));
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
        return tensors.add(
                ElementType.FLOAT32, shape(rotation.block(), rotation.block()), new ArchiveTensor.Values(matrix));
    }

    /** For the step of one row, whose matrices of 4 bits are not turned; empty without them. */
    private ArchiveTensor turnOfResidual() {
        if (residual == null || !fourBits) {
            return tensors.made(List.of());
        }
        return tensors.add(
                ElementType.FLOAT32, shape(residual.size(), residual.size()), new ArchiveTensor.Turn(residual));
    }

    /** Rows of queries, keys and values together. */
    long projected() {
        return (config.heads() + 2L * config.kvHeads()) * config.headSize();
    }

    /** As it is. */
    static ArchiveTensor.Weight weight(String name) {
        return new ArchiveTensor.Weight(name, 0, 1);
    }

    /** Of queries or keys: its rotated pairs become neighbours. */
    ArchiveTensor.Weight rotated(String name) {
        return new ArchiveTensor.Weight(name, config.headSize(), 1);
    }

    /** With the root of the size in it, which the decoder's division leaves out. */
    ArchiveTensor.Weight norm(String name) {
        return new ArchiveTensor.Weight(name, 0, (float) Math.sqrt(config.hidden()));
    }
}
