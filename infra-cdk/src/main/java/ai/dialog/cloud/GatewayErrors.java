package ai.dialog.cloud;

import ai.dialog.cloud.settings.Origin;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.services.apigateway.GatewayResponse;
import software.amazon.awscdk.services.apigateway.ResponseType;
import software.amazon.awscdk.services.apigateway.RestApi;
import software.constructs.Construct;

/**
 * What the gateway answers itself, in OpenAI's error object: clients read that and nothing else. The texts are fixed, because
 * the gateway puts its own words between quotes and theirs without escaping.
 */
final class GatewayErrors extends Construct {

    private static final String INVALID = "invalid_request_error";
    private static final String SERVER = "server_error";

    /**
     * One of the gateway's answers.
     *
     * @param id in the template
     * @param type the gateway's name for it
     * @param status null for the gateway's own
     * @param kind OpenAI's {@code error.type}
     * @param code OpenAI's {@code error.code}
     * @param message for people
     */
    private record Answer(
            String id, ResponseType type, @Nullable String status, String kind, String code, String message) {}

    private static List<Answer> answers() {
        return List.of(
                new Answer(
                        "BadBody",
                        ResponseType.BAD_REQUEST_BODY,
                        "400",
                        INVALID,
                        "invalid_request_body",
                        "The body is not JSON, or a field that must be there is not, or has the wrong type."),
                new Answer(
                        "BadParameters",
                        ResponseType.BAD_REQUEST_PARAMETERS,
                        "400",
                        INVALID,
                        "invalid_parameter",
                        "A parameter or header that must be there is not."),
                new Answer(
                        "MediaType",
                        ResponseType.UNSUPPORTED_MEDIA_TYPE,
                        "415",
                        INVALID,
                        "unsupported_media_type",
                        "The Content-Type must be application/json."),
                new Answer(
                        "TooLarge",
                        ResponseType.REQUEST_TOO_LARGE,
                        "413",
                        INVALID,
                        "request_too_large",
                        "The request is larger than the gateway takes (10 MB)."),
                new Answer(
                        "Denied",
                        ResponseType.ACCESS_DENIED,
                        "403",
                        "permission_error",
                        "access_denied",
                        "This address may not call the service."),
                new Answer(
                        "Filtered",
                        ResponseType.WAF_FILTERED,
                        "403",
                        "permission_error",
                        "request_blocked",
                        "The firewall blocked the request."),
                new Answer(
                        "NoKey",
                        ResponseType.INVALID_API_KEY,
                        "403",
                        "permission_error",
                        "invalid_gateway_key",
                        "The key in x-api-key is missing or is not one of the gateway's."),
                // the gateway says so of every path that it does not know, and of a wrong method
                new Answer(
                        "NoRoute",
                        ResponseType.MISSING_AUTHENTICATION_TOKEN,
                        "404",
                        INVALID,
                        "unknown_url",
                        "There is no such path or method."),
                new Answer(
                        "NotFound",
                        ResponseType.RESOURCE_NOT_FOUND,
                        "404",
                        INVALID,
                        "unknown_url",
                        "There is no such path or method."),
                new Answer(
                        "Throttled",
                        ResponseType.THROTTLED,
                        "429",
                        "rate_limit_error",
                        "rate_limit_exceeded",
                        "Too many requests to the service at once; try again in a second."),
                new Answer(
                        "Quota",
                        ResponseType.QUOTA_EXCEEDED,
                        "429",
                        "rate_limit_error",
                        "quota_exceeded",
                        "The requests of the day are used up."),
                new Answer(
                        "Timeout",
                        ResponseType.INTEGRATION_TIMEOUT,
                        "504",
                        SERVER,
                        "timeout",
                        "The answer took longer than the gateway waits."),
                new Answer(
                        "Failure",
                        ResponseType.INTEGRATION_FAILURE,
                        "502",
                        SERVER,
                        "bad_gateway",
                        "The function behind the gateway failed."),
                new Answer(
                        "OtherClient",
                        ResponseType.DEFAULT_4_XX,
                        null,
                        INVALID,
                        "bad_request",
                        "The gateway refused the request."),
                new Answer(
                        "OtherServer",
                        ResponseType.DEFAULT_5_XX,
                        null,
                        SERVER,
                        "internal_error",
                        "The gateway failed."));
    }

    /** The answers for an API, readable for pages of these origins where it is one. */
    GatewayErrors(Construct scope, String id, RestApi api, List<Origin> corsOrigins) {
        super(scope, id);
        for (Answer answer : answers()) {
            var response = GatewayResponse.Builder.create(this, answer.id())
                    .restApi(api)
                    .type(answer.type())
                    .templates(Map.of(
                            "application/json",
                            "{\"error\":{\"message\":\"%s\",\"type\":\"%s\",\"param\":null,\"code\":\"%s\"}}"
                                    .formatted(answer.message(), answer.kind(), answer.code())));
            if (answer.status() != null) {
                response.statusCode(answer.status());
            }
            Map<String, String> headers = new TreeMap<>(readableFor(corsOrigins));
            if (answer.code().equals("rate_limit_exceeded")) {
                headers.put("Retry-After", "'1'");
            }
            response.responseHeaders(headers.isEmpty() ? null : headers);
            response.build();
        }
    }

    /**
     * The gateway can put a fixed text into a header of its own answers, or repeat one of the request, and cannot choose: so one
     * origin is named, and of several none, because to repeat the request's would name every page of the web.
     */
    private static Map<String, String> readableFor(List<Origin> corsOrigins) {
        return corsOrigins.size() != 1
                ? Map.of()
                : Map.of(
                        "Access-Control-Allow-Origin",
                                "'" + corsOrigins.getFirst().text() + "'",
                        "Access-Control-Expose-Headers", "'Retry-After'",
                        "Vary", "'Origin'");
    }
}
