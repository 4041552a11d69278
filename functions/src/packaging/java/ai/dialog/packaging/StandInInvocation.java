package ai.dialog.packaging;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** An event that the {@link RuntimeApiStandIn} hands out, and the answer to it as far as it has come. */
public final class StandInInvocation {

    /** How an answer can stand. */
    public enum State {
        WAITING,
        BEGUN,
        ENDED,
        /** the runtime closed the connection in the middle */
        BROKEN,
        /** the stand-in did */
        CUT,
        /** it was posted to {@code error} */
        FAILED
    }

    private final String requestId = UUID.randomUUID().toString();
    private final String event;
    private final Map<String, String> headers = new LinkedHashMap<>();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private int pieces;
    private int mostPieces = Integer.MAX_VALUE;
    private State state = State.WAITING;
    private Map<String, String> head = Map.of();
    private Map<String, String> trailers = Map.of();
    private @Nullable String error;

    /** An event whose deadline is in a minute. */
    public StandInInvocation(String event) {
        this.event = event;
        headers.put("Content-Type", "application/json");
        headers.put("Lambda-Runtime-Aws-Request-Id", requestId);
        headers.put("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-central-1:123456789012:function:chat");
        deadline(Duration.ofMinutes(1));
    }

    /** Sets a header of the event. */
    public StandInInvocation header(String name, String value) {
        headers.put(name, value);
        return this;
    }

    /** Sets the deadline, from now. */
    public StandInInvocation deadline(Duration left) {
        long at = Instant.now().plus(left).toEpochMilli();
        return header("Lambda-Runtime-Deadline-Ms", Long.toString(at));
    }

    /** The connection is closed when so many pieces have come, of which the status is the first. */
    public synchronized StandInInvocation cutAfter(int pieces) {
        mostPieces = pieces;
        return this;
    }

    String requestId() {
        return requestId;
    }

    Map<String, String> headers() {
        return headers;
    }

    String event() {
        return event;
    }

    synchronized void begun(Map<String, String> sent) {
        head = Map.copyOf(sent);
        to(State.BEGUN);
    }

    synchronized boolean wantsNoMoreAfter(byte[] piece) {
        bytes.writeBytes(piece);
        pieces++;
        notifyAll();
        return pieces >= mostPieces;
    }

    synchronized void ended(Map<String, String> sent) {
        trailers = Map.copyOf(sent);
        to(State.ENDED);
    }

    synchronized void failedWith(String body) {
        error = body;
        to(State.FAILED);
    }

    void broken() {
        to(State.BROKEN);
    }

    void cut() {
        to(State.CUT);
    }

    private synchronized void to(State next) {
        state = next;
        notifyAll();
    }

    /** Waits until so many pieces have come. */
    public StandInInvocation awaitPieces(int count, Duration longest) throws InterruptedException {
        return await(() -> pieces >= count, longest);
    }

    /** Waits until the answer is over, however it ends. */
    public StandInInvocation awaitEnd(Duration longest) throws InterruptedException {
        return await(() -> state != State.WAITING && state != State.BEGUN, longest);
    }

    private synchronized StandInInvocation await(BooleanSupplier there, Duration longest) throws InterruptedException {
        long end = System.nanoTime() + longest.toNanos();
        while (!there.getAsBoolean()) {
            long left = (end - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                throw new IllegalStateException("the answer is " + state + " after " + pieces + " pieces: " + text());
            }
            wait(left);
        }
        return this;
    }

    /** How the answer stands. */
    public synchronized State state() {
        return state;
    }

    /** The pieces that have come, the status among them. */
    public synchronized int pieces() {
        return pieces;
    }

    /** The headers that the answer was posted with; names in lower case. */
    public synchronized Map<String, String> head() {
        return head;
    }

    /** Names in lower case. */
    public synchronized Map<String, String> trailers() {
        return trailers;
    }

    /** The trailer that says what went wrong, decoded. */
    public synchronized String errorTrailer() {
        String body = trailers.getOrDefault("lambda-runtime-function-error-body", "");
        return new String(Base64.getDecoder().decode(body), StandardCharsets.UTF_8);
    }

    /** What was posted to {@code error}. */
    public synchronized @Nullable String error() {
        return error;
    }

    /** The JSON object of status and headers that the answer begins with. */
    public String prelude() {
        return text().substring(0, separator());
    }

    /** What the caller has got. */
    public String body() {
        return text().substring(separator() + 8);
    }

    private int separator() {
        int at = text().indexOf("\0\0\0\0\0\0\0\0");
        if (at < 0) {
            throw new IllegalStateException("there is no separator in " + text());
        }
        return at;
    }

    private synchronized String text() {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
