package ai.dialog.runner.cli;

import ai.dialog.model.checkpoint.Checkpoint;
import ai.dialog.model.checkpoint.Checkpoints;
import ai.dialog.model.checkpoint.ModelConfig;
import ai.dialog.model.source.ModelStore;
import ai.dialog.model.source.TerminalProgress;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code model info}: what a checkpoint is, read from its header alone. */
@Command(
        name = "info",
        description = "Describes a model without loading it; fetches it first where it is not here yet.",
        mixinStandardHelpOptions = true)
final class ModelInfoCommand implements Callable<Integer> {

    @Parameters(
            arity = "0..1",
            paramLabel = "MODEL",
            defaultValue = "default",
            description = "As for 'model pull', or a name that 'model list' shows, a file or a folder.")
    private String model = "default";

    @Option(names = "--models-dir", paramLabel = "FOLDER", description = "Where models are kept.")
    private @Nullable Path modelsDir;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    /** What {@code --json} prints. */
    private record Description(
            String name,
            String path,
            String format,
            String architecture,
            long parameters,
            int layers,
            int hidden,
            int heads,
            @JsonProperty("kv_heads") int kvHeads,
            @JsonProperty("context_length") int contextLength,
            @JsonProperty("vocabulary_size") int vocabularySize,
            @JsonProperty("chat_template") boolean chatTemplate) {}

    @Override
    public Integer call() {
        Path folder = modelsDir;
        ModelStore store = folder == null ? ModelStore.standard() : new ModelStore(folder);
        Path path;
        try (TerminalProgress progress = ModelOptions.progress()) {
            path = store.resolve(model, progress);
        }
        Description info;
        try (Checkpoint checkpoint = Checkpoints.open(path)) {
            info = info(checkpoint);
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(json ? Json.line(info) : table(info));
        return ExitCodes.OK;
    }

    private static Description info(Checkpoint checkpoint) {
        ModelConfig config = checkpoint.config();
        long parameters = 0;
        for (String name : checkpoint.tensorNames()) {
            long elements = 1;
            for (long dimension : checkpoint.shape(name)) {
                elements *= dimension;
            }
            parameters += elements;
        }
        return new Description(
                checkpoint.name(),
                checkpoint.path().toString(),
                checkpoint.format(),
                config.architecture(),
                parameters,
                config.layers(),
                config.hidden(),
                config.heads(),
                config.kvHeads(),
                config.contextLength(),
                config.vocabularySize(),
                checkpoint.chatTemplate() != null);
    }

    private static String table(Description info) {
        return String.join(
                System.lineSeparator(),
                row("name", info.name()),
                row("path", info.path()),
                row("format", info.format()),
                row("architecture", info.architecture()),
                row("parameters", String.format(Locale.ROOT, "%.1f million", info.parameters() / 1e6)),
                row(
                        "layers",
                        info.layers() + " of " + info.hidden() + ", " + info.heads() + " heads, " + info.kvHeads()
                                + " key/value heads"),
                row("context", info.contextLength() + " tokens"),
                row("vocabulary", info.vocabularySize() + " tokens"),
                row("chat template", info.chatTemplate() ? "yes" : "no: it can complete text, not chat"));
    }

    private static String row(String name, String value) {
        return String.format(Locale.ROOT, "%-14s %s", name, value);
    }
}
