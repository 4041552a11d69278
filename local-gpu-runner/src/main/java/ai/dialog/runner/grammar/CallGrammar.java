package ai.dialog.runner.grammar;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** From {@link Calls} to a grammar, and to what reads the text that it holds. */
final class CallGrammar {

    private final Calls calls;
    private final GrammarBuilder grammar = new GrammarBuilder();
    private final JsonText json = new JsonText(grammar);
    private final Effort effort;
    private final Literal open;
    private final Literal middle;
    private final @Nullable Literal separator;
    private final Literal close;
    private final byte[] markerBytes;
    private @Nullable Integer lastName;

    CallGrammar(Calls calls, Vocabulary vocabulary, LongSupplier nanoTime) {
        this.calls = calls;
        this.effort = new Effort(nanoTime);
        CallForm form = calls.form();
        this.markerBytes = vocabulary.spell(form.marker());
        this.open = new Literal(vocabulary, calls.required() ? form.marker() + form.open() : form.open());
        this.middle = new Literal(vocabulary, form.middle());
        String between = form.separator();
        this.separator = calls.repeated() && between != null ? new Literal(vocabulary, between) : null;
        this.close = new Literal(vocabulary, form.close());
    }

    /** Reads the calls of one text; where there may be other text, from behind the marker on. */
    CallReader reader() {
        return new CallReader(calls.required() ? 0 : FreeText.textLength(markerBytes), open, middle, separator);
    }

    /**
     * The grammar.
     *
     * @throws GrammarException if a schema that must be kept cannot be, or all is too large
     */
    Grammar grammar() {
        Rule root = grammar.rule();
        int entry = calls.required() ? root.start() : before(root);
        calls(entry, root.end());
        grammar.regions().calls(entry, entry + 1);
        return grammar.build(root);
    }

    /** Whether arguments are any object because there was no time for their schema: the next time there may be. */
    boolean isCutByTime() {
        return effort.isCutByTime();
    }

    /** The node at which the name of a call begins behind which there is no other; null where there can be no second call. */
    @Nullable
    Integer lastName() {
        return lastName;
    }

    /** First all that is around arguments, for which there must be room; then these, each as far as there is any. */
    private void calls(int from, int end) {
        int first = grammar.mark().nodes();
        int name = open.draw(grammar, from);
        var places = new ArrayList<Around>();
        Around around = around(name, end);
        places.add(around);
        if (separator != null) {
            grammar.skip(separator.draw(grammar, around.after()), name);
            lastName = grammar.node();
            places.add(around(lastName, end));
        }
        grammar.regions().calls(first, grammar.mark().nodes());
        Map<Calls.Function, Rule> drawn = new LinkedHashMap<>();
        calls.functions().forEach(function -> drawn.put(function, arguments(function, places.size())));
        int[] least = grammar.leastDepths();
        drawn.forEach((function, rule) -> {
            Rule arguments = possible(function, rule, least);
            places.forEach(place -> grammar.call(place.before(function), arguments, place.after()));
        });
    }

    /** What is drawn around the arguments of a call: where those of each function begin, and where all of them end. */
    private record Around(Map<Calls.Function, Integer> begins, int after) {
        int before(Calls.Function function) {
            return Objects.requireNonNull(begins.get(function));
        }
    }

    private Around around(int name, int end) {
        int after = grammar.node();
        Map<Calls.Function, Integer> begins = new HashMap<>();
        for (Calls.Function function : calls.functions()) {
            int at = grammar.text(name, function.name().getBytes(StandardCharsets.US_ASCII));
            begins.put(function, middle.draw(grammar, at));
        }
        grammar.skip(close.draw(grammar, after), end);
        return new Around(begins, after);
    }

    /** Draws what may be written before calls or instead of them, and gives where the calls begin. */
    private int before(Rule root) {
        int entry = grammar.node();
        String schema = calls.text();
        if (schema != null) {
            form(root, schema, entry);
        } else {
            new FreeText(grammar, markerBytes, entry, root.end())
                    .draw(root.start(), calls.form().anywhere());
        }
        return entry;
    }

    /** Text in a form, or calls: which of them, the first bytes show. */
    private void form(Rule root, String schema, int entry) {
        if (!calls.form().anywhere()) {
            throw new GrammarException(
                    "this model writes calls as JSON, which could not be told from an answer in a form; set 'tool_choice' to \"required\" or \"none\".");
        }
        Rule text = SchemaCompiler.draw(SchemaText.read(schema), grammar, json, effort);
        int end = grammar.node();
        grammar.call(root.start(), text, end);
        grammar.skip(end, root.end());
        int at = root.start();
        for (int i = 0; i < markerBytes.length; i++) {
            int next = i + 1 == markerBytes.length ? entry : grammar.node();
            grammar.bytes(at, markerBytes[i] & 0xff, markerBytes[i] & 0xff, next);
            if (next != entry) {
                grammar.regions().held(next, FreeText.textLength(Arrays.copyOf(markerBytes, i + 1)));
            }
            at = next;
        }
    }

    /** The rule of a function's arguments, if any can satisfy it; a call's own is one level of depth. */
    private Rule possible(Calls.Function function, Rule rule, int[] least) {
        if (least[rule.start()] < Grammar.MAX_DEPTH) {
            return rule;
        }
        if (function.strict()) {
            throw refused(function, GrammarBuilder.noValue());
        }
        return json.object();
    }

    private static GrammarException refused(Calls.Function function, GrammarException why) {
        return new GrammarException("the parameters of '%s': %s".formatted(function.name(), why.getMessage()));
    }

    private Rule arguments(Calls.Function function, int places) {
        var before = grammar.mark();
        try {
            Rule rule = SchemaCompiler.draw(object(SchemaText.read(function.parameters())), grammar, json, effort);
            grammar.leave(calls.functions().size() * places);
            return rule;
        } catch (GrammarException e) {
            if (function.strict()) {
                throw refused(function, e);
            }
            grammar.back(before);
            return json.object();
        }
    }

    /** Arguments are an object, whatever else their schema says. */
    private static JsonNode object(JsonNode schema) {
        JsonNode type = schema.path("type");
        boolean isObject = schema.isObject()
                && (type.isMissingNode() || SchemaMerge.names(type).contains("object"));
        if (!isObject) {
            throw new GrammarException("the schema must be that of an object.");
        }
        return ((ObjectNode) schema.deepCopy()).put("type", "object");
    }
}
