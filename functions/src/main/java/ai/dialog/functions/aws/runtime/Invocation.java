package ai.dialog.functions.aws.runtime;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One event that Lambda wants an answer to.
 *
 * @param requestId names it in the Runtime API
 * @param deadline when Lambda ends the function
 * @param trace AWS X-Ray's tracing header; null where there is none, or none that may be passed on
 * @param event as it came; one byte more than {@link ai.dialog.functions.aws.ProxyEvent#MAX_BYTES} stands for any longer one
 */
record Invocation(
        String requestId, Instant deadline, @Nullable String trace, ByteBuffer event) {

    /** Lambda's quota for one invocation; what says more is taken for this. */
    static final Duration LONGEST = Duration.ofMinutes(15);

    /** It becomes part of a path. Lambda's are UUIDs. */
    private static final Pattern REQUEST_ID = Pattern.compile("[A-Za-z0-9-]{1,128}");

    /** Milliseconds since 1970: 13 digits today. */
    private static final Pattern MILLIS = Pattern.compile("\\d{1,15}");

    /** {@code Root=…;Parent=…;Sampled=…;Lineage=…}: some 150 characters, and none that ends a header. */
    private static final Pattern TRACE = Pattern.compile("[A-Za-z0-9=;:.,|/+_-]{1,512}");

    /**
     * From the headers of an answer of {@code invocation/next}.
     *
     * @param headers names in lower case
     * @throws IOException where it has no request id, so that it could not be answered
     */
    static Invocation of(Map<String, String> headers, ByteBuffer event, Instant now) throws IOException {
        String id = headers.getOrDefault("lambda-runtime-aws-request-id", "");
        if (!REQUEST_ID.matcher(id).matches()) {
            throw new IOException("the Runtime API gave an event without a request id");
        }
        String trace = headers.getOrDefault("lambda-runtime-trace-id", "");
        return new Invocation(
                id,
                deadline(headers.getOrDefault("lambda-runtime-deadline-ms", ""), now),
                TRACE.matcher(trace).matches() ? trace : null,
                event);
    }

    private static Instant deadline(String millis, Instant now) {
        Instant latest = now.plus(LONGEST);
        if (!MILLIS.matcher(millis).matches()) {
            return latest;
        }
        Instant said = Instant.ofEpochMilli(Long.parseLong(millis));
        return said.isBefore(latest) ? said : latest;
    }

    /** Without the event, which has keys and prompts in it. */
    @Override
    public String toString() {
        return "Invocation[" + requestId + "]";
    }
}
