package ai.dialog.runner.cli;

import ai.dialog.model.LanguageModel;
import ai.dialog.model.Precision;
import ai.dialog.model.source.TerminalProgress;
import ai.dialog.runner.measure.Comparison;
import ai.dialog.runner.measure.Scoring;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code model score}: how likely a text is to the model. */
@Command(
        name = "score",
        description = {
            "Scores a text as it is, no special tokens added: the log probability of each token given those before it, and"
                    + " the perplexity.",
            "A text longer than the context is scored in windows that overlap by half."
        },
        mixinStandardHelpOptions = true)
final class ModelScoreCommand implements Callable<Integer> {

    /** More text than this takes hours on a laptop and gigabytes of answers. */
    private static final long LONGEST_TEXT_BYTES = 16L << 20;

    @Mixin
    private ModelOptions options = new ModelOptions();

    @Option(names = "--text-file", required = true, paramLabel = "FILE", description = "The text, in UTF-8.")
    @SuppressWarnings("NullAway.Init") // required: picocli sets it
    private Path textFile;

    @Option(
            names = "--compare",
            paramLabel = "PRECISION",
            description =
                    "Load the model in this precision too, and print how far the scores are from it instead: mean divergence,"
                            + " share of the same first choices, and both perplexities.")
    @Nullable
    private String compare;

    @Option(
            names = "--json",
            description = "Print {\"tokens\":[{\"id\",\"text\",\"logprob\"},…],\"perplexity\"}; with --compare"
                    + " {\"precision\",\"reference\",\"positions\",\"divergence\",\"sameFirst\",\"perplexity\","
                    + "\"referencePerplexity\"}.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() {
        Precision reference = compare == null ? null : ModelOptions.precision("--compare", compare);
        String text = read();
        try (TerminalProgress progress = ModelOptions.progress();
                LanguageModel model = options.load(1, progress)) {
            int tokens = model.tokenizer().encode(text, true).length;
            String answer;
            try {
                if (reference == null) {
                    progress.update("Scoring " + tokens + " tokens", 0, -1);
                    answer = score(model, text);
                } else {
                    answer = compare(model, reference, text, tokens, progress);
                }
            } catch (IllegalArgumentException e) {
                throw new CliException(ExitCodes.FAILED, textFile + ": " + ErrorText.reason(e));
            }
            spec.commandLine().getOut().println(answer);
        }
        return ExitCodes.OK;
    }

    private String score(LanguageModel model, String text) {
        Scoring.Score score = Scoring.score(model, text);
        return json ? Json.line(score) : table(score);
    }

    private String compare(
            LanguageModel model, Precision precision, String text, int tokens, TerminalProgress progress) {
        try (LanguageModel reference = options.load(precision, 1, Long.MAX_VALUE, progress)) {
            progress.update("Scoring " + tokens + " tokens twice", 0, -1);
            Comparison comparison = Comparison.of(model, reference, text);
            return json ? Json.line(comparison) : lines(comparison);
        }
    }

    private String read() {
        try {
            long size = Files.size(textFile);
            if (size > LONGEST_TEXT_BYTES) {
                throw new CliException(
                        ExitCodes.FAILED,
                        textFile + " has " + size + " bytes; at most " + LONGEST_TEXT_BYTES + " are scored");
            }
            return Files.readString(textFile);
        } catch (CharacterCodingException e) {
            throw new CliException(ExitCodes.FAILED, textFile + " is not UTF-8 text");
        } catch (IOException e) {
            throw new CliException(ExitCodes.FAILED, "cannot read the text: " + ErrorText.reason(e));
        }
    }

    private static String lines(Comparison comparison) {
        return String.format(
                Locale.ROOT,
                "%s against %s, %d tokens%n%-18s %.5f%n%-18s %.1f %%%n%-18s %.4f, %s %.4f (%+.2f %%)",
                comparison.precision(),
                comparison.reference(),
                comparison.positions(),
                "divergence",
                comparison.divergence(),
                "same first choice",
                100 * comparison.sameFirst(),
                "perplexity",
                comparison.perplexity(),
                comparison.reference(),
                comparison.referencePerplexity(),
                100 * (comparison.perplexity() / comparison.referencePerplexity() - 1));
    }

    private static String table(Scoring.Score score) {
        StringBuilder text = new StringBuilder();
        for (Scoring.ScoredToken token : score.tokens()) {
            Double logprob = token.logprob();
            String shown =
                    token.text().replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r");
            String value = logprob == null ? "-" : String.format(Locale.ROOT, "%.4f", logprob);
            text.append(String.format(Locale.ROOT, "%10s  %6d  %s%n", value, token.id(), shown));
        }
        Double perplexity = score.perplexity();
        return text + "perplexity " + (perplexity == null ? "-" : String.format(Locale.ROOT, "%.4f", perplexity));
    }
}
