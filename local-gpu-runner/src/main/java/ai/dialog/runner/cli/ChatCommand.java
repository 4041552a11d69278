package ai.dialog.runner.cli;

import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.Inference;
import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.Prompt;
import ai.dialog.functions.inference.Sampling;
import ai.dialog.model.LanguageModel;
import ai.dialog.model.source.TerminalProgress;
import ai.dialog.runner.scheduler.BatchingInference;
import ai.dialog.runner.scheduler.SchedulerSettings;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code chat}: talk to the model in the terminal, no service needed. */
@Command(
        name = "chat",
        description = {
            "Answers a prompt, or holds a conversation: without a prompt each line of standard input is a turn. The model runs"
                    + " in this process.",
            "In a conversation: /clear forgets it, /exit or Ctrl-D ends it."
        },
        mixinStandardHelpOptions = true)
final class ChatCommand implements Callable<Integer> {

    @Parameters(arity = "0..*", paramLabel = "PROMPT", description = "What to ask; several words need no quotes.")
    private List<String> prompt = new ArrayList<>();

    @Mixin
    private ModelOptions options = new ModelOptions();

    @Option(names = "--system", paramLabel = "TEXT", description = "The system prompt.")
    private @Nullable String system;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            defaultValue = "0.7",
            description = "0 to 2; 0 takes the best token always. Default: 0.7.")
    private double temperature;

    @Option(
            names = "--max-tokens",
            paramLabel = "N",
            description = "The longest answer. Default: what the context leaves.")
    private @Nullable Integer maxTokens;

    @Option(names = "--seed", paramLabel = "N", description = "Makes answers repeatable.")
    private @Nullable Long seed;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (!(temperature >= 0 && temperature <= 2)) {
            throw new CliException(ExitCodes.USAGE, "--temperature must be from 0 to 2, and is " + temperature);
        }
        Bounds.check("--max-tokens", maxTokens, 1, 1 << 20);
        LanguageModel model;
        try (TerminalProgress progress = ModelOptions.progress()) {
            model = options.load(1, progress);
        }
        try (BatchingInference inference = new BatchingInference(model, SchedulerSettings.DEFAULT, Clock.systemUTC())) {
            if (prompt.isEmpty()) {
                converse(inference);
            } else {
                answer(inference, List.of(new Prompt.Message("user", String.join(" ", prompt))));
            }
        }
        return ExitCodes.OK;
    }

    @SuppressWarnings("SystemConsoleNull") // JDK 25 gives null again where neither end is a terminal
    private void converse(Inference inference) throws IOException {
        Console console = System.console();
        boolean terminal = console != null && console.isTerminal();
        PrintStream err = System.err;
        List<Prompt.Message> conversation = new ArrayList<>();
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        while (true) {
            if (terminal) {
                err.print("> ");
                err.flush();
            }
            String line = lines.readLine();
            if (line == null || line.strip().equals("/exit")) {
                return;
            }
            if (line.strip().equals("/clear")) {
                conversation.clear();
            } else if (!line.isBlank()) {
                turn(inference, conversation, line);
            }
        }
    }

    /** One turn; a refused one (too long a conversation, say) is told and taken back, and the conversation goes on. */
    private void turn(Inference inference, List<Prompt.Message> conversation, String line) {
        conversation.add(new Prompt.Message("user", line));
        try {
            conversation.add(new Prompt.Message("assistant", answer(inference, conversation)));
        } catch (InferenceException e) {
            conversation.removeLast();
            spec.commandLine().getErr().println(ErrorText.reason(e) + " (/clear begins anew)");
            spec.commandLine().getErr().flush();
        }
    }

    private String answer(Inference inference, List<Prompt.Message> conversation) {
        List<Prompt.Message> messages = new ArrayList<>(conversation);
        String instructions = system;
        if (instructions != null) {
            messages.addFirst(new Prompt.Message("system", instructions));
        }
        Sampling sampling = new Sampling(temperature, temperature == 0 ? 1 : 0.95, 0, 0, 0, 0, 1, seed, Map.of());
        CompletionRequest request = CompletionRequest.of(new Prompt.Conversation(messages), "terminal")
                .maxTokens(maxTokens)
                .sampling(sampling)
                .build();
        StringBuilder text = new StringBuilder();
        var out = spec.commandLine().getOut();
        for (CompletionChunk chunk : inference.complete(request).toIterable()) {
            if (chunk instanceof CompletionChunk.Delta delta) {
                text.append(delta.text());
                out.print(delta.text());
                out.flush();
            }
        }
        out.println();
        out.flush();
        return text.toString();
    }
}
