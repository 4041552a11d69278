package ai.dialog.functions.remote;

import ai.dialog.functions.inference.CompletionChunk;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The calls of tools in one choice of a streamed answer. Servers differ: vLLM sends name and arguments together where the call
 * was asked for by name, and some repeat id and name in every piece; here the first piece of a call has them and no other.
 * Not safe for use by several threads at once.
 */
final class CallReader {

    /** More than any model makes; OpenAI's bound of tools. */
    private static final int MAX_CALLS = 128;

    /** The longest id that a message may name a call by, and the longest name. */
    private static final int MAX_WORD = 256;

    private final int choice;
    private int calls;

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
            if (index(piece, function) == calls) {
                chunks.add(begin(piece, function, arguments));
            } else if (!arguments.isEmpty()) {
                chunks.add(new CompletionChunk.ToolCallDelta(choice, calls - 1, null, null, arguments, 1));
            }
        }
    }

    private CompletionChunk begin(JsonNode piece, JsonNode function, String arguments) {
        String name = word(function.path("name"));
        if (name == null || calls == MAX_CALLS) {
            throw UpstreamFault.internal(
                    name == null
                            ? "The model server sent a call of a tool without a name."
                            : "The model server sent more than %d calls of tools.".formatted(MAX_CALLS));
        }
        String id = word(piece.path("id"));
        return new CompletionChunk.ToolCallDelta(
                choice,
                calls++,
                id != null ? id : "call_" + UUID.randomUUID().toString().replace("-", ""),
                name,
                arguments,
                1);
    }

    /** Of a server that sends none, a piece with a name is a new call. */
    private int index(JsonNode piece, JsonNode function) {
        JsonNode told = piece.path("index");
        int index = told.isNumber() ? told.asInt(-1) : word(function.path("name")) != null ? calls : calls - 1;
        if (index < 0 || index > calls || index < calls - 1) {
            throw UpstreamFault.internal("The model server sent calls of tools out of their order.");
        }
        return index;
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
