package ai.dialog.functions.inference;

/** Whether the model may, must or must not call tools. */
public sealed interface ToolChoice {

    /** It answers in text. */
    ToolChoice NONE = new None();

    /** It decides. */
    ToolChoice AUTO = new Auto();

    /** It calls one at least, whichever. */
    ToolChoice REQUIRED = new Required();

    /** It answers in text. */
    record None() implements ToolChoice {}

    /** It decides. */
    record Auto() implements ToolChoice {}

    /** It calls one at least, whichever. */
    record Required() implements ToolChoice {}

    /**
     * It calls this one.
     *
     * @param name of one of the request's tools
     */
    record Named(String name) implements ToolChoice {
        /** Without what the caller wrote, so that no log has it. */
        @Override
        public String toString() {
            return "Named[" + name.length() + " characters]";
        }
    }
}
