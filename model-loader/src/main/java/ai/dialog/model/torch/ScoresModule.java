package ai.dialog.model.torch;

import ai.dialog.model.TokenWeights;
import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The methods of {@code scores.py}, each one call into libtorch for all rows. They have no weights and so are a module of
 * their own, made anew at each load, which no converted model holds. Not thread-safe.
 */
final class ScoresModule implements AutoCloseable {
    private static final String FOLDER = "scores/";

    private final PtSymbolBlock block;

    /** Loads it to the manager's device. */
    ScoresModule(PtNDManager manager) {
        try {
            block = JniUtils.loadModule(manager, new ByteArrayInputStream(archive()), true, false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What {@code torch.jit.save} would have made of it. */
    private static byte[] archive() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes);
                InputStream code = ScoresModule.class.getResourceAsStream("scores.py")) {
            if (code == null) {
                throw new IllegalStateException("scores.py is not on the class path");
            }
            add(
                    zip,
                    "data.pkl",
                    new Pickle("Scores").attribute("training", false).finish());
            add(zip, "code/__torch__.py", code.readAllBytes());
            add(zip, "constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
            add(zip, "version", "10\n".getBytes(StandardCharsets.US_ASCII));
            add(zip, "byteorder", "little".getBytes(StandardCharsets.US_ASCII));
        }
        return bytes.toByteArray();
    }

    private static void add(ZipOutputStream zip, String name, byte[] content) throws IOException {
        zip.putNextEntry(new ZipEntry(FOLDER + name));
        zip.write(content);
        zip.closeEntry();
    }

    /** The best token of each row. */
    long[] best(PtNDManager owner, NDArray scores) {
        try (IValue result = DecoderModule.run(block, "best", IValue.from((PtNDArray) scores));
                NDArray ids = result.toTensor(owner)) {
            ExitGate.enter();
            try {
                return ids.toLongArray();
            } finally {
                ExitGate.leave();
            }
        }
    }

    /**
     * Probabilities, and each block's sum and largest behind one another.
     *
     * @param rows empty for all
     * @param factors one for each row that the scores are multiplied by; empty for none
     */
    PtNDArray[] weigh(PtNDManager owner, NDArray scores, long[] rows, double[] factors) {
        try (IValue result = DecoderModule.run(
                block,
                "weigh",
                IValue.from((PtNDArray) scores),
                IValue.from(TokenWeights.BLOCK),
                IValue.listFrom(rows),
                IValue.listFrom(factors))) {
            return result.toTensorArray(owner);
        }
    }

    @Override
    public void close() {
        block.close();
    }
}
