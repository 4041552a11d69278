package ai.dialog.model.torch;

import ai.dialog.model.LanguageModel;
import ai.dialog.model.TokenWeights;
import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Logits that stay where they were computed until a row is asked for; what can be asked of all rows is asked in one call. */
final class TorchScores implements LanguageModel.Scores {
    private final DecoderModule module;
    private final PtNDManager manager;
    private final NDArray logits;
    private final int[] rowOf;
    private final int vocabulary;
    private @Nullable FloatBuffer values;
    private boolean closed;

    /**
     * Takes over a step's result.
     *
     * @param module answers what is asked of the scores
     * @param manager owns the logits, and nothing else
     * @param rowOf the row of the logits for each row of the scores
     */
    TorchScores(DecoderModule module, PtNDManager manager, NDArray logits, int[] rowOf) {
        this.module = module;
        this.manager = manager;
        this.logits = logits;
        this.rowOf = rowOf;
        this.vocabulary = Math.toIntExact(logits.getShape().get(1));
    }

    @Override
    public int rows() {
        return rowOf.length;
    }

    @Override
    public int[] argmax() {
        checkOpen();
        long[] best = module.scores().best(manager, logits);
        int[] result = new int[rowOf.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = (int) best[rowOf[i]];
        }
        return result;
    }

    @Override
    public void copyRow(int row, float[] target) {
        checkOpen();
        Objects.checkIndex(row, rowOf.length);
        FloatBuffer all = values;
        if (all == null) {
            // On a CPU a view of the logits' own memory; from a GPU all rows are copied at once.
            all = logits.toByteBuffer(true).order(ByteOrder.nativeOrder()).asFloatBuffer();
            values = all;
        }
        all.get(rowOf[row] * vocabulary, target, 0, vocabulary);
    }

    @Override
    public TokenWeights weigh(int[] rows, double[] temperatures) {
        checkOpen();
        // All rows are weighed as they lie, some are gathered first.
        boolean all = rows.length == rowOf.length;
        long[] gathered = new long[all ? 0 : rows.length];
        int[] weighed = new int[rows.length];
        double[] factors = new double[rows.length];
        boolean plain = true;
        for (int i = 0; i < rows.length; i++) {
            weighed[i] = all ? rowOf[rows[i]] : i;
            factors[weighed[i]] = 1 / temperatures[i];
            plain &= temperatures[i] == 1;
            if (!all) {
                gathered[i] = rowOf[rows[i]];
            }
        }
        PtNDManager owner = module.newManager();
        try {
            PtNDArray[] tensors = module.scores().weigh(owner, logits, gathered, plain ? new double[0] : factors);
            return new TorchWeights(owner, tensors, weighed);
        } catch (RuntimeException | Error e) {
            owner.close();
            throw e;
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the scores are closed");
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            values = null;
            manager.close();
        }
    }
}
