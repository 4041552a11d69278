package ai.dialog.functions.aws;

import ai.dialog.functions.audit.AuditEntry;
import ai.dialog.functions.audit.AuditLog;
import ai.dialog.functions.http.Gateway;
import ai.dialog.functions.http.HttpRequest;
import ai.dialog.functions.http.HttpResponse;
import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.InferenceException.Kind;
import com.amazonaws.services.lambda.runtime.Context;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.springframework.cloud.function.adapter.aws.AWSLambdaUtils;
import org.springframework.messaging.Message;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

/**
 * One deployed function: a REST proxy event in, a REST proxy response out, with the {@link Gateway} between them. It answers
 * its own paths and no others.
 *
 * <p>Its types are a stream and bytes on purpose. Given a type of AWS's events library, Spring's adapter writes the whole
 * event, prompt and all, into the log, and makes headers of the request its own message headers, which steer conversion and
 * routing; given a stream it does neither. A streamed answer is collected: the managed Java runtime sends one whole body.
 */
final class ProxyFunction implements Function<Message<InputStream>, byte[]> {

    /** The largest response that Lambda takes from a function (quotas: 6 MB for synchronous invocation). */
    private static final int MAX_RESPONSE_BYTES = 6 * 1024 * 1024;

    /** Time to turn an answer into a response before Lambda ends the function. */
    private static final Duration MARGIN = Duration.ofMillis(500);

    private static final Duration WITHOUT_CONTEXT = Duration.ofMinutes(15);

    private final Gateway gateway;
    private final AuditLog log;
    private final OwnPaths paths;
    private final JsonMapper json = JsonMapper.builder().build();

    /**
     * A function of some of the gateway's paths.
     */
    ProxyFunction(Gateway gateway, AuditLog log, OwnPaths paths) {
        this.gateway = gateway;
        this.log = log;
        this.paths = paths;
    }

    @Override
    public byte[] apply(Message<InputStream> event) {
        HttpRequest request;
        try {
            request = ProxyEvent.read(event.getPayload(), json);
        } catch (InferenceException malformed) {
            AuditEntry audit = AuditEntry.begin(log, "");
            return render(ended(whole(gateway.failed(malformed, audit)), audit));
        }
        AuditEntry audit = AuditEntry.begin(log, request.method());
        audit.from(request.sourceAddress());
        Whole answer = answer(paths.only(request), timeLeft(event), audit);
        byte[] response = render(answer);
        if (response.length > MAX_RESPONSE_BYTES) {
            answer = whole(gateway.failed(tooLarge(), audit));
            response = render(answer);
        }
        ended(answer, audit);
        return response;
    }

    private static Whole ended(Whole answer, AuditEntry audit) {
        audit.end(answer.status());
        return answer;
    }

    private Whole answer(HttpRequest request, Duration timeLeft, AuditEntry audit) {
        Whole answer = gateway.handle(request)
                .flatMap(ProxyFunction::collect)
                .timeout(timeLeft)
                .onErrorResume(error -> collect(gateway.failed(OutOfTime.told(error), audit)))
                .contextWrite(context -> context.put(AuditEntry.class, audit))
                .block();
        if (answer == null) {
            throw new IllegalStateException("The gateway gave no answer");
        }
        return answer;
    }

    private static Duration timeLeft(Message<InputStream> event) {
        if (event.getHeaders().get(AWSLambdaUtils.AWS_CONTEXT) instanceof Context context
                && context.getRemainingTimeInMillis() > 0) {
            Duration left =
                    Duration.ofMillis(context.getRemainingTimeInMillis()).minus(MARGIN);
            return left.isPositive() ? left : Duration.ofMillis(1);
        }
        return WITHOUT_CONTEXT;
    }

    /** A response whose body is all there, as text: JSON or server-sent events. */
    private record Whole(int status, Map<String, String> headers, String body) {}

    private static Whole whole(HttpResponse response) {
        Whole whole = collect(response).block();
        return whole != null ? whole : new Whole(response.status(), response.headers(), "");
    }

    private static Mono<Whole> collect(HttpResponse response) {
        return response.body()
                .reduceWith(ByteArrayOutputStream::new, ProxyFunction::append)
                .map(body -> new Whole(response.status(), response.headers(), body.toString(StandardCharsets.UTF_8)));
    }

    private static ByteArrayOutputStream append(ByteArrayOutputStream body, ByteBuffer piece) {
        if (body.size() + piece.remaining() > MAX_RESPONSE_BYTES) {
            throw tooLarge();
        }
        byte[] bytes = new byte[piece.remaining()];
        piece.get(bytes);
        body.writeBytes(bytes);
        return body;
    }

    private static InferenceException tooLarge() {
        return new InferenceException(
                Kind.INVALID_REQUEST,
                "The answer is larger than the 6 MB that AWS Lambda returns; ask for fewer tokens, choices or logprobs.");
    }

    private byte[] render(Whole answer) {
        Map<String, Object> response = new LinkedHashMap<>();
        response.put("statusCode", answer.status());
        response.put("headers", answer.headers());
        response.put("body", answer.body());
        response.put("isBase64Encoded", false);
        return json.writeValueAsBytes(response);
    }
}
