package ai.dialog.functions.remote;

import ai.dialog.functions.inference.CallContext;
import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.FinishReason;
import ai.dialog.functions.inference.Inference;
import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.InferenceException.Kind;
import ai.dialog.functions.inference.ModelCard;
import ai.dialog.functions.inference.Readiness;
import ai.dialog.functions.inference.Usage;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.util.retry.Retry;
import tools.jackson.databind.json.JsonMapper;

/**
 * Inference by any server that speaks OpenAI's chat completions: the runner's container, vLLM, SGLang, DJL Serving.
 *
 * <p>The answer is always streamed, also where the caller wants it whole: a stream can be cancelled, timed to its first
 * token, and ended at a deadline with what there is. Each call has a connection of its own (HTTP/1.1, kept for the next one
 * when the answer was read to its end), because closing it is the one way of cancelling that all of these servers know.
 * A call costs no thread while it waits.
 *
 * <p>A call is repeated only while no text has come, and only where the cause can pass: the connection was refused or broke,
 * or the server answered 502, 503, or 429 with a Retry-After that fits the deadline.
 */
public final class RemoteInference implements Inference, AutoCloseable {

    /** Enough of an error answer for an error object. */
    private static final int MAX_ERROR_BODY = 64 << 10;

    /** A server closes its answer right after the end mark; one that does not loses the connection. */
    private static final Duration END_GRACE = Duration.ofMillis(500);

    /** AWS X-Ray's tracing header, by which the model server's part of a request is found. */
    private static final String TRACE = "X-Amzn-Trace-Id";

    private final RemoteSettings settings;
    private final JsonMapper json = JsonMapper.builder().build();
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient client;
    private final UpstreamStatus status;

    public RemoteInference(RemoteSettings settings) {
        this.settings = settings;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                // A redirect could carry the credential to another host.
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(settings.timeouts().connect())
                .executor(executor)
                .build();
        this.status = new UpstreamStatus(client, settings, json, executor);
    }

    @Override
    public Flux<CompletionChunk> complete(CompletionRequest request) {
        return Flux.deferContextual(context -> {
            String trace = CallContext.of(context).trace();
            WireRequest wire = WireRequest.of(request, settings.model(), json);
            Duration whole = untilDeadline(request, settings.timeouts().whole());
            Duration first = untilDeadline(request, settings.timeouts().firstToken());
            if (!whole.isPositive()) {
                return Flux.error(tooLate());
            }
            Instant firstBy = Instant.now().plus(first);
            Delivered delivered = new Delivered(request.choices());
            return Flux.defer(() -> attempt(wire, request, trace))
                    .retryWhen(
                            Retry.from(failures -> failures.concatMap(failure -> nextTry(failure, delivered, firstBy))))
                    .onErrorMap(UpstreamFault.class, UpstreamFault::outcome)
                    .timeout(Mono.delay(first), chunk -> Mono.never())
                    .onErrorMap(TimeoutException.class, late -> tooLate())
                    .takeUntilOther(Mono.delay(whole))
                    .doOnNext(delivered::note)
                    .concatWith(Flux.defer(delivered::rest))
                    // what a server does with a request that was sent to it is not known until it answers
                    .startWith(new CompletionChunk.Begun(null));
        });
    }

    @Override
    public List<ModelCard> models() {
        return status.models();
    }

    @Override
    public Readiness readiness() {
        return status.readiness();
    }

    /** Breaks off what is under way. */
    @Override
    public void close() {
        client.shutdownNow();
        executor.shutdownNow();
    }

    private Flux<CompletionChunk> attempt(WireRequest wire, CompletionRequest request, @Nullable String trace) {
        ChunkReader reader = new ChunkReader(request.choices(), request.tools().callable(), json);
        return UpstreamCall.send(client, post(wire, trace))
                .flatMapMany(answer -> answer.status() == 200 ? chunks(answer, reader) : fault(answer))
                .onErrorMap(failure -> classified(failure, reader));
    }

    private HttpRequest post(WireRequest wire, @Nullable String trace) {
        HttpRequest.Builder request = HttpRequest.newBuilder(settings.resource(wire.path()))
                .header("Content-Type", "application/json")
                .header("Accept", "text/event-stream")
                .POST(HttpRequest.BodyPublishers.ofString(wire.json()));
        String token = settings.bearer().token();
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        if (trace != null) {
            request.header(TRACE, trace);
        }
        return request.build();
    }

    private Flux<CompletionChunk> chunks(UpstreamCall.Answer answer, ChunkReader reader) {
        String type = answer.headers().firstValue("Content-Type").orElse("");
        if (!type.toLowerCase(Locale.ROOT).startsWith("text/event-stream")) {
            return answer.body()
                    .take(0)
                    .thenMany(Flux.error(UpstreamFault.internal(
                            "The model server answered with something other than an event stream.")));
        }
        EventStreamParser events = new EventStreamParser(settings.maxEventBytes());
        Sinks.Empty<Void> done = Sinks.empty();
        return answer.body()
                .concatMapIterable(bytes -> events.feed(bytes), 1)
                .concatMapIterable(
                        data -> {
                            List<CompletionChunk> chunks = reader.read(data);
                            if (reader.done()) {
                                done.tryEmitEmpty();
                            }
                            return chunks;
                        },
                        1)
                .takeUntilOther(done.asMono().then(Mono.delay(END_GRACE)))
                .concatWith(Flux.defer(() -> Flux.fromIterable(reader.end())));
    }

    private Flux<CompletionChunk> fault(UpstreamCall.Answer answer) {
        return answer.body()
                .scanWith(() -> ByteBuffer.allocate(MAX_ERROR_BODY), RemoteInference::append)
                .takeUntil(kept -> !kept.hasRemaining())
                .last()
                .flatMapMany(kept -> {
                    byte[] start = new byte[kept.position()];
                    kept.get(0, start);
                    return Flux.error(UpstreamFault.ofStatus(answer.status(), answer.headers(), start, json));
                });
    }

    private static ByteBuffer append(ByteBuffer kept, ByteBuffer bytes) {
        int length = Math.min(kept.remaining(), bytes.remaining());
        kept.put(bytes.slice(bytes.position(), length));
        return kept;
    }

    /** What the JDK's client throws becomes a fault that may be repeated before the first text, the end of the call after. */
    private static Throwable classified(Throwable failure, ChunkReader reader) {
        if (failure instanceof UpstreamFault || failure instanceof InferenceException) {
            return failure;
        }
        return reader.begun()
                ? new InferenceException(Kind.INTERNAL, "The model server broke off its answer.", null, null, failure)
                : UpstreamFault.ofConnection(failure);
    }

    private Publisher<Long> nextTry(Retry.RetrySignal failure, Delivered delivered, Instant firstBy) {
        if (!(failure.failure() instanceof UpstreamFault fault)
                || !fault.repeatable()
                || !delivered.nothing()
                || failure.totalRetries() + 1 >= settings.retries().attempts()) {
            return Mono.error(failure.failure());
        }
        long backoff = settings.retries().backoff().toMillis() << failure.totalRetries();
        Duration pause =
                Duration.ofMillis(backoff / 2 + ThreadLocalRandom.current().nextLong(backoff + 1));
        Duration asked = fault.notBefore();
        if (asked != null && asked.compareTo(pause) > 0) {
            pause = asked;
        }
        return Instant.now().plus(pause).isBefore(firstBy) ? Mono.delay(pause) : Mono.error(fault);
    }

    private static Duration untilDeadline(CompletionRequest request, Duration most) {
        if (request.deadline() == null) {
            return most;
        }
        Duration left = Duration.between(Instant.now(), request.deadline());
        return left.compareTo(most) < 0 ? left : most;
    }

    private static InferenceException tooLate() {
        return new InferenceException(Kind.TIMEOUT, "The model server did not begin to answer in time.");
    }

    /** What has reached the caller, for what is still owed to it when the deadline cuts the answer off. */
    private static final class Delivered {
        private final int choices;
        private final BitSet finished = new BitSet();
        private int deltas;
        private boolean total;

        Delivered(int choices) {
            this.choices = choices;
        }

        boolean nothing() {
            return deltas == 0 && finished.isEmpty();
        }

        void note(CompletionChunk chunk) {
            switch (chunk) {
                case CompletionChunk.Begun begun -> {}
                case CompletionChunk.Delta delta -> deltas++;
                case CompletionChunk.ToolCallDelta call -> deltas++;
                case CompletionChunk.Finish finish -> finished.set(finish.choice());
                case CompletionChunk.Total last -> total = true;
            }
        }

        /**
         * Ends what is open with {@code length}. The server tells its usage only at its own end, so the completion's
         * tokens are the deltas counted here (these servers send one a token) and the prompt's are not known.
         */
        Flux<CompletionChunk> rest() {
            if (total) {
                return Flux.empty();
            }
            if (nothing()) {
                return Flux.error(tooLate());
            }
            return Flux.range(0, choices)
                    .filter(choice -> !finished.get(choice))
                    .<CompletionChunk>map(choice -> new CompletionChunk.Finish(choice, FinishReason.LENGTH))
                    .concatWithValues(new CompletionChunk.Total(new Usage(0, deltas, 0)));
        }
    }
}
