package ai.dialog.functions.http;

import java.util.Set;

/**
 * Limits and choices of the {@link Gateway}.
 *
 * @param chatDefinition the function that answers chats, or a composition: {@code knowledge|chat}
 * @param maxBodyBytes the longest request body; servers should stop reading there and answer
 *     {@link Gateway#bodyTooLarge}
 * @param corsOrigins origins whose pages may read answers; none by default
 */
public record GatewaySettings(String chatDefinition, int maxBodyBytes, Set<String> corsOrigins) {

    /** 10 MB: several times the longest context in text. */
    public static final int DEFAULT_MAX_BODY_BYTES = 10 * 1024 * 1024;

    /** The function {@code chat}, 10 MB, no cross-origin access. */
    public static final GatewaySettings DEFAULTS = new GatewaySettings("chat", DEFAULT_MAX_BODY_BYTES, Set.of());

    public GatewaySettings {
        corsOrigins = Set.copyOf(corsOrigins);
        if (maxBodyBytes < 1) {
            throw new IllegalArgumentException("The longest body must have at least one byte, not " + maxBodyBytes);
        }
    }
}
