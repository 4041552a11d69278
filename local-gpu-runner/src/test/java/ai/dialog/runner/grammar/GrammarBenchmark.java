package ai.dialog.runner.grammar;

import ai.dialog.model.Progress;
import ai.dialog.model.checkpoint.Checkpoints;
import ai.dialog.model.source.DefaultModel;
import ai.dialog.model.source.ModelStore;
import ai.dialog.model.tokenizer.Tokenizer;
import ai.dialog.model.tokenizer.Tokenizers;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * What a form costs each token, with the default model's vocabulary: a text is written twice, so that the first time its states
 * are new and the second time known. Run by {@code bench/grammar.sh}.
 */
public final class GrammarBenchmark {

    private static final int WARM_UP = 30;
    private static final int ROUNDS = 20;

    private static final String SCHEMA = """
            {"type": "object",
             "properties": {
               "steps": {"type": "array", "items": {
                 "type": "object",
                 "properties": {"explanation": {"type": "string"}, "output": {"type": "string"}},
                 "required": ["explanation", "output"], "additionalProperties": false}},
               "final_answer": {"type": "string"}},
             "required": ["steps", "final_answer"], "additionalProperties": false}""";

    private static final String TEXT = """
            {"steps": [{"explanation": "Move the 7 to the other side, as is usual.", "output": "8x = -30"},
             {"explanation": "Divide both by \\"8\\".", "output": "x = -3.75"}], "final_answer": "x = -3.75"}""";

    private static final String PROSE =
            "Of what may be called here nothing is of use: 3 < 4, and that can be said without it. ".repeat(4);

    private GrammarBenchmark() {}

    /** Prints a table. */
    public static void main(String[] args) {
        var file = DefaultModel.fetch(ModelStore.standard(), Progress.SILENT);
        try (var checkpoint = Checkpoints.open(file);
                Tokenizer tokenizer = Tokenizers.of(checkpoint)) {
            int size = checkpoint.config().vocabularySize();
            var tree = new ArrayList<Long>();
            var compiling = new ArrayList<Long>();
            var fresh = new ArrayList<Long>();
            var known = new ArrayList<Long>();
            var calls = new ArrayList<Long>();
            var prose = new ArrayList<Long>();
            for (int round = -WARM_UP; round < ROUNDS; round++) {
                if (round == 0) {
                    List.of(tree, compiling, fresh, known, calls, prose).forEach(List::clear);
                }
                long begin = System.nanoTime();
                var grammars = new Grammars(tokenizer, size);
                tree.add(System.nanoTime() - begin);
                begin = System.nanoTime();
                var form = grammars.schema(SCHEMA);
                compiling.add(System.nanoTime() - begin);
                int[] tokens = tokenizer.encode(TEXT, false);
                write(form.get(), tokens, size, fresh);
                write(form.get(), tokens, size, known);
                begin = System.nanoTime();
                var functions = List.of(new Calls.Function("f", SCHEMA, true), new Calls.Function("g", SCHEMA, true));
                var mayCall = grammars.calls(new Calls(CallGrammarTest.TAGS, functions, false, true, null));
                calls.add(System.nanoTime() - begin);
                write(mayCall.get(), tokenizer.encode(PROSE, false), size, prose);
            }
            System.out.printf(
                    Locale.ROOT,
                    "| %d tokens of %d, µs | median | p99 | most |%n|---|---|---|---|%n",
                    tokenizer.encode(TEXT, false).length,
                    size);
            print("a token, its state new", fresh);
            print("a token, its state known", known);
            print("the grammar of the schema", compiling);
            print("a token of text where calls may follow", prose);
            print("the grammar of calls of two functions with that schema", calls);
            print("the tree of the vocabulary, once", tree);
        }
    }

    private static void write(TokenConstraint constraint, int[] tokens, int size, List<Long> times) {
        var scores = new float[size];
        for (int token : tokens) {
            long begin = System.nanoTime();
            if (constraint.restricts()) {
                constraint.apply(scores);
            }
            constraint.add(token);
            times.add(System.nanoTime() - begin);
        }
    }

    private static void print(String what, List<Long> nanos) {
        Collections.sort(nanos);
        System.out.printf(
                Locale.ROOT,
                "| %s | %.0f | %.0f | %.0f |%n",
                what,
                nanos.get(nanos.size() / 2) / 1e3,
                nanos.get(nanos.size() * 99 / 100) / 1e3,
                nanos.getLast() / 1e3);
    }
}
