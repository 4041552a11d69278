package ai.dialog.functions.openai;

import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * What {@code POST /v1/tokens} answers.
 *
 * @param token a JSON Web Token
 * @param tokenType "Bearer"
 * @param expiresIn seconds that it is good for; fewer than asked where its key expires sooner
 * @param expiresAt seconds since the epoch
 * @param keyId the key that it was made with, and is revoked with
 */
@JsonNaming(SnakeCaseStrategy.class)
public record TokenResponse(String token, String tokenType, long expiresIn, long expiresAt, String keyId) {

    /** Without the token, so that a log line cannot leak one. */
    @Override
    public String toString() {
        return "TokenResponse[keyId=" + keyId + ", expiresAt=" + expiresAt + "]";
    }
}
