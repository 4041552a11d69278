package ai.dialog.runner.grammar;

import ai.dialog.model.tokenizer.Tokenizer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The grammars for one vocabulary: made when a schema is first asked for, the last ones kept. Thread-safe. */
public final class Grammars {

    /** Grammars kept. */
    private static final int KEPT = 32;

    /** States of all grammars kept, of about 100 bytes each. */
    private static final int KEPT_SIZE = 400_000;

    private final Vocabulary vocabulary;
    private final LongSupplier nanoTime;
    private final Compiled anyObject;
    private final Map<Object, Compiled> grammars = new LinkedHashMap<>(16, 0.75f, true);
    private int size;

    /**
     * For a tokenizer.
     *
     * @param scores how many ids have scores
     */
    public Grammars(Tokenizer tokenizer, int scores) {
        this(tokenizer, scores, System::nanoTime);
    }

    /** With a clock of one's own for how long schemas take. */
    Grammars(Tokenizer tokenizer, int scores, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.vocabulary = new Vocabulary(tokenizer, scores);
        var grammar = new GrammarBuilder();
        this.anyObject = new Compiled(grammar.build(new JsonText(grammar).object()), new TokenMasks(vocabulary), null);
    }

    /** A grammar and what is known of the tokens that may follow in it; what drew its calls, if it has any. */
    private record Compiled(
            Grammar grammar, TokenMasks masks, @Nullable CallGrammar calls) {
        TokenConstraint constraint() {
            if (calls == null) {
                return new TokenConstraint(masks, grammar.start(), null, null);
            }
            Integer last = calls.lastName();
            return new TokenConstraint(
                    masks, grammar.start(), calls.reader(), last == null ? null : () -> grammar.startAt(last));
        }

        boolean isCutByTime() {
            return calls != null && calls.isCutByTime();
        }

        int size() {
            return grammar.size();
        }
    }

    /** Any JSON object, as often as it is asked for. */
    public Supplier<TokenConstraint> anyObject() {
        return anyObject::constraint;
    }

    /**
     * What satisfies a JSON Schema, as often as it is asked for.
     *
     * @param schema as JSON; the order of its properties is that of the text
     * @throws GrammarException if it is no schema, has what is not supported, or is too large
     */
    public Supplier<TokenConstraint> schema(String schema) {
        return kept(schema, () -> schemaGrammar(schema))::constraint;
    }

    private Compiled schemaGrammar(String schema) {
        var grammar = new GrammarBuilder();
        Rule rule = SchemaCompiler.draw(SchemaText.read(schema), grammar, new JsonText(grammar), new Effort(nanoTime));
        return new Compiled(grammar.build(rule), new TokenMasks(vocabulary), null);
    }

    /**
     * Calls of functions, as often as they are asked for.
     *
     * @throws GrammarException if a schema that must be kept cannot be, or all is too large
     */
    public Supplier<TokenConstraint> calls(Calls calls) {
        return kept(calls, () -> callGrammar(calls))::constraint;
    }

    private Compiled callGrammar(Calls calls) {
        var grammar = new CallGrammar(calls, vocabulary, nanoTime);
        boolean any = !calls.functions().isEmpty();
        return new Compiled(grammar.grammar(), new TokenMasks(vocabulary), any ? grammar : null);
    }

    private Compiled kept(Object of, Supplier<Compiled> maker) {
        synchronized (grammars) {
            Compiled known = grammars.get(of);
            if (known != null) {
                return known;
            }
        }
        var made = maker.get();
        if (!made.isCutByTime()) {
            keep(of, made);
        }
        return made;
    }

    private void keep(Object of, Compiled made) {
        synchronized (grammars) {
            var before = grammars.put(of, made);
            size += made.size() - (before == null ? 0 : before.size());
            var eldest = grammars.values().iterator();
            while (grammars.size() > KEPT || (size > KEPT_SIZE && grammars.size() > 1)) {
                size -= eldest.next().size();
                eldest.remove();
            }
        }
    }
}
