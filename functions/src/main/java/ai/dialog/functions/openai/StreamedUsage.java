package ai.dialog.functions.openai;

import java.util.Collections;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The usage field of a chunk: left out, null, or there; three states that no inclusion rule of Jackson's can tell apart. */
final class StreamedUsage {

    private StreamedUsage() {}

    static Map<String, @Nullable CompletionUsage> field(@Nullable CompletionUsage usage, boolean asked) {
        return usage != null || asked ? Collections.singletonMap("usage", usage) : Map.of();
    }
}
