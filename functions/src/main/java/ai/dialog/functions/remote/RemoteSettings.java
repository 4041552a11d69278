package ai.dialog.functions.remote;

import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where the model server is and how long to wait for it.
 *
 * @param base the server's address with an optional path prefix; a trailing slash and a trailing {@code /v1} are dropped
 * @param model the name to ask for where a request wants the default model; null to leave it to the server
 * @param bearer gives the credential of each call
 * @param timeouts how long each part of a call may take
 * @param retries how often a call that has not begun to answer is tried
 * @param maxEventBytes the largest server-sent event to accept; one event can hold the log probabilities of a whole prompt
 */
public record RemoteSettings(
        URI base, @Nullable String model, Bearer bearer, Timeouts timeouts, Retries retries, int maxEventBytes) {

    /** Room for a prompt of about 2,000 tokens echoed with 20 alternatives each. */
    public static final int DEFAULT_MAX_EVENT_BYTES = 4 << 20;

    /** Gives the bearer token of the model server; asked before each attempt, so that a rotated one is taken up. */
    @FunctionalInterface
    public interface Bearer {
        /** No credential is sent. */
        Bearer NONE = () -> null;

        /** The token without the word "Bearer", or null for none. */
        @Nullable
        String token();
    }

    /**
     * How long each part may take, each more than nothing.
     *
     * @param connect until the connection stands, for one attempt
     * @param firstToken from the call to its first text, all attempts together
     * @param whole from the call to its end; what has come until then is ended with {@code length}
     * @param probe for one look at the models or the health
     */
    public record Timeouts(Duration connect, Duration firstToken, Duration whole, Duration probe) {
        /** Suits a server in the same network that may queue a request for a while. */
        public static final Timeouts DEFAULT = new Timeouts(
                Duration.ofSeconds(3), Duration.ofSeconds(60), Duration.ofMinutes(10), Duration.ofSeconds(2));

        public Timeouts {
            positive("connect", connect);
            positive("firstToken", firstToken);
            positive("whole", whole);
            positive("probe", probe);
        }

        private static void positive(String name, Duration value) {
            if (value.isZero() || value.isNegative()) {
                throw new IllegalArgumentException("timeout " + name + " must be positive, is " + value);
            }
        }
    }

    /**
     * How a call is repeated while nothing of the answer has come.
     *
     * @param attempts tries in all, 1 to 10
     * @param backoff the pause before the second try, doubled before each further one, each time up to half off or on
     */
    public record Retries(int attempts, Duration backoff) {
        /** Enough for a target that a load balancer is just replacing. */
        public static final Retries DEFAULT = new Retries(3, Duration.ofMillis(150));

        public Retries {
            if (attempts < 1 || attempts > 10) {
                throw new IllegalArgumentException("attempts must be from 1 to 10, is " + attempts);
            }
            if (backoff.isNegative()) {
                throw new IllegalArgumentException("backoff must not be negative, is " + backoff);
            }
        }
    }

    public RemoteSettings {
        base = checked(base);
        if (maxEventBytes < 1024) {
            throw new IllegalArgumentException("maxEventBytes must be at least 1024, is " + maxEventBytes);
        }
    }

    /** Defaults for everything but the address and the credential. */
    public static RemoteSettings of(URI base, Bearer bearer) {
        return new RemoteSettings(base, null, bearer, Timeouts.DEFAULT, Retries.DEFAULT, DEFAULT_MAX_EVENT_BYTES);
    }

    /** The address of one of the server's resources, such as {@code /v1/models}. */
    URI resource(String path) {
        return URI.create(base + path);
    }

    private static URI checked(URI base) {
        String scheme = base.getScheme() == null ? "" : base.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw new IllegalArgumentException("the inference address must begin with http:// or https://");
        }
        if (base.getHost() == null) {
            throw new IllegalArgumentException("the inference address must name a host");
        }
        // Not repeated in the message: what stands before the @ is a password more often than not.
        if (base.getRawUserInfo() != null) {
            throw new IllegalArgumentException("the inference address must not hold a user name or password");
        }
        if (base.getRawQuery() != null || base.getRawFragment() != null) {
            throw new IllegalArgumentException("the inference address must not hold a query or fragment");
        }
        String text = base.toString();
        while (text.endsWith("/")) {
            text = text.substring(0, text.length() - 1);
        }
        return URI.create(text.endsWith("/v1") ? text.substring(0, text.length() - 3) : text);
    }
}
