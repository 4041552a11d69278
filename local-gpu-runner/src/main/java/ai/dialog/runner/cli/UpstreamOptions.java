package ai.dialog.runner.cli;

import ai.dialog.functions.remote.RemoteSettings;
import ai.dialog.runner.upstream.UpstreamInference;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;

/** A model server elsewhere that answers in place of a model in this process. */
final class UpstreamOptions {

    /** What is said about a model in this process. */
    private static final List<String> OF_A_MODEL = List.of(
            "--model",
            "--models-dir",
            "--cache-dir",
            "--precision",
            "--device",
            "--context-length",
            "--threads",
            "--max-batch-size",
            "--queue-capacity",
            "--prefill-chunk",
            "--prompt-lookup");

    private static final Duration CONNECT = Duration.ofSeconds(3);
    private static final Duration PROBE = Duration.ofSeconds(2);

    @Option(
            names = "--upstream",
            paramLabel = "URL",
            description =
                    "Load no model; let this OpenAI-compatible server answer (vLLM, llama-server, another of these).")
    private @Nullable String upstream;

    @Option(
            names = "--upstream-model",
            paramLabel = "NAME",
            description = "What to ask it for where a request wants the default model. Default: its own choice.")
    private @Nullable String model;

    @Option(
            names = "--upstream-key",
            paramLabel = "KEY",
            description = "Its API key. Better given as INFERENCE_API_KEY: other users can see a command line.")
    private @Nullable String key;

    /** Whether a server elsewhere answers. */
    boolean given() {
        return upstream != null;
    }

    /** Refuses a command line that speaks of a model in this process and of a server elsewhere. */
    void check(ParseResult line) {
        if (!given()) {
            if (line.hasMatchedOption("--upstream-model") || line.hasMatchedOption("--upstream-key")) {
                throw new CliException(ExitCodes.USAGE, "--upstream-model and --upstream-key need --upstream URL");
            }
            return;
        }
        for (String option : OF_A_MODEL) {
            if (line.hasMatchedOption(option)) {
                throw new CliException(
                        ExitCodes.USAGE,
                        option + " is for a model in this process, and --upstream lets another server answer:"
                                + " give one of the two");
            }
        }
    }

    /**
     * The server elsewhere, asked for nothing yet.
     *
     * @param whole how long an answer may take; waiting for its first text counts
     */
    UpstreamInference open(Duration whole) {
        String credential = key == null || key.isBlank() ? null : key.strip();
        try {
            return new UpstreamInference(new RemoteSettings(
                    new URI(String.valueOf(upstream)),
                    model,
                    () -> credential,
                    new RemoteSettings.Timeouts(CONNECT, whole, whole, PROBE),
                    RemoteSettings.Retries.DEFAULT,
                    RemoteSettings.DEFAULT_MAX_EVENT_BYTES));
        } catch (URISyntaxException e) {
            // its message would repeat the address, in which a password may stand
            throw new CliException(ExitCodes.USAGE, "--upstream is no URL such as http://127.0.0.1:8000");
        } catch (IllegalArgumentException e) {
            throw new CliException(ExitCodes.USAGE, "--upstream: " + ErrorText.reason(e));
        }
    }
}
