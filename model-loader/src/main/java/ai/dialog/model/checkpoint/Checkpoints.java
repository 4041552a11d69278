package ai.dialog.model.checkpoint;

import ai.dialog.model.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Opens checkpoints. */
public final class Checkpoints {

    private Checkpoints() {}

    /**
     * Opens a checkpoint: a {@code .gguf} file; a {@code .safetensors} file with {@code config.json} beside it; or a folder
     * with either, safetensors whole or in shards with an index. Reads the headers only, and checks all of them.
     *
     * @throws ModelException if nothing is there or it may not be read (naming the path and its permissions), if a file is
     *     truncated or damaged, or if the model is of a kind that is not supported
     */
    public static Checkpoint open(Path path) {
        if (Files.isDirectory(path)) {
            return openFolder(path);
        }
        if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
            throw PathReport.notFound(path);
        }
        String name = lowerCaseName(path);
        if (name.endsWith(".gguf")) {
            return GgufReader.open(path);
        }
        if (name.endsWith(".safetensors")) {
            return SafetensorsReader.openFile(path);
        }
        throw new ModelException(path + " is no model: give a .gguf file, a .safetensors file or a folder with one");
    }

    private static Checkpoint openFolder(Path folder) {
        List<Path> files = list(folder);
        List<Path> ggufs = files.stream()
                .filter(file -> lowerCaseName(file).endsWith(".gguf"))
                .toList();
        if (Files.exists(folder.resolve(SafetensorsReader.WHOLE))
                || Files.exists(folder.resolve(SafetensorsReader.INDEX))) {
            return SafetensorsReader.openFolder(folder);
        }
        if (ggufs.size() == 1) {
            return GgufReader.open(ggufs.getFirst());
        }
        if (ggufs.size() > 1) {
            String names =
                    ggufs.stream().map(Checkpoints::name).sorted().limit(10).collect(Collectors.joining(", "));
            throw new ModelException(folder + " has " + ggufs.size() + " .gguf files; give one of them: " + names);
        }
        throw new ModelException("Model not found: looked into " + folder.toAbsolutePath() + " ("
                + PathReport.describe(folder) + ") for a .gguf file, " + SafetensorsReader.WHOLE + " or "
                + SafetensorsReader.INDEX);
    }

    private static List<Path> list(Path folder) {
        if (!Files.isReadable(folder) || !Files.isExecutable(folder)) {
            throw PathReport.notFound(folder);
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        } catch (IOException e) {
            throw new ModelException("Model folder " + folder + " cannot be listed: " + e.getMessage(), e);
        }
    }

    private static String name(Path path) {
        return Objects.toString(path.getFileName(), "");
    }

    private static String lowerCaseName(Path path) {
        return name(path).toLowerCase(Locale.ROOT);
    }
}
