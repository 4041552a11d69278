package ai.dialog.functions.openai;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * The fields of a request, of either endpoint, that say how text is chosen and when it ends; null or empty where the
 * request does not say. Types are checked here, ranges by the functions.
 *
 * @param temperature 0 to 2
 * @param topP above 0, up to 1
 * @param topK 0 or -1 for all
 * @param minP 0 to 1
 * @param seed makes the choice repeatable
 * @param stop strings that end the text
 * @param n how many choices
 * @param presencePenalty -2 to 2
 * @param frequencyPenalty -2 to 2
 * @param repetitionPenalty above 0, up to 10
 * @param logitBias -100 to 100 by token id
 * @param ignoreEos whether the end-of-sequence token does not end the text
 * @param minTokens no end before this many tokens
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record SamplingOptions(
        @Nullable Double temperature,
        @Nullable Double topP,
        @Nullable Integer topK,
        @Nullable Double minP,
        @Nullable Long seed,
        List<String> stop,
        @Nullable Integer n,
        @Nullable Double presencePenalty,
        @Nullable Double frequencyPenalty,
        @Nullable Double repetitionPenalty,
        Map<Integer, Double> logitBias,
        @Nullable Boolean ignoreEos,
        @Nullable Integer minTokens) {

    /** Nothing said: every default. */
    public static final SamplingOptions DEFAULTS =
            new SamplingOptions(null, null, null, null, null, List.of(), null, null, null, null, Map.of(), null, null);

    public SamplingOptions {
        stop = List.copyOf(stop);
        logitBias = Map.copyOf(logitBias);
    }

    static SamplingOptions read(Fields request) {
        return new SamplingOptions(
                request.number("temperature"),
                request.number("top_p"),
                request.integer("top_k"),
                request.number("min_p"),
                request.longInteger("seed"),
                request.strings("stop"),
                request.integer("n"),
                request.number("presence_penalty"),
                request.number("frequency_penalty"),
                request.number("repetition_penalty"),
                logitBias(request),
                request.bool("ignore_eos"),
                request.integer("min_tokens"));
    }

    private static Map<Integer, Double> logitBias(Fields request) {
        var value = request.value("logit_bias");
        if (value == null) {
            return Map.of();
        }
        String path = request.path("logit_bias");
        if (!value.isObject()) {
            throw InvalidRequestException.wrongType(path, "an object", value);
        }
        var bias = new HashMap<Integer, Double>();
        value.properties().forEach(entry -> {
            int id = tokenId(entry.getKey(), path);
            bias.put(id, Fields.number(entry.getValue(), path + "." + id));
        });
        return bias;
    }

    private static int tokenId(String key, String path) {
        // nine digits fit an int, and no vocabulary needs more; the name is not repeated, for it may be of any length
        boolean digits = !key.isEmpty() && key.length() <= 9 && key.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!digits || (key.length() > 1 && key.startsWith("0"))) {
            throw InvalidRequestException.invalidValue(
                    path, "every name must be a token id in at most 9 decimal digits, without zeros before them.");
        }
        return Integer.parseInt(key);
    }
}
