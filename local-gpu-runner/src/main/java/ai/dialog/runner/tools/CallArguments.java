package ai.dialog.runner.tools;

import ai.dialog.functions.inference.InferenceException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads the arguments of a conversation's calls. To the server they were each one string of a bounded body; as objects they are many
 * times as large, so what all of them together may have is bounded here. Not thread-safe.
 */
final class CallArguments {

    /** Of all arguments; no tokenizer takes a longer text at once. */
    static final int MAX_CHARACTERS = 1 << 20;

    /** JSON tokens of all arguments, about 100 bytes each as objects. */
    static final int MAX_TOKENS = 200_000;

    /** As deep as a body of a request may be. */
    private static final int MAX_DEPTH = 64;

    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .build())
                    .build())
            .build();

    private int characters;
    private int tokens;

    /**
     * The arguments of the next call as an object; null where they are none, or nested too deep for one.
     *
     * @throws InferenceException if all arguments so far are too much
     */
    @Nullable
    Map<?, ?> object(String json) {
        characters += json.length();
        if (characters > MAX_CHARACTERS) {
            throw tooMuch("more than %d characters".formatted(MAX_CHARACTERS));
        }
        try {
            count(json);
            return JSON.readValue(json, Object.class) instanceof Map<?, ?> map ? map : null;
        } catch (JacksonException e) {
            return null;
        }
    }

    private void count(String json) {
        try (var parser = JSON.createParser(json)) {
            while (parser.nextToken() != null) {
                if (++tokens > MAX_TOKENS) {
                    throw tooMuch("more than %d values, names and brackets".formatted(MAX_TOKENS));
                }
            }
        }
    }

    private static InferenceException tooMuch(String what) {
        return new InferenceException(
                InferenceException.Kind.INVALID_REQUEST,
                "Invalid value for 'messages': the arguments of all calls together have %s; send fewer earlier turns."
                        .formatted(what),
                "messages",
                null,
                null);
    }
}
