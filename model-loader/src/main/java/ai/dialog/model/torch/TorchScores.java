package ai.dialog.model.torch;

import ai.dialog.model.LanguageModel;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Logits that stay where they were computed until a row is asked for. */
final class TorchScores implements LanguageModel.Scores {
    private final NDManager manager;
    private final NDArray logits;
    private final int[] rowOf;
    private final int vocabulary;
    private @Nullable FloatBuffer values;
    private boolean closed;

    /**
     * Takes over a step's result.
     *
     * @param manager owns the logits, and nothing else
     * @param rowOf the row of the logits for each row of the scores
     */
    TorchScores(NDManager manager, NDArray logits, int[] rowOf) {
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
        int[] result = new int[rowOf.length];
        ExitGate.enter();
        try (NDArray best = logits.argMax(1)) {
            long[] ids = best.toLongArray();
            for (int i = 0; i < result.length; i++) {
                result[i] = (int) ids[rowOf[i]];
            }
        } finally {
            ExitGate.leave();
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
