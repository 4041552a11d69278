package ai.dialog.runner.cli;

import ai.dialog.model.LanguageModel;
import ai.dialog.model.Progress;
import ai.dialog.model.source.TerminalProgress;
import ai.dialog.runner.measure.Benchmark;
import java.io.PrintWriter;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bench}: how fast the model runs on this machine. */
@Command(
        name = "bench",
        description = {
            "Measures prefill at 128 and 512 tokens, decode at 1 to 32 rows (context 256), memory and load time.",
            "Figures are tokens a second, medians; keep the machine quiet meanwhile."
        },
        mixinStandardHelpOptions = true)
final class BenchCommand implements Callable<Integer> {

    @Mixin
    private ModelOptions options = new ModelOptions();

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        int rows = Collections.max(Benchmark.ROWS);
        try (TerminalProgress progress = ModelOptions.progress()) {
            options.load(rows, progress).close(); // a download and the conversion are no part of the load time
        }
        long start = System.nanoTime();
        try (LanguageModel model = options.load(rows, Progress.SILENT)) {
            double loaded = (System.nanoTime() - start) / 1e9;
            int needed = Collections.max(Benchmark.PREFILL);
            if (model.contextLength() < needed) {
                throw new CliException(
                        ExitCodes.FAILED,
                        "the context is " + model.contextLength() + " tokens; the benchmark needs " + needed);
            }
            Benchmark.Result result = new Benchmark(model, what -> {
                        err.println("measuring " + what + " ...");
                        err.flush();
                    })
                    .run(loaded);
            out.println(json ? Json.line(result) : table(model, result));
        }
        return ExitCodes.OK;
    }

    private static String table(LanguageModel model, Benchmark.Result result) {
        StringBuilder text = new StringBuilder();
        text.append(model.info().id()).append(", ").append(result.precision()).append(" on ");
        text.append(model.info().device()).append(System.lineSeparator());
        for (Map.Entry<String, Double> entry : result.prefill().entrySet()) {
            text.append(String.format(
                    Locale.ROOT, "prefill %4s tokens  %8.1f tokens/s%n", entry.getKey(), entry.getValue()));
        }
        for (Map.Entry<String, Double> entry : result.decode().entrySet()) {
            text.append(String.format(
                    Locale.ROOT, "decode  %4s rows    %8.1f tokens/s%n", entry.getKey(), entry.getValue()));
        }
        text.append(String.format(Locale.ROOT, "memory %d MiB, loaded in %.2f s", result.rssMib(), result.loadS()));
        return text.toString();
    }
}
