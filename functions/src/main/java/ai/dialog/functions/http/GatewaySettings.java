package ai.dialog.functions.http;

import ai.dialog.functions.access.AccessException;
import ai.dialog.functions.access.Cidr;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Limits and choices of the {@link Gateway}.
 *
 * @param chatDefinition the function that answers chats, or a composition: {@code knowledge|chat}
 * @param maxBodyBytes the longest request body; servers should stop reading there and fail with
 *     {@link BodyException#tooLarge}
 * @param corsOrigins origins whose pages may read answers; none by default
 * @param allowed the addresses that may call; null for every one
 */
public record GatewaySettings(
        String chatDefinition,
        int maxBodyBytes,
        Set<String> corsOrigins,
        @Nullable List<Cidr> allowed) {

    /** 10 MB: several times the longest context in text. */
    public static final int DEFAULT_MAX_BODY_BYTES = 10 * 1024 * 1024;

    /** The function {@code chat}, 10 MB, no cross-origin access, callers from everywhere. */
    public static final GatewaySettings DEFAULTS = new GatewaySettings("chat", DEFAULT_MAX_BODY_BYTES, Set.of(), null);

    public GatewaySettings {
        corsOrigins = Set.copyOf(corsOrigins);
        corsOrigins.forEach(Origin::new);
        allowed = allowed == null ? null : List.copyOf(allowed);
        if (maxBodyBytes < 1) {
            throw new IllegalArgumentException("The longest body must have at least one byte, not " + maxBodyBytes);
        }
    }

    /**
     * Lets a caller in, whoever it is.
     *
     * @throws AccessException where nobody may call from this address
     */
    public void requireAllowed(InetAddress address) {
        if (allowed != null && !Cidr.anyContains(allowed, address)) {
            throw AccessException.addressNotAllowed(
                    "This service may not be used from the address %s.".formatted(address.getHostAddress()));
        }
    }
}
