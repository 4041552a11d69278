package ai.dialog.functions.aws.runtime;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * An answer to an event, posted in pieces in chunked transfer, each sent as it is made. As an HTTP front expects it, it begins
 * with a JSON object of status and headers and eight zero bytes.
 *
 * <p>A thread reads meanwhile: a Runtime API that answers or closes before the end wants no more of it, and a write would notice
 * only with the second piece after.
 */
final class StreamedResponse implements AutoCloseable {

    private static final String ERROR_TYPE = "Lambda-Runtime-Function-Error-Type";
    private static final String ERROR_BODY = "Lambda-Runtime-Function-Error-Body";
    private static final byte[] SEPARATOR = new byte[8];
    private static final byte[] LINE_END = {'\r', '\n'};
    private static final int MAX_ANSWER = 64 << 10;
    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Exchange exchange;
    private final CompletableFuture<Integer> answer = new CompletableFuture<>();
    private volatile boolean ended;

    private StreamedResponse(Exchange exchange) {
        this.exchange = exchange;
    }

    static StreamedResponse begin(Exchange exchange, String path) throws IOException {
        var headers = new LinkedHashMap<String, String>();
        headers.put("Content-Type", "application/vnd.awslambda.http-integration-response");
        headers.put("Lambda-Runtime-Function-Response-Mode", "streaming");
        headers.put("Transfer-Encoding", "chunked");
        headers.put("Trailer", ERROR_TYPE + ", " + ERROR_BODY);
        var response = new StreamedResponse(exchange);
        try {
            exchange.sendHead("POST", path, headers);
        } catch (IOException e) {
            exchange.close();
            throw e;
        }
        Thread.ofVirtual().name("answer of the Runtime API").start(response::readAnswer);
        return response;
    }

    private void readAnswer() {
        try {
            answer.complete(exchange.read(MAX_ANSWER).status());
        } catch (IOException gone) {
            answer.completeExceptionally(gone);
        }
    }

    /** Sends the status and the headers of the HTTP answer. */
    void head(int status, Map<String, String> headers) throws IOException {
        var prelude = new LinkedHashMap<String, Object>();
        prelude.put("statusCode", status);
        prelude.put("headers", headers);
        byte[] json = JSON.writeValueAsBytes(prelude);
        write(ByteBuffer.allocate(json.length + SEPARATOR.length)
                .put(json)
                .put(SEPARATOR)
                .flip());
    }

    /** Sends a piece of the body now. */
    void write(ByteBuffer piece) throws IOException {
        if (!piece.hasRemaining()) {
            return; // an empty chunk would be the end
        }
        byte[] size = Integer.toHexString(piece.remaining()).getBytes(StandardCharsets.US_ASCII);
        byte[] chunk = new byte[size.length + piece.remaining() + 2 * LINE_END.length];
        ByteBuffer.wrap(chunk).put(size).put(LINE_END).put(piece).put(LINE_END);
        exchange.write(chunk);
    }

    /**
     * Ends the answer and waits until the Runtime API has taken it.
     *
     * @throws IOException where it did not
     */
    void end() throws IOException {
        end("");
    }

    /** Ends the answer with the trailers that tell Lambda that it is not whole. */
    void fail(String type, String message) throws IOException {
        String body = Base64.getEncoder().encodeToString(RuntimeApi.error(type, message));
        end(ERROR_TYPE + ": " + type + "\r\n" + ERROR_BODY + ": " + body + "\r\n");
    }

    private void end(String trailers) throws IOException {
        ended = true;
        exchange.write(("0\r\n" + trailers + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
        int status;
        try {
            status = answer.get(ANSWER.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("the Runtime API did not confirm the answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        if (status != 202) {
            throw new IOException("the Runtime API refused the answer: " + status);
        }
    }

    /** Whether nobody wants the rest. */
    boolean left() {
        return !ended && answer.isDone();
    }

    /** Calls back, once, on any thread, when nobody wants the rest. */
    @SuppressWarnings("FutureReturnValueIgnored") // the callback is all that is wanted of it
    void onLeft(Runnable callback) {
        BiConsumer<@Nullable Integer, @Nullable Throwable> told = (status, gone) -> callback.run();
        answer.whenComplete(told);
    }

    @Override
    public void close() {
        exchange.close();
    }
}
