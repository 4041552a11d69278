package ai.dialog.functions.openai;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * The body of {@code POST /v1/tokens}.
 *
 * @param expiresIn seconds, 1 to 604800 (a week); null for 86400 (a day)
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TokenRequest(@Nullable Long expiresIn) {

    /**
     * Reads a request body, strictly.
     *
     * @throws InvalidRequestException where a known field has a wrong type
     */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static TokenRequest read(@Nullable JsonNode body) {
        return new TokenRequest(Fields.ofBody(body).longInteger("expires_in"));
    }
}
