package ai.dialog.runner.scheduler;

import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.ResponseFormat;
import ai.dialog.functions.inference.Tool;
import ai.dialog.functions.inference.ToolChoice;
import ai.dialog.functions.inference.ToolUse;
import ai.dialog.model.tokenizer.Tokenizer;
import ai.dialog.runner.grammar.CallForm;
import ai.dialog.runner.grammar.Calls;
import ai.dialog.runner.grammar.GrammarException;
import ai.dialog.runner.grammar.Grammars;
import ai.dialog.runner.grammar.TokenConstraint;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The forms that answers can be held to. Thread-safe; what it needs is made when a form is first asked for. */
final class AnswerForms {

    private final Tokenizer tokenizer;
    private final int vocabularySize;
    private final ConversationText conversations;
    private @Nullable Grammars grammars;

    AnswerForms(Tokenizer tokenizer, int vocabularySize, ConversationText conversations) {
        this.tokenizer = tokenizer;
        this.vocabularySize = vocabularySize;
        this.conversations = conversations;
    }

    /**
     * What holds a choice's text to a form; null for any text.
     *
     * @throws InferenceException if the form has a schema that cannot be kept
     */
    @Nullable
    Supplier<TokenConstraint> of(CompletionRequest request) {
        ToolUse use = request.tools();
        // before the calls, which may have it in their grammar: what is wrong with it is then not said of the tools
        Supplier<TokenConstraint> text = kept("response_format", () -> text(request.format()));
        if (use.callable()) {
            return kept("tools", () -> calls(use, request.format()));
        }
        boolean tempted = !use.tools().isEmpty() && request.format() instanceof ResponseFormat.Text;
        return tempted ? noCalls() : text;
    }

    private static @Nullable Supplier<TokenConstraint> kept(
            String param, Supplier<@Nullable Supplier<TokenConstraint>> form) {
        try {
            return form.get();
        } catch (GrammarException e) {
            throw new InferenceException(
                    InferenceException.Kind.INVALID_REQUEST,
                    "Invalid value for '%s': %s".formatted(param, e.getMessage()),
                    param,
                    null,
                    e);
        }
    }

    private @Nullable Supplier<TokenConstraint> text(ResponseFormat format) {
        return switch (format) {
            case ResponseFormat.Text text -> null;
            case ResponseFormat.JsonObject object -> grammars().anyObject();
            case ResponseFormat.JsonSchema schema -> grammars().schema(schema.schema());
        };
    }

    /** Any text but what begins calls, which a model that is told of tools may be about to write. */
    private @Nullable Supplier<TokenConstraint> noCalls() {
        CallForm form = conversations.tools().form();
        // an object that begins as a call does may well be an answer
        return form == null || !form.anywhere()
                ? null
                : grammars().calls(new Calls(form, List.of(), false, false, null));
    }

    private Supplier<TokenConstraint> calls(ToolUse use, ResponseFormat format) {
        CallForm form = conversations.tools().form();
        if (form == null) {
            throw new GrammarException("this model's chat template has no form for calls.");
        }
        List<Tool> tools = use.choice() instanceof ToolChoice.Named named
                ? use.tools().stream()
                        .filter(tool -> tool.name().equals(named.name()))
                        .toList()
                : use.tools();
        boolean auto = use.choice() instanceof ToolChoice.Auto;
        boolean several = use.parallel() && !(use.choice() instanceof ToolChoice.Named);
        return grammars()
                .calls(new Calls(
                        form,
                        tools.stream()
                                .map(tool -> new Calls.Function(tool.name(), tool.parameters(), tool.strict()))
                                .toList(),
                        !auto,
                        several,
                        auto ? schemaOf(format) : null));
    }

    private static @Nullable String schemaOf(ResponseFormat format) {
        return switch (format) {
            case ResponseFormat.Text text -> null;
            case ResponseFormat.JsonObject object -> "{\"type\":\"object\"}";
            case ResponseFormat.JsonSchema schema -> schema.schema();
        };
    }

    private synchronized Grammars grammars() {
        if (grammars == null) {
            grammars = new Grammars(tokenizer, vocabularySize);
        }
        return grammars;
    }
}
