package ai.dialog.functions.inference;

/** Why a choice ended. */
public enum FinishReason {
    /** The model ended it, or a stop string came. */
    STOP("stop"),
    /** The token limit, the context or the deadline was reached. */
    LENGTH("length"),
    /** The answer ended with calls of tools, all of them whole. */
    TOOL_CALLS("tool_calls");

    private final String wire;

    FinishReason(String wire) {
        this.wire = wire;
    }

    /** OpenAI's name for it. */
    public String wire() {
        return wire;
    }
}
