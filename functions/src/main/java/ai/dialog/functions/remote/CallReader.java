package ai.dialog.functions.remote;

import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.InferenceException;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The calls of tools in one choice of a streamed answer. Servers differ: some send no index or always the same, some no id, some
 * repeat id and name in every piece; here the first piece of a call has them and no other. Not safe for use by several
 * threads at once.
 */
final class CallReader {

    /** More than any model makes; OpenAI's bound of tools. */
    private static final int MAX_CALLS = 128;

    /** The longest id that a message may name a call by, and the longest name. */
    private static final int MAX_WORD = 256;

    private final int choice;
    private int calls;

    /** The last call as the server has it: its index, its id and its name, null where none was sent. */
    private int index = -1;

    private @Nullable String id;
    private @Nullable String name;

    /** Over the last call's arguments so far. */
    private JsonObjectEnd end = new JsonObjectEnd();

    CallReader(int choice) {
        this.choice = choice;
    }

    /** Whether a call has begun. */
    boolean any() {
        return calls > 0;
    }

    /** The pieces that a delta holds. */
    void read(JsonNode delta, List<CompletionChunk> chunks) {
        for (JsonNode piece : delta.path("tool_calls")) {
            JsonNode function = piece.path("function");
            String arguments = arguments(function.path("arguments"));
            String itsId = word(piece.path("id"));
            String itsName = word(function.path("name"));
            JsonNode told = piece.path("index");
            if (told.isNumber() ? begins(told, itsId, itsName, arguments) : begins(itsId, itsName)) {
                chunks.add(begin(itsId, itsName, arguments));
            } else if (!arguments.isEmpty()) {
                chunks.add(new CompletionChunk.ToolCallDelta(choice, calls - 1, null, null, arguments, 1));
            }
            end.read(arguments);
        }
    }

    /** Whether a piece that has an index begins a call. */
    private boolean begins(JsonNode told, @Nullable String itsId, @Nullable String itsName, String arguments) {
        int itsIndex = told.asInt(-1);
        if (itsIndex < 0 || itsIndex < index || itsIndex > index + 1) {
            throw outOfOrder();
        }
        boolean next = itsIndex > index;
        index = itsIndex;
        return next || another(itsId, itsName, arguments);
    }

    /**
     * Whether a piece with the last call's index is another call all the same, of a server that gives each the same index.
     * An id alone does not tell: older versions of vLLM send a new one with each piece of a call that was asked for by name,
     * and at its end an empty piece. There, name and arguments go on.
     */
    private boolean another(@Nullable String itsId, @Nullable String itsName, String arguments) {
        if (itsName == null || itsId == null || itsId.equals(id)) {
            return false;
        }
        return !itsName.equals(name) || (end.reached() && !arguments.isBlank());
    }

    /** Whether a piece without an index begins a call: one with a name does, unless its id is the last call's. */
    private boolean begins(@Nullable String itsId, @Nullable String itsName) {
        if (itsName == null || (itsId != null && itsId.equals(id))) {
            if (calls == 0) {
                throw outOfOrder();
            }
            return false;
        }
        index++;
        return true;
    }

    private CompletionChunk begin(@Nullable String itsId, @Nullable String itsName, String arguments) {
        if (itsName == null || calls == MAX_CALLS) {
            throw UpstreamFault.internal(
                    itsName == null
                            ? "The model server sent a call of a tool without a name."
                            : "The model server sent more than %d calls of tools.".formatted(MAX_CALLS));
        }
        id = itsId;
        name = itsName;
        end = new JsonObjectEnd();
        return new CompletionChunk.ToolCallDelta(
                choice,
                calls++,
                itsId != null ? itsId : "call_" + UUID.randomUUID().toString().replace("-", ""),
                itsName,
                arguments,
                1);
    }

    private static InferenceException outOfOrder() {
        return UpstreamFault.internal("The model server sent calls of tools out of their order.");
    }

    private static @Nullable String word(JsonNode node) {
        boolean good = node.isString()
                && !node.stringValue().isEmpty()
                && node.stringValue().length() <= MAX_WORD;
        return good ? node.stringValue() : null;
    }

    /** JSON text; of a server that sends JSON itself, that. */
    private static String arguments(JsonNode node) {
        return node.isString() ? node.stringValue() : node.isObject() ? node.toString() : "";
    }
}
