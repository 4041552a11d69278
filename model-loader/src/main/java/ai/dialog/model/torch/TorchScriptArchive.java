package ai.dialog.model.torch;

import ai.dialog.model.ModelException;
import ai.dialog.model.Precision;
import ai.dialog.model.Progress;
import ai.dialog.model.checkpoint.Checkpoint;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A checkpoint as a TorchScript archive: what {@code torch.jit.save} would have made of a module with the code of
 * {@code decoder.py}. Weights are streamed, so the heap holds one of the checkpoint's tensors at a time.
 */
final class TorchScriptArchive {
    /** Raised when the same code would get other weights. */
    private static final int LAYOUT = 1;

    private static final String FOLDER = "model/";

    private final Checkpoint checkpoint;
    private final ArchivePlan plan;

    /**
     * Plans the archive.
     *
     * @throws ModelException if a weight is missing or has another shape than the hyperparameters say
     */
    TorchScriptArchive(Checkpoint checkpoint, Precision precision) {
        this.checkpoint = checkpoint;
        this.plan = new ArchivePlan(checkpoint, precision);
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
        return plan.tensors().stream().mapToLong(ArchiveTensor::byteSize).sum();
    }

    /** How many weights it has, each counted once, without the constants that were made here. */
    long parameters() {
        return plan.parameters();
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
        zip.add(FOLDER + "data.pkl", plan.pickle());
        zip.add(FOLDER + "code/__torch__.py", code());
        zip.add(FOLDER + "constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
        zip.add(FOLDER + "version", "10\n".getBytes(StandardCharsets.US_ASCII));
        zip.add(FOLDER + "byteorder", "little".getBytes(StandardCharsets.US_ASCII));
        for (ArchiveTensor tensor : plan.tensors()) {
            progress.update(what, done, total);
            zip.add(FOLDER + "data/" + tensor.key(), tensor.byteSize(), sink -> tensor.write(checkpoint, sink));
            done += tensor.byteSize();
        }
        zip.finish();
        progress.update(what, done, total);
    }
}
