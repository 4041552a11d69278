package ai.dialog.functions.audit;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What became of one request; null is what is not known or does not apply.
 *
 * @param time when it came
 * @param requestId as the answer's {@code X-Request-Id} says it
 * @param address the caller's, not a proxy's
 * @param method HTTP's
 * @param route one of the service's own, never the path as it was sent
 * @param status of the answer; null where the client left before there was one
 * @param keyId the API key that the credential goes back to
 * @param credential api_key or token
 * @param error {@code error.code} of the answer
 * @param reason why the caller was not let in
 * @param model as it was asked for
 * @param promptTokens null as well where the client left before the end
 * @param completionTokens as promptTokens
 * @param durationMillis from the request's head to the answer's last byte
 * @param streamed whether the answer was sent in pieces
 * @param clientLeft whether the client closed the connection before the end
 * @param prompt only where {@link AuditLog#withPrompts}
 * @param answer only where {@link AuditLog#withPrompts}; one text for each choice
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record AuditEvent(
        Instant time,
        @JsonProperty("request_id") String requestId,
        @Nullable String address,
        String method,
        @Nullable String route,
        @Nullable Integer status,
        @JsonProperty("key_id") @Nullable String keyId,
        @Nullable String owner,
        @Nullable String tenant,
        @Nullable String credential,
        @Nullable String error,
        @Nullable String reason,
        @Nullable String model,
        @JsonProperty("prompt_tokens") @Nullable Integer promptTokens,
        @JsonProperty("completion_tokens") @Nullable Integer completionTokens,
        @JsonProperty("duration_ms") long durationMillis,
        boolean streamed,
        @JsonProperty("client_left") boolean clientLeft,
        @Nullable String prompt,
        @Nullable List<String> answer) {

    /** Everything but ASCII is escaped, and so is every control character: what a caller sends can make no line of its own. */
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    /** One line of JSON in ASCII, without its end. */
    public byte[] line() {
        return JSON.writeValueAsBytes(this);
    }

    /** Without prompt and answer. */
    @Override
    public String toString() {
        return "AuditEvent[" + requestId + " " + method + " " + route + " " + status + "]";
    }
}
