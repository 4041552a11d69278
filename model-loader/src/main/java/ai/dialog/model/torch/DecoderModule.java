package ai.dialog.model.torch;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.file.Path;

/**
 * The methods of {@code decoder.py}, each one call into libtorch. Every native argument and result is freed here but the
 * scores, which belong to the manager given. Not thread-safe.
 */
final class DecoderModule implements AutoCloseable {
    private final PtNDManager manager;
    private final PtSymbolBlock block;
    private final ScoresModule scores;

    /** Loads an archive to a device. */
    DecoderModule(Engine engine, Device device, Path archive) {
        manager = (PtNDManager) engine.newBaseManager(device);
        ExitGate.enter();
        try {
            block = JniUtils.loadModule(manager, archive, true, new String[0], new String[0], false);
            scores = new ScoresModule(manager);
        } catch (RuntimeException | Error e) {
            manager.close();
            throw e;
        } finally {
            ExitGate.leave();
        }
    }

    /** A manager for what one step returns. */
    PtNDManager newManager() {
        return (PtNDManager) manager.newSubManager();
    }

    /** What is asked of scores. */
    ScoresModule scores() {
        return scores;
    }

    /** Lays out the weights; false where they do not fit the kernel. */
    boolean prepare(Kernel kernel, boolean bfloat16, int tiers) {
        try (IValue result = run(
                "prepare",
                IValue.from(kernel.number()),
                IValue.from(bfloat16 ? 15L : 6L),
                IValue.from(tiers),
                IValue.from(kernel.reduced()),
                IValue.from(kernel.tiledFrom()))) {
            return result.toBoolean();
        }
    }

    /** Makes one more layout that {@link #prepare} has put off; true if there are more. */
    boolean lay() {
        try (IValue result = run("lay")) {
            return result.toBoolean();
        }
    }

    void reach(int positions) {
        run("reach", IValue.from(positions)).close();
    }

    void resize(int tier, int slots, int capacity) {
        run("resize", IValue.from(tier), IValue.from(slots), IValue.from(capacity))
                .close();
    }

    void move(int tier, int slot, int toTier, int toSlot, int length) {
        run("move", IValue.from(tier), IValue.from(slot), IValue.from(toTier), IValue.from(toSlot), IValue.from(length))
                .close();
    }

    void swap(int tier, int a, int b, int length) {
        run("swap", IValue.from(tier), IValue.from(a), IValue.from(b), IValue.from(length))
                .close();
    }

    NDArray prefill(PtNDManager owner, long[] tokens, long[] segments, boolean every) {
        try (IValue scores = run("prefill", IValue.listFrom(tokens), IValue.listFrom(segments), IValue.from(every))) {
            return scores.toTensor(owner);
        }
    }

    NDArray decode(PtNDManager owner, long[] tokens, long[] positions, long[] segments) {
        try (IValue scores =
                run("decode", IValue.listFrom(tokens), IValue.listFrom(positions), IValue.listFrom(segments))) {
            return scores.toTensor(owner);
        }
    }

    private IValue run(String method, IValue... arguments) {
        return run(block, method, arguments);
    }

    /** Calls a method of a module; frees the arguments. */
    static IValue run(PtSymbolBlock block, String method, IValue... arguments) {
        ExitGate.enter();
        try {
            return IValueUtils.runMethod(block, method, arguments);
        } finally {
            ExitGate.leave();
            for (IValue argument : arguments) {
                argument.close();
            }
        }
    }

    @Override
    public void close() {
        scores.close();
        block.close();
        manager.close();
    }
}
