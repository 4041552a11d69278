package ai.dialog.cloud.settings;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The REST API.
 *
 * @param requestsPerSecond sustained calls a second before the gateway answers 429, all callers together; 50 unless set
 * @param burst calls at once above that; 100 unless set
 * @param requestsPerDay calls a day of one key of the usage plan; 100,000 unless set
 * @param gatewayKeys whether callers must send a key of the usage plan in {@code x-api-key} besides their API key, so that its
 *     quota is theirs alone; {@code false} unless set
 * @param waf whether a web application firewall is in front; {@code true} for prod, else {@code false}
 * @param wafRequests calls in five minutes from one address before the firewall blocks it; 2,000 unless set
 * @param domainName a host name of one's own; null for the gateway's
 * @param certificateArn its certificate in ACM, in the same region; given with {@code domainName} or not at all
 * @param corsOrigins the origins whose pages may call from a browser, 20 at most; none unless set
 */
public record GatewaySettings(
        int requestsPerSecond,
        int burst,
        int requestsPerDay,
        boolean gatewayKeys,
        boolean waf,
        int wafRequests,
        @Nullable String domainName,
        @Nullable String certificateArn,
        List<Origin> corsOrigins) {

    /** A function's environment has 4 KB in all. */
    private static final int MOST_ORIGINS = 20;

    /** A host name, at most 253 characters (RFC 1035). */
    static final String HOST = "(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}";

    static final String CERTIFICATE = "arn:aws[a-z-]*:acm:[a-z0-9-]+:\\d{12}:certificate/[a-f0-9-]{36}";

    public GatewaySettings {
        corsOrigins = List.copyOf(corsOrigins);
        if (corsOrigins.size() > MOST_ORIGINS) {
            throw Context.refused("corsOrigins", "at most " + MOST_ORIGINS);
        }
    }

    static GatewaySettings from(Context values, boolean prod) {
        GatewaySettings settings = new GatewaySettings(
                values.number("requestsPerSecond", 50, 1, 10_000),
                values.number("burst", 100, 1, 5_000),
                values.number("requestsPerDay", 100_000, 1, 100_000_000),
                values.flag("gatewayKeys", false),
                values.flag("waf", prod),
                // AWS takes a rate from 10
                values.number("wafRequests", 2_000, 10, 2_000_000),
                values.matching("domainName", HOST, "is no host name in lower case, such as api.example.org"),
                values.matching("certificateArn", CERTIFICATE, "is no ARN of a certificate in ACM"),
                values.parts("corsOrigins", "").stream().map(Origin::new).toList());
        bothOrNone("domainName", settings.domainName, "certificateArn", settings.certificateArn);
        return settings;
    }

    static void bothOrNone(String one, @Nullable String first, String other, @Nullable String second) {
        if (first != null && second == null) {
            throw Context.refused(other, "must be given with " + one);
        }
        if (first == null && second != null) {
            throw Context.refused(one, "must be given with " + other);
        }
    }
}
