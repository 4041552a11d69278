package ai.dialog.runner.grammar;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** From {@link Calls} to a grammar, and to what reads the text that it holds. */
final class CallGrammar {

    private final Calls calls;
    private final GrammarBuilder grammar = new GrammarBuilder();
    private final JsonText json = new JsonText(grammar);
    private final Effort effort = new Effort();
    private final Literal open;
    private final Literal middle;
    private final @Nullable Literal separator;
    private final Literal close;
    private final byte[] markerBytes;

    CallGrammar(Calls calls, Vocabulary vocabulary) {
        this.calls = calls;
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

    /** First all that is around arguments, for which there must be room; then these, each as far as there is any. */
    private void calls(int from, int end) {
        int first = grammar.mark().nodes();
        int name = open.draw(grammar, from);
        int after = grammar.node();
        Map<Calls.Function, Integer> named = new LinkedHashMap<>();
        for (Calls.Function function : calls.functions()) {
            int at = grammar.text(name, function.name().getBytes(StandardCharsets.US_ASCII));
            named.put(function, middle.draw(grammar, at));
        }
        if (separator != null) {
            grammar.skip(separator.draw(grammar, after), name);
        }
        grammar.skip(close.draw(grammar, after), end);
        grammar.regions().calls(first, grammar.mark().nodes());
        named.forEach((function, at) -> grammar.call(at, arguments(function), after));
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
                grammar.regions().held(next, i + 1);
            }
            at = next;
        }
    }

    private Rule arguments(Calls.Function function) {
        var before = grammar.mark();
        try {
            Rule rule = SchemaCompiler.draw(object(SchemaText.read(function.parameters())), grammar, json, effort);
            grammar.leave(calls.functions().size());
            return rule;
        } catch (GrammarException e) {
            if (function.strict()) {
                throw new GrammarException("the parameters of '%s': %s".formatted(function.name(), e.getMessage()));
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
