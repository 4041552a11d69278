package ai.dialog.model.torch;

import ai.dialog.model.TokenWeights;
import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Objects;

/** Probabilities that stay where they were computed until a block is asked for. */
final class TorchWeights implements TokenWeights {
    private final PtNDManager manager;
    private final int[] rowOf;
    private final int vocabulary;
    private final int blocks;
    // On a CPU views of the tensors' own memory; from a GPU all is copied at once.
    private final FloatBuffer weights;
    private final FloatBuffer ofBlocks;
    private boolean closed;

    /**
     * Takes over what was computed.
     *
     * @param manager owns the tensors, and nothing else
     * @param tensors of {@link ScoresModule#weigh}
     * @param rowOf the row of the tensors for each row of the weights
     */
    TorchWeights(PtNDManager manager, PtNDArray[] tensors, int[] rowOf) {
        this.manager = manager;
        this.rowOf = rowOf;
        this.vocabulary = Math.toIntExact(tensors[0].getShape().get(1));
        this.blocks = Math.ceilDiv(vocabulary, BLOCK);
        this.weights = floats(tensors[0]);
        this.ofBlocks = floats(tensors[1]);
    }

    private static FloatBuffer floats(NDArray tensor) {
        return tensor.toByteBuffer(true).order(ByteOrder.nativeOrder()).asFloatBuffer();
    }

    @Override
    public void copySums(int row, float[] target) {
        ofBlocks.get(at(row) * 2 * blocks, target, 0, blocks);
    }

    @Override
    public void copyLargest(int row, float[] target) {
        ofBlocks.get((at(row) * 2 + 1) * blocks, target, 0, blocks);
    }

    @Override
    public int copyBlock(int row, int block, float[] target) {
        int at = at(row) * vocabulary + Objects.checkIndex(block, blocks) * BLOCK;
        int count = Math.min(BLOCK, vocabulary - block * BLOCK);
        weights.get(at, target, 0, count);
        return count;
    }

    private int at(int row) {
        if (closed) {
            throw new IllegalStateException("the weights are closed");
        }
        return rowOf[row];
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            manager.close();
        }
    }
}
