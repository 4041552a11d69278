package ai.dialog.model.checkpoint;

import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An opened checkpoint: its hyperparameters and its weights under the names of {@link TensorNames}, whichever format they
 * came in. Memory-mapped: nothing is copied before it is asked for.
 */
public interface Checkpoint extends AutoCloseable {

    /** {@code gguf} or {@code safetensors}. */
    String format();

    /**
     * A short name: the file's without its ending, or the folder's. It becomes the model's id in the API, so it is the name
     * that its user sees on the disk; GGUF's {@code general.name} is often the title of a training run.
     */
    String name();

    /** Where it lies. */
    Path path();

    /**
     * SHA-256 of its file, lower-case hex; where it has several, of {@code sha256sum}'s lines for config.json and the
     * weights. Computed when first asked for, about a second per gigabyte, and kept until closed.
     */
    String sha256();

    /** The hyperparameters. */
    ModelConfig config();

    /** The names of its tensors. */
    Set<String> tensorNames();

    /**
     * The shape of a weight, output features first: a linear layer is [out, in].
     *
     * @throws ai.dialog.model.ModelException if there is none of that name
     */
    long[] shape(String name);

    /**
     * Reads a whole tensor as float32 in row-major order, dequantised where needed. Query and key projections are given in
     * the layout of Hugging Face (rotary halves), permuted back where GGUF stores llama's in adjacent pairs.
     *
     * @param target at least as long as the tensor
     */
    void read(String name, float[] target);

    /** Whether a weight is one that {@link #readFourBits} reads. */
    default boolean hasFourBits(String name) {
        return false;
    }

    /**
     * Reads a matrix of GGUF's types Q4_0 and Q4_1 as it is stored.
     *
     * @throws IllegalArgumentException if it is of another type
     */
    default FourBits readFourBits(String name) {
        throw new IllegalArgumentException(name + " is not stored as numbers of 4 bits");
    }

    /** GGUF's vocabulary, or null where the tokenizer is a {@code tokenizer.json} beside the weights. */
    @Nullable
    GgufVocabulary vocabulary();

    /** The chat template's source, where the checkpoint has one. */
    @Nullable
    String chatTemplate();

    @Override
    void close();
}
