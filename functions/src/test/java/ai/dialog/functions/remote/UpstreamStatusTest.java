package ai.dialog.functions.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.InferenceException.Kind;
import ai.dialog.functions.inference.ModelCard;
import ai.dialog.functions.inference.Readiness;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UpstreamStatusTest extends RemoteFixture {
    @Test
    void modelsAreAskedForOnceAndTheDefaultComesFirst() throws Exception {
        FakeUpstream server = server((request, reply) -> reply.whole(200, "application/json", """
                {"object":"list","data":[{"id":"a","created":5,"owned_by":"vllm","max_model_len":4096},
                 {"id":"b","context_length":8192},{"object":"nameless"}]}"""));
        RemoteSettings settings = settings(server.uri());
        RemoteInference inference = new RemoteInference(new RemoteSettings(
                settings.base(), "b", settings.bearer(), settings.timeouts(), settings.retries(), 1 << 16));
        open.add(inference);
        inference.models();
        assertThat(inference.models())
                .containsExactly(new ModelCard("b", 0, "", 8192), new ModelCard("a", 5, "vllm", 4096));
        assertThat(server.requests()).hasSize(1);
        assertThat(server.requests().getFirst().headers()).containsEntry("authorization", "Bearer s3cret");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"500|{}", "200|not json", "200|{\"data\":[]}", "401|{\"error\":{\"message\":\"s3cret\"}}"})
    void modelsThatCannotBeHadAreUnavailable(int status, String body) throws Exception {
        FakeUpstream server = server((request, reply) -> reply.whole(status, "application/json", body));
        RemoteInference inference = inference(server);
        assertThatExceptionOfType(InferenceException.class)
                .isThrownBy(inference::models)
                .withMessage("The model server does not tell its models.")
                .satisfies(failure -> assertThat(failure.kind()).isEqualTo(Kind.UNAVAILABLE));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "200|{\"status\":\"healthy\"}|HEALTHY",
                "200||HEALTHY",
                "503|{\"status\":\"loading\"}|LOADING",
                "503|{\"status\":\"unhealthy\"}|UNHEALTHY",
                "500|<html>|UNHEALTHY"
            })
    void readinessFollowsTheServersHealth(int status, @Nullable String body, Readiness.Status expected)
            throws Exception {
        FakeUpstream server =
                server((request, reply) -> reply.whole(status, "application/json", body == null ? "" : body));
        RemoteInference inference = inference(server);
        assertThat(inference.readiness().status()).isEqualTo(expected);
        inference.readiness();
        assertThat(server.requests()).as("cached").hasSize(1);
    }

    @Test
    void aServerWithoutHealthIsTakenByItsModels() throws Exception {
        FakeUpstream server = server((request, reply) ->
                reply.whole(request.path().equals("/v1/models") ? 200 : 404, "application/json", "{}"));
        assertThat(inference(server).readiness().status()).isEqualTo(Readiness.Status.HEALTHY);
    }

    @Test
    void aSilentServerIsUnhealthyWithinTheProbesTime() throws Exception {
        FakeUpstream server = server((request, reply) -> reply.awaitLeave());
        Instant start = Instant.now();
        assertThat(inference(server).readiness().status()).isEqualTo(Readiness.Status.UNHEALTHY);
        assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(8));
        assertThat(server.callerLeft(10_000)).isTrue();
    }
}
