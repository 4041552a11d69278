package ai.dialog.cloud;

import ai.dialog.cloud.settings.TierSettings;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one engine wants of its container. The four differ in nothing else.
 *
 * @param port that it listens on
 * @param tls whether it does so with a certificate of its own
 * @param healthPath what answers 200 when the model is loaded
 * @param entryPoint instead of the image's; empty for the image's own
 * @param command instead of the image's; empty for the image's own
 * @param environment besides what every engine has
 * @param keyVariable which variable holds the API key that it asks callers for; null for an engine that asks for none
 * @param user the user that it runs as; ours is the image's own
 * @param folder whether a model is a folder; ours is one GGUF file
 * @param model what the functions call the model; null where the server knows what its default is
 */
record EngineProfile(
        int port,
        boolean tls,
        String healthPath,
        List<String> entryPoint,
        List<String> command,
        Map<String, String> environment,
        @Nullable String keyVariable,
        String user,
        boolean folder,
        @Nullable String model) {

    /** Where a model that is a folder is copied to. */
    static final String MODEL_FOLDER = "/models/current";

    /** Where a model that is a file is copied to. */
    static final String MODEL_FILE = "/models/current.gguf";

    /** The user of our image. */
    private static final String OURS = "10001:10001";

    private static final String DEFAULT = "default";

    /** Nobody that an image knows, and not root. */
    private static final String NOBODY = "1000:1000";

    /** The profile of an engine in this size; each setting is the engine's own documented one. */
    static EngineProfile of(TierSettings.Engine engine, TierSettings.Size size, int requestSeconds) {
        String batch = Integer.toString(size.maxBatchSize());
        String gpus = Integer.toString(size.gpus());
        return switch (engine) {
            case AI_DIALOG -> aiDialog(batch, requestSeconds);
            case VLLM ->
                foreign(
                        8000,
                        "/health",
                        List.of("python3", "-m", "vllm.entrypoints.openai.api_server"),
                        List.of(
                                "--model", MODEL_FOLDER,
                                "--served-model-name", DEFAULT,
                                "--host", "0.0.0.0",
                                "--port", "8000",
                                "--max-num-seqs", batch,
                                "--tensor-parallel-size", gpus),
                        Map.of("VLLM_NO_USAGE_STATS", "1", "HF_HUB_OFFLINE", "1"),
                        "VLLM_API_KEY");
            case SGLANG ->
                foreign(
                        30_000,
                        "/health",
                        // SGLang takes its key on the command line alone: a shell in the container puts it there
                        List.of("sh", "-c"),
                        List.of("exec python3 -m sglang.launch_server --model-path " + MODEL_FOLDER
                                + " --served-model-name " + DEFAULT + " --host 0.0.0.0 --port 30000"
                                + " --max-running-requests " + batch + " --tp-size " + gpus
                                + " --api-key \"$API_KEY\""),
                        Map.of("HF_HUB_OFFLINE", "1"),
                        "API_KEY");
            case DJL ->
                foreign(
                        8080,
                        "/ping",
                        List.of(),
                        List.of(),
                        Map.of(
                                "HF_MODEL_ID",
                                MODEL_FOLDER,
                                "OPTION_ROLLING_BATCH",
                                "vllm",
                                "OPTION_MAX_ROLLING_BATCH_SIZE",
                                batch,
                                "OPTION_TENSOR_PARALLEL_DEGREE",
                                gpus,
                                "OPT_OUT_TRACKING",
                                "true",
                                "HF_HUB_OFFLINE",
                                "1"),
                        null);
        };
    }

    /** What ends with 0 in the container when the model is loaded. */
    List<String> health() {
        return folder ? List.of("python3", "-c", Probe.health(this)) : List.of("ai-dialog-cli", "health");
    }

    /** What copies the model of {@code MODEL_URI}, as the image's root, and lets the engine's user write where it must. */
    String copy() {
        String copy = folder
                ? "sync --no-progress \"$MODEL_URI\" " + MODEL_FOLDER
                : "cp --no-progress \"$MODEL_URI\" " + MODEL_FILE;
        // empty volumes belong to root on Fargate
        return "chmod 1777 /tmp /state && exec aws s3 " + copy;
    }

    private static EngineProfile aiDialog(String batch, int requestSeconds) {
        return new EngineProfile(
                18_789,
                true,
                "/health",
                List.of(),
                List.of(),
                Map.of(
                        "AI_DIALOG_MODEL", MODEL_FILE,
                        "AI_DIALOG_OFFLINE", "true",
                        "AI_DIALOG_HOST", "0.0.0.0",
                        "AI_DIALOG_TLS", "true",
                        "AI_DIALOG_MAX_BATCH_SIZE", batch,
                        "AI_DIALOG_REQUEST_TIMEOUT", Integer.toString(requestSeconds),
                        // Fargate ends a container two minutes after the signal
                        "AI_DIALOG_GRACE", "110"),
                "API_KEY",
                OURS,
                false,
                null);
    }

    private static EngineProfile foreign(
            int port,
            String healthPath,
            List<String> entryPoint,
            List<String> command,
            Map<String, String> environment,
            @Nullable String keyVariable) {
        return new EngineProfile(
                port, false, healthPath, entryPoint, command, environment, keyVariable, NOBODY, true, DEFAULT);
    }
}
