package ai.dialog.functions.openai;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * Log probabilities as {@code /v1/completions} gives them: four lists with one entry for each token.
 *
 * @param tokens the tokens' texts
 * @param tokenLogprobs null for the first token of an echoed prompt, which nothing comes before
 * @param topLogprobs by text: the alternatives and the token itself; null for the first token of an echoed prompt
 * @param textOffset in characters (code points), from the beginning of the choice's text
 */
@JsonNaming(SnakeCaseStrategy.class)
public record TextLogprobs(
        List<String> tokens,
        List<@Nullable Double> tokenLogprobs,
        List<@Nullable Map<String, Double>> topLogprobs,
        List<Integer> textOffset) {}
