package ai.dialog.runner.scheduler;

import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.ResponseFormat;
import ai.dialog.model.tokenizer.Tokenizer;
import ai.dialog.runner.grammar.GrammarException;
import ai.dialog.runner.grammar.Grammars;
import ai.dialog.runner.grammar.TokenConstraint;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The forms that answers can be held to. Thread-safe; what it needs is made when a form is first asked for. */
final class AnswerForms {

    private final Tokenizer tokenizer;
    private final int vocabularySize;
    private @Nullable Grammars grammars;

    AnswerForms(Tokenizer tokenizer, int vocabularySize) {
        this.tokenizer = tokenizer;
        this.vocabularySize = vocabularySize;
    }

    /**
     * What holds a choice's text to a form; null for any text.
     *
     * @throws InferenceException if the form is a schema that cannot be kept
     */
    @Nullable
    Supplier<TokenConstraint> of(ResponseFormat format) {
        return switch (format) {
            case ResponseFormat.Text text -> null;
            case ResponseFormat.JsonObject object -> grammars().anyObject();
            case ResponseFormat.JsonSchema schema -> schema(schema.schema());
        };
    }

    private Supplier<TokenConstraint> schema(String schema) {
        try {
            return grammars().schema(schema);
        } catch (GrammarException e) {
            throw new InferenceException(
                    InferenceException.Kind.INVALID_REQUEST,
                    "Invalid value for 'response_format': " + e.getMessage(),
                    "response_format",
                    null,
                    e);
        }
    }

    private synchronized Grammars grammars() {
        if (grammars == null) {
            grammars = new Grammars(tokenizer, vocabularySize);
        }
        return grammars;
    }
}
