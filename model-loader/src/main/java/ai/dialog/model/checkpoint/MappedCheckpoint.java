package ai.dialog.model.checkpoint;

import ai.dialog.model.ModelException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint over mapped files, whatever its format; the readers of the formats make it. Thread-safe until closed.
 * Costs address space and the headers' tables; the weights stay in the files.
 */
final class MappedCheckpoint implements Checkpoint {

    private final Contents contents;
    private final List<MappedFile> files;
    private @Nullable String sha256;

    /**
     * Takes over the mapped files and closes them when it is closed.
     *
     * @param files those that make the model, in a fixed order; first config.json where there is one
     */
    MappedCheckpoint(Contents contents, List<MappedFile> files) {
        this.contents = contents;
        this.files = List.copyOf(files);
    }

    @Override
    public String format() {
        return contents.format;
    }

    @Override
    public String name() {
        return contents.name;
    }

    @Override
    public Path path() {
        return contents.path;
    }

    @Override
    public synchronized String sha256() {
        if (sha256 == null) {
            sha256 = Checksum.of(files);
        }
        return sha256;
    }

    @Override
    public ModelConfig config() {
        return contents.config;
    }

    @Override
    public Set<String> tensorNames() {
        return contents.tensors.keySet();
    }

    @Override
    public long[] shape(String name) {
        return tensor(name).shape().stream().mapToLong(Long::longValue).toArray();
    }

    @Override
    public void read(String name, float[] target) {
        tensor(name).read(target);
    }

    @Override
    public boolean hasFourBits(String name) {
        return tensor(name).hasFourBits();
    }

    @Override
    public FourBits readFourBits(String name) {
        return tensor(name).readFourBits();
    }

    private StoredTensor tensor(String name) {
        StoredTensor tensor = contents.tensors.get(name);
        if (tensor == null) {
            throw new ModelException(contents.path + " has no tensor " + name);
        }
        return tensor;
    }

    @Override
    public @Nullable GgufVocabulary vocabulary() {
        return contents.vocabulary;
    }

    @Override
    public @Nullable String chatTemplate() {
        return contents.chatTemplate;
    }

    @Override
    public void close() {
        files.forEach(MappedFile::close);
    }

    /**
     * What was found in the files.
     *
     * @param tensors by the names of {@link TensorNames}
     */
    record Contents(
            String format,
            String name,
            Path path,
            ModelConfig config,
            Map<String, StoredTensor> tensors,
            @Nullable GgufVocabulary vocabulary,
            @Nullable String chatTemplate) {

        Contents {
            tensors = Map.copyOf(tensors);
        }
    }
}
