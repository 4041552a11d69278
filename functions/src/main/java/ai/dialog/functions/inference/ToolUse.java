package ai.dialog.functions.inference;

import java.util.List;

/**
 * The tools that a conversation has, and what the model may do with them.
 *
 * @param tools in the caller's order, names unique; they stand in the prompt whatever the choice is
 * @param choice {@link ToolChoice#NONE} where there are no tools
 * @param parallel whether one answer may have several calls
 */
public record ToolUse(List<Tool> tools, ToolChoice choice, boolean parallel) {

    /** A conversation without tools. */
    public static final ToolUse NOTHING = new ToolUse(List.of(), ToolChoice.NONE, true);

    public ToolUse {
        tools = List.copyOf(tools);
    }

    /** Whether an answer may have calls. */
    public boolean callable() {
        return !(choice instanceof ToolChoice.None);
    }
}
