package ai.dialog.functions.aws.runtime;

import ai.dialog.functions.aws.ProxyEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * AWS Lambda's Runtime API, version 2018-06-01, of which a custom runtime is the client.
 *
 * @see <a href="https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html">its reference</a>
 */
final class RuntimeApi {

    private static final String ROOT = "/2018-06-01/runtime/";
    private static final String ERROR_TYPE = "Lambda-Runtime-Function-Error-Type";
    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final int MAX_ANSWER = 64 << 10;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final InetSocketAddress address;

    /**
     * The API at an address.
     *
     * @param address host and port, as {@code AWS_LAMBDA_RUNTIME_API} has them
     * @throws IllegalArgumentException where it is none
     */
    RuntimeApi(String address) {
        int colon = address.lastIndexOf(':');
        String port = address.substring(colon + 1);
        if (colon < 1 || !port.matches("\\d{1,5}") || Integer.parseInt(port) > 65_535) {
            throw new IllegalArgumentException("AWS_LAMBDA_RUNTIME_API must be HOST:PORT, not '" + address + "'");
        }
        this.address = new InetSocketAddress(address.substring(0, colon), Integer.parseInt(port));
    }

    /**
     * Waits for the next event, for as long as that takes: Lambda freezes the process meanwhile.
     *
     * @throws IOException where there is none to be had any more: the runtime is to end
     */
    Invocation next() throws IOException {
        try (var exchange = new Exchange(address)) {
            exchange.send("GET", ROOT + "invocation/next", Map.of(), new byte[0]);
            var reply = exchange.read(ProxyEvent.MAX_BYTES + 1);
            if (reply.status() != 200) {
                throw new IOException("the Runtime API answered " + reply.status() + " instead of an event");
            }
            return Invocation.of(reply.headers(), reply.body(), Instant.now());
        }
    }

    /** Begins an answer that is posted in pieces. To be closed. */
    StreamedResponse respond(String requestId) throws IOException {
        return StreamedResponse.begin(new Exchange(address), ROOT + "invocation/" + requestId + "/response");
    }

    /** Says that an event has no answer; only before one has begun. */
    void failed(String requestId, String type, String message) throws IOException {
        report(ROOT + "invocation/" + requestId + "/error", type, message);
    }

    /** Says that the function cannot start. */
    void initFailed(String type, String message) throws IOException {
        report(ROOT + "init/error", type, message);
    }

    private void report(String path, String type, String message) throws IOException {
        try (var exchange = new Exchange(address)) {
            exchange.answerWithin(ANSWER);
            exchange.send(
                    "POST",
                    path,
                    Map.of("Content-Type", "application/vnd.aws.lambda.error+json", ERROR_TYPE, type),
                    error(type, message));
            var reply = exchange.read(MAX_ANSWER);
            if (reply.status() != 202) {
                throw new IOException("the Runtime API answered " + reply.status() + " to an error report");
            }
        }
    }

    /** Lambda's error object. The stack trace is left out: it is for the log and not for a caller. */
    static byte[] error(String type, String message) {
        var error = new LinkedHashMap<String, Object>();
        error.put("errorMessage", message);
        error.put("errorType", type);
        error.put("stackTrace", List.of());
        return JSON.writeValueAsBytes(error);
    }
}
