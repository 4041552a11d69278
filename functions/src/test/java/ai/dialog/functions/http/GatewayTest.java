package ai.dialog.functions.http;

import static ai.dialog.functions.http.GatewayRig.KEY;
import static ai.dialog.functions.http.GatewayRig.request;
import static ai.dialog.functions.http.GatewayRig.with;
import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.functions.access.AccessException;
import ai.dialog.functions.access.Cidr;
import ai.dialog.functions.access.Principal;
import ai.dialog.functions.audit.AuditEntry;
import ai.dialog.functions.audit.AuditLog;
import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.Readiness;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Routes, headers and errors. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GatewayTest {

    private static final String CHAT = "/v1/chat/completions";
    private static final String QUESTION = """
            {"messages":[{"role":"user","content":"What is the capital of France?"}]}""";

    private GatewayRig rig;

    @BeforeAll
    void start() {
        rig = new GatewayRig();
    }

    @AfterAll
    void stop() {
        rig.close();
    }

    @BeforeEach
    void reset() {
        rig.inference().reset();
    }

    @Test
    void modelsAreListed() {
        var answer = rig.get("/v1/models");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text()).isEqualTo("""
                        {"object":"list","data":[{"id":"org/fake-model","object":"model","created":1700000000,\
                        "owned_by":"org","context_length":2048}]}""");
    }

    @ParameterizedTest
    @ValueSource(strings = {"org/fake-model", "org%2Ffake-model", "org%2ffake%2Dmodel"})
    void aModelIsFoundByItsIdWithASlash(String id) {
        var answer = rig.get("/v1/models/" + id);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().get("id").stringValue()).isEqualTo("org/fake-model");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt-5", "org/fake-model/", "org%2", "%", "%zz", "org+fake-model"})
    void aModelThatIsNotThereIs404(String id) {
        var answer = rig.get("/v1/models/" + id);
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.error().get("code").stringValue()).isEqualTo("model_not_found");
    }

    @Test
    void healthNeedsNoKey() {
        var answer = rig.send(with(request("GET", "/health", ""), "authorization"));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().get("status").stringValue()).isEqualTo("healthy");
        assertThat(answer.json().get("uptime").isIntegralNumber()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"LOADING, loading", "STARTING, starting", "ASLEEP, asleep", "UNHEALTHY, unhealthy"})
    void healthIs503UntilRequestsCanBeServed(Readiness.Status status, String wire) {
        rig.inference().ready(new Readiness(status, "for a test", 1, 4, 2));
        var answer = rig.get("/health");
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.json().get("status").stringValue()).isEqualTo(wire);
        assertThat(answer.json().get("queued").intValue()).isEqualTo(2);
    }

    @Test
    void publicKeysNeedNoKeyAndHaveNoPrivateHalf() {
        var answer = rig.send(with(request("GET", "/.well-known/jwks.json", ""), "authorization"));
        assertThat(answer.status()).isEqualTo(200);
        var key = answer.json().get("keys").get(0);
        assertThat(key.get("alg").stringValue()).isEqualTo("ES256");
        assertThat(key.get("kid").stringValue()).isNotBlank();
        assertThat(key.has("d")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/v1",
                "/v1/",
                "/v1/chat",
                "/v1/models/",
                "/chat",
                "/functionRouter",
                "/V1/models",
                "/v1/models?x"
            })
    void anUnknownPathIs404(String path) {
        var answer = rig.get(path);
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.error().get("code").stringValue()).isEqualTo("unknown_url");
        assertThat(answer.error().get("type").stringValue()).isEqualTo("invalid_request_error");
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /v1/chat/completions, POST",
        "PUT, /v1/completions, POST",
        "POST, /v1/models, GET",
        "DELETE, /v1/models/org/fake-model, GET",
        "POST, /health, GET",
        "GET, /v1/tokens, POST"
    })
    void aWrongMethodIs405AndSaysWhichIsRight(String method, String path, String allowed) {
        var answer = rig.send(request(method, path, ""));
        assertThat(answer.status()).isEqualTo(405);
        assertThat(answer.headers().get("allow")).startsWith(allowed);
        assertThat(answer.error().get("message").stringValue()).contains(allowed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/models", "/v1/models/org/fake-model", "/health", "/.well-known/jwks.json"})
    void headIsGetWithoutTheBody(String path) {
        var head = rig.send(request("HEAD", path, ""));
        var get = rig.get(path);
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.text()).isEmpty();
        assertThat(head.headers())
                .containsEntry("content-length", Integer.toString(get.text().length()));
    }

    @ParameterizedTest
    @ValueSource(strings = {CHAT, "/v1/models", "/health", "/nope"})
    void whoMayNotCallIsRefusedOnEveryPathAndItsBodyIsNeverRead(String path) {
        var gateway = rig.gateway(new GatewaySettings("chat", 1000, Set.of(), List.of(Cidr.of("192.0.2.0/24"))));
        var unread = Mono.<ByteBuffer>error(new AssertionError("The body was read"));
        var response = Objects.requireNonNull(
                gateway.handle(request("POST", path, ""), unread).block(Duration.ofSeconds(10)));
        var answer = GatewayRig.read(response);
        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.error().get("code").stringValue()).isEqualTo("address_not_allowed");
        assertThat(answer.error().get("message").stringValue()).contains("127.0.0.1");
    }

    @Test
    void theBodyOfAStrangerIsNeverRead() {
        var unread = Mono.<ByteBuffer>error(new AssertionError("The body was read"));
        var stranger = with(request("POST", CHAT, ""), "authorization", "Bearer wrong");
        var response =
                Objects.requireNonNull(rig.gateway().handle(stranger, unread).block(Duration.ofSeconds(10)));
        assertThat(GatewayRig.read(response).status()).isEqualTo(401);
    }

    @Test
    void optionsAreAnsweredWithoutCrossOriginAccess() {
        var answer = rig.send(with(request("OPTIONS", CHAT, ""), "origin", "https://page.example"));
        assertThat(answer.status()).isEqualTo(204);
        assertThat(answer.headers().get("allow")).isEqualTo("POST, OPTIONS");
        assertThat(answer.headers().keySet()).noneMatch(name -> name.startsWith("access-control"));
    }

    @Test
    void aConfiguredOriginMayReadAndNoOther() {
        var gateway = rig.gateway(new GatewaySettings("chat", 1000, Set.of("https://page.example"), null));
        var good = GatewayRig.handle(gateway, with(request("OPTIONS", CHAT, ""), "origin", "https://page.example"));
        var bad = GatewayRig.handle(gateway, with(request("OPTIONS", CHAT, ""), "origin", "https://evil.example"));
        assertThat(good.headers())
                .containsEntry("access-control-allow-origin", "https://page.example")
                .hasEntrySatisfying(
                        "access-control-allow-headers",
                        allowed -> assertThat(allowed.split(", "))
                                .contains("authorization", "content-type", "openai-organization", "x-stainless-os"))
                .containsEntry("vary", "Origin");
        assertThat(bad.headers())
                .doesNotContainKey("access-control-allow-origin")
                .containsEntry("vary", "Origin");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/plain",
                "application/x-www-form-urlencoded",
                "application/jsonp",
                "application/json; charset=utf-16",
                ""
            })
    void anotherContentTypeIs415(String type) {
        var answer = rig.send(with(request("POST", CHAT, QUESTION), "content-type", type));
        assertThat(answer.status()).isEqualTo(415);
        assertThat(answer.error().get("message").stringValue()).contains("application/json");
    }

    @Test
    void noContentTypeIs415() {
        assertThat(rig.send(with(request("POST", CHAT, QUESTION), "content-type"))
                        .status())
                .isEqualTo(415);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"application/json", "application/json;charset=UTF-8", "Application/JSON; charset=\"utf-8\""})
    void jsonContentTypesAreAccepted(String type) {
        assertThat(rig.send(with(request("POST", CHAT, QUESTION), "content-type", type))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void aBodyBeyondTheLimitIs413() {
        var gateway = rig.gateway(new GatewaySettings("chat", 100, Set.of(), null));
        var body = "{\"messages\":\"" + "x".repeat(100) + "\"}";
        var response = GatewayRig.handle(gateway, request("POST", CHAT, body));
        var answer = GatewayRig.read(response);
        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.error().get("message").stringValue()).contains("100 bytes");
        assertThat(GatewayRig.read(gateway.failed(
                                BodyException.tooSlow(Duration.ofSeconds(30)), AuditEntry.begin(AuditLog.NONE, "POST")))
                        .status())
                .isEqualTo(408);
    }

    @ParameterizedTest
    @ValueSource(strings = {CHAT, "/v1/completions", "/v1/models", "/v1/models/org/fake-model", "/v1/tokens"})
    void withoutAKeyEveryGuardedPathIs401(String path) {
        String method = path.startsWith("/v1/models") ? "GET" : "POST";
        var answer = rig.send(with(request(method, path, QUESTION), "authorization"));
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.headers().get("www-authenticate")).startsWith("Bearer");
        assertThat(answer.error().get("code").stringValue()).isEqualTo("invalid_api_key");
        assertThat(rig.inference().requests()).isEmpty();
    }

    @Test
    void aWrongKeyIs401AndIsNotRepeated() {
        String wrong = KEY.substring(0, KEY.length() - 1) + "z";
        var answer = rig.send(with(request("POST", CHAT, QUESTION), "authorization", "Bearer " + wrong));
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.text()).doesNotContain(wrong.substring(20));
    }

    @Test
    void theKeyIsAskedForBeforeTheBodyIsLookedAt() {
        var answer = rig.send(with(request("POST", CHAT, "{not json"), "authorization"));
        assertThat(answer.status()).isEqualTo(401);
    }

    @Test
    void requestHeadersAreNeverEchoed() {
        var request = with(request("POST", CHAT, QUESTION), "x-secret", "do-not-echo");
        var answer = rig.send(with(request, "x-request-id", "mine-do-not-echo"));
        assertThat(answer.headers().toString() + answer.text()).doesNotContain("do-not-echo", KEY);
        assertThat(answer.headers().get("x-request-id")).startsWith("req_").hasSize(36);
        assertThat(answer.headers()).containsEntry("x-content-type-options", "nosniff");
    }

    @ParameterizedTest
    @CsvSource({
        "INVALID_REQUEST, 400, invalid_request_error, invalid_value",
        "CONTEXT_LENGTH_EXCEEDED, 400, invalid_request_error, context_length_exceeded",
        "MODEL_NOT_FOUND, 404, invalid_request_error, model_not_found",
        "OVERLOADED, 429, rate_limit_error, engine_overloaded",
        "UNAVAILABLE, 503, server_error, service_unavailable",
        "STARTING, 503, server_error, model_starting",
        "TIMEOUT, 504, server_error, timeout",
        "INTERNAL, 500, server_error, internal_error"
    })
    void aFailureOfInferenceHasItsStatus(InferenceException.Kind kind, int status, String type, String code) {
        rig.inference().fail(new InferenceException(kind, "why it failed"));
        for (String stream : new String[] {"false", "true"}) {
            var answer = rig.post(CHAT, QUESTION.replaceFirst("\\{", "{\"stream\":" + stream + ","));
            assertThat(answer.status()).isEqualTo(status);
            assertThat(answer.headers()).containsEntry("content-type", "application/json");
            assertThat(answer.error().get("message").stringValue()).isEqualTo("why it failed");
            assertThat(answer.error().get("type").stringValue()).isEqualTo(type);
            assertThat(answer.error().get("code").stringValue()).isEqualTo(code);
        }
    }

    @Test
    void aFullQueueSaysWhenToComeBack() {
        rig.inference()
                .fail(new InferenceException(
                        InferenceException.Kind.OVERLOADED, "full", null, Duration.ofMillis(2500), null));
        assertThat(rig.post(CHAT, QUESTION).headers()).containsEntry("retry-after", "3");
        rig.inference().fail(new InferenceException(InferenceException.Kind.UNAVAILABLE, "loading"));
        assertThat(rig.post(CHAT, QUESTION).headers()).containsEntry("retry-after", "5");
    }

    @Test
    void anUnforeseenFailureSaysTheRequestIdAndNothingElse() {
        rig.inference().fail(new IllegalStateException("secret path /etc/shadow"));
        var answer = rig.post(CHAT, QUESTION);
        assertThat(answer.status()).isEqualTo(500);
        assertThat(answer.text())
                .doesNotContain("shadow", "IllegalState")
                .contains(answer.headers().get("x-request-id"));
    }

    @Test
    void otherFrontsHaveTheSameCheckAndTheSameErrors() {
        StepVerifier.create(rig.gateway().authenticate(request("POST", "/functions/chat", "")))
                .assertNext(principal -> {
                    assertThat(principal.credential()).isEqualTo(Principal.Credential.API_KEY);
                    assertThat(principal.keyId()).isEqualTo("abcdefghijkl");
                })
                .verifyComplete();
        StepVerifier.create(rig.gateway().authenticate(with(request("POST", "/functions/chat", ""), "authorization")))
                .verifyError(AccessException.class);
        var response = rig.gateway().failed(AccessException.forbidden("no"), AuditEntry.begin(AuditLog.NONE, "GET"));
        assertThat(GatewayRig.read(response).status()).isEqualTo(403);
    }

    @Test
    void aTokenIsMadeAndOpensTheDoor() {
        var made = rig.post("/v1/tokens", "{\"expires_in\": 60}");
        assertThat(made.status()).isEqualTo(200);
        assertThat(made.json().get("token_type").stringValue()).isEqualTo("Bearer");
        assertThat(made.json().get("expires_in").longValue()).isEqualTo(60);
        assertThat(made.json().get("key_id").stringValue()).isEqualTo("abcdefghijkl");
        String token = made.json().get("token").stringValue();
        var chat = rig.send(with(request("POST", CHAT, QUESTION), "authorization", "Bearer " + token));
        assertThat(chat.status()).isEqualTo(200);
        var another = rig.send(with(request("POST", "/v1/tokens", "{}"), "authorization", "Bearer " + token));
        assertThat(another.status()).isEqualTo(403);
        assertThat(another.error().get("code").stringValue()).isEqualTo("insufficient_permissions");
    }

    @Test
    void aTokenLivesADayWhereNobodySays() {
        var made = rig.send(with(request("POST", "/v1/tokens", ""), "content-type"));
        assertThat(made.status()).isEqualTo(200);
        assertThat(made.json().get("expires_in").longValue()).isEqualTo(86_400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"0", "-1", "604801", "9223372036854775807", "1e30", "\"60\"", "60.5", "92233720368547758080"})
    void aTokensLifeIsBounded(String seconds) {
        var answer = rig.post("/v1/tokens", "{\"expires_in\":" + seconds + "}");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error().get("param").stringValue()).isEqualTo("expires_in");
    }
}
