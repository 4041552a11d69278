package ai.dialog.functions.inference;

/**
 * A call of a tool in an earlier turn of a conversation.
 *
 * @param id what the tool's answer names it by
 * @param name the tool's
 * @param arguments JSON text, as the caller sent it: nobody has checked that it is JSON
 */
public record ToolCall(String id, String name, String arguments) {
    /** Without what was said, so that no log has it. */
    @Override
    public String toString() {
        return "ToolCall[" + arguments.length() + " characters of arguments]";
    }
}
