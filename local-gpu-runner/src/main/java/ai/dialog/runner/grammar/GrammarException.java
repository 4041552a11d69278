package ai.dialog.runner.grammar;

import java.io.Serial;

/** A schema that no grammar can be made of, or only one that would be too large; the message is fit for the caller. */
public final class GrammarException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    /** No stack trace: it is the caller's schema, and a flood of them must stay cheap. */
    public GrammarException(String message) {
        super(message, null, false, false);
    }

    /**
     * Something at a place of the schema.
     *
     * @param pointer a JSON pointer, empty for the whole schema
     */
    static GrammarException at(String pointer, String what) {
        return new GrammarException("the schema at '%s': %s".formatted(pointer.isEmpty() ? "/" : pointer, what));
    }
}
