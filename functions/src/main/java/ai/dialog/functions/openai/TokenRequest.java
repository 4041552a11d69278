package ai.dialog.functions.openai;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * The body of {@code POST /v1/tokens}. Null for a field that the token has from its key.
 *
 * @param expiresIn seconds, 1 to 604800 (a week); null for 86400 (a day)
 * @param models the models that it may ask for
 * @param maxTokens the most tokens that one of its requests may generate for each choice
 * @param cidrs where it may be used from, in CIDR notation
 * @param requestsPerMinute its requests in each minute
 * @param tokensPerMinute the tokens of its prompts and answers in each minute
 * @param concurrentRequests its requests at once
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TokenRequest(
        @Nullable Long expiresIn,
        @Nullable List<String> models,
        @Nullable Integer maxTokens,
        @Nullable List<String> cidrs,
        @Nullable Integer requestsPerMinute,
        @Nullable Integer tokensPerMinute,
        @Nullable Integer concurrentRequests) {

    /** A token for a day that can do what its key can. */
    public static final TokenRequest DEFAULTS = new TokenRequest(null, null, null, null, null, null, null);

    public TokenRequest {
        models = models == null ? null : List.copyOf(models);
        cidrs = cidrs == null ? null : List.copyOf(cidrs);
    }

    /**
     * Reads a request body, strictly. A field that is not known is refused, unlike elsewhere: where it was meant to narrow
     * the token, the token would be wider than its maker thinks.
     *
     * @throws InvalidRequestException where a field is not known or has a wrong type
     */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static TokenRequest read(@Nullable JsonNode body) {
        var fields = Fields.ofBody(body);
        fields.only(
                "expires_in",
                "models",
                "max_tokens",
                "cidrs",
                "requests_per_minute",
                "tokens_per_minute",
                "concurrent_requests");
        return new TokenRequest(
                fields.longInteger("expires_in"),
                fields.array("models"),
                fields.integer("max_tokens"),
                fields.array("cidrs"),
                fields.integer("requests_per_minute"),
                fields.integer("tokens_per_minute"),
                fields.integer("concurrent_requests"));
    }
}
