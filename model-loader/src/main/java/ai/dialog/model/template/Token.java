package ai.dialog.model.template;

/**
 * One token of a template.
 *
 * @param kind what it is
 * @param text its source, or for text and strings its content
 * @param value the value of a literal, else {@link None#NONE}
 * @param line where it begins, from 1
 */
record Token(Kind kind, String text, Object value, int line) {

    /** The kinds of tokens. */
    enum Kind {
        DATA("text"),
        VARIABLE_BEGIN("{{"),
        VARIABLE_END("}}"),
        BLOCK_BEGIN("{%"),
        BLOCK_END("%}"),
        NAME("name"),
        STRING("string"),
        INTEGER("integer"),
        FLOAT("float"),
        OPERATOR("operator"),
        END("end of template");

        private final String description;

        Kind(String description) {
            this.description = description;
        }
    }

    boolean is(Kind other) {
        return kind == other;
    }

    boolean isOperator(String operator) {
        return kind == Kind.OPERATOR && text.equals(operator);
    }

    boolean isName(String name) {
        return kind == Kind.NAME && text.equals(name);
    }

    String describe() {
        return kind == Kind.NAME || kind == Kind.OPERATOR ? text : kind.description;
    }
}
