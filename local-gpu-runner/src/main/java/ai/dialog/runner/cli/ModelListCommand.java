package ai.dialog.runner.cli;

import ai.dialog.model.source.ModelStore;
import ai.dialog.model.source.StoredModel;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code model list}: what lies in the models folder. */
@Command(name = "list", description = "Lists the models in the models folder.", mixinStandardHelpOptions = true)
final class ModelListCommand implements Callable<Integer> {

    @Option(names = "--models-dir", paramLabel = "FOLDER", description = "Where models are kept.")
    private @Nullable Path modelsDir;

    @Option(names = "--json", description = "Print a JSON array of {\"name\",\"path\",\"bytes\"}.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    /** What {@code --json} prints for each model. */
    private record Entry(String name, String path, long bytes) {}

    @Override
    public Integer call() {
        Path folder = modelsDir;
        ModelStore store = folder == null ? ModelStore.standard() : new ModelStore(folder);
        List<StoredModel> models = store.list();
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(Json.line(models.stream()
                    .map(model -> new Entry(model.name(), model.path().toString(), model.bytes()))
                    .toList()));
        } else if (models.isEmpty()) {
            spec.commandLine()
                    .getErr()
                    .println("no models in " + store.folder()
                            + " yet: fetch the default one with 'ai-dialog-cli model pull'");
        } else {
            for (StoredModel model : models) {
                out.println(String.format(
                        Locale.ROOT, "%-44s %8.1f MiB  %s", model.name(), model.bytes() / 1048576.0, model.path()));
            }
        }
        return ExitCodes.OK;
    }
}
