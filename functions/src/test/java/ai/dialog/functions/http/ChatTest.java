package ai.dialog.functions.http;

import static ai.dialog.functions.http.GatewayRig.request;
import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.FinishReason;
import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.Prompt;
import ai.dialog.functions.inference.ResponseFormat;
import ai.dialog.functions.inference.Sampling;
import ai.dialog.functions.inference.TokenLogprob;
import ai.dialog.functions.inference.Usage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

/** Chats that go well, and those that break off. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ChatTest {

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

    private static String body(String more) {
        return "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]" + (more.isEmpty() ? "" : "," + more) + "}";
    }

    private GatewayRig.Answer chat(String more) {
        return rig.post("/v1/chat/completions", body(more));
    }

    @Test
    void aWholeNumberMayBeWrittenWithADecimalPoint() {
        chat("\"top_k\":40.0,\"max_tokens\":1e2,\"seed\":7.0,\"best_of\":1.0,\"mirostat\":0.0");

        assertThat(rig.inference().lastRequest().sampling().topK()).isEqualTo(40);
        assertThat(rig.inference().lastRequest().sampling().seed()).isEqualTo(7);
        assertThat(rig.inference().lastRequest().maxTokens()).isEqualTo(100);
    }

    @Test
    void aWholeAnswerHasOpenAisShape() {
        var answer = chat("");
        assertThat(answer.status()).isEqualTo(200);
        var json = answer.json();
        assertThat(json.propertyNames())
                .containsExactly("id", "object", "created", "model", "choices", "usage", "system_fingerprint");
        assertThat(json.get("id").stringValue()).matches("chatcmpl-[0-9a-f]{32}");
        assertThat(json.get("object").stringValue()).isEqualTo("chat.completion");
        assertThat(json.get("model").stringValue()).isEqualTo("org/fake-model");
        assertThat(json.get("system_fingerprint").stringValue()).matches("fp_[0-9a-f]{8}");
        assertThat(json.get("choices").toString()).isEqualTo("""
                        [{"index":0,"message":{"role":"assistant","content":"The capital is Paris.","refusal":null},\
                        "logprobs":null,"finish_reason":"stop"}]""");
        assertThat(json.get("usage").toString()).isEqualTo("""
                        {"prompt_tokens":1,"completion_tokens":3,"total_tokens":4,\
                        "prompt_tokens_details":{"cached_tokens":1}}""");
    }

    @Test
    void aStreamBeginsWithTheRoleAndEndsWithTheReason() {
        var answer = chat("\"stream\":true");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.headers())
                .containsEntry("content-type", "text/event-stream; charset=utf-8")
                .containsEntry("cache-control", "no-cache, no-transform")
                .doesNotContainKey("content-length");
        var chunks = answer.chunks();
        assertThat(chunks.stream()
                        .map(chunk -> chunk.get("choices").get(0).get("delta").toString()))
                .containsExactly(
                        "{\"role\":\"assistant\",\"content\":\"\"}",
                        "{\"content\":\"The capital\"}",
                        "{\"content\":\" is\"}",
                        "{\"content\":\" Paris.\"}",
                        "{}");
        assertThat(chunks.stream()
                        .map(chunk ->
                                chunk.get("choices").get(0).get("finish_reason").toString()))
                .containsExactly("null", "null", "null", "null", "\"stop\"");
        assertThat(chunks.stream().map(chunk -> chunk.get("id").stringValue()).distinct())
                .hasSize(1)
                .allMatch(id -> id.startsWith("chatcmpl-"));
        assertThat(chunks).allSatisfy(chunk -> {
            assertThat(chunk.propertyNames())
                    .containsExactly("id", "object", "created", "model", "system_fingerprint", "choices");
            assertThat(chunk.get("object").stringValue()).isEqualTo("chat.completion.chunk");
            assertThat(chunk.get("choices").get(0).get("logprobs").isNull()).isTrue();
        });
    }

    @Test
    void aStreamEndsWithItsUsageWhereThatWasAskedFor() {
        var chunks = chat("\"stream\":true,\"stream_options\":{\"include_usage\":true}")
                .chunks();
        assertThat(chunks.subList(0, chunks.size() - 1))
                .allSatisfy(chunk -> assertThat(chunk.get("usage").isNull()).isTrue());
        var last = chunks.getLast();
        assertThat(last.get("choices").isEmpty()).isTrue();
        assertThat(last.get("usage").get("total_tokens").intValue()).isEqualTo(4);
    }

    @Test
    void everyEventIsAChunkOfItsOwn() {
        var response =
                GatewayRig.handle(rig.gateway(), request("POST", "/v1/chat/completions", body("\"stream\":true")));
        StepVerifier.create(response.body()).expectNextCount(6).verifyComplete();
    }

    @Test
    void severalChoicesEachHaveTheirOwnRoleTextAndEnd() {
        var whole = chat("\"n\":3").json();
        assertThat(whole.get("choices").size()).isEqualTo(3);
        assertThat(whole.get("choices").get(2).get("index").intValue()).isEqualTo(2);
        assertThat(whole.get("usage").get("completion_tokens").intValue()).isEqualTo(9);
        var chunks = chat("\"n\":2,\"stream\":true").chunks();
        assertThat(chunks.stream()
                        .map(chunk -> chunk.get("choices").get(0))
                        .filter(choice -> choice.get("delta").has("role"))
                        .map(choice -> choice.get("index").intValue()))
                .containsExactly(0, 1);
    }

    @Test
    void logprobsHaveTokensBytesAndAlternatives() {
        var whole = chat("\"logprobs\":true,\"top_logprobs\":2").json();
        var content = whole.get("choices").get(0).get("logprobs").get("content");
        assertThat(content.size()).isEqualTo(3);
        assertThat(content.get(1).toString()).isEqualTo("""
                        {"token":" is","logprob":-0.5,"bytes":[32,105,115],"top_logprobs":[\
                        {"token":" is","logprob":-0.5,"bytes":[32,105,115]},\
                        {"token":"alt1","logprob":-1.5,"bytes":[97,108,116,49]}]}""");
        var chunk = chat("\"logprobs\":true,\"stream\":true").chunks().get(1);
        assertThat(chunk.get("choices").get(0).get("logprobs").toString()).isEqualTo("""
                        {"content":[{"token":"The capital","logprob":-0.5,\
                        "bytes":[84,104,101,32,99,97,112,105,116,97,108],"top_logprobs":[]}],"refusal":null}""");
    }

    @Test
    void everyFieldReachesTheInference() {
        var answer = chat("""
                "model":"org/fake-model","max_completion_tokens":5,"temperature":0.5,"top_p":0.9,"top_k":40,"min_p":0.1,\
                "seed":-7,"stop":["a","b"],"n":2,"presence_penalty":1,"frequency_penalty":-1.5,"repetition_penalty":1.1,\
                "logit_bias":{"42":-100,"7":3.5},"logprobs":true,"top_logprobs":4,"ignore_eos":true,"min_tokens":3,\
                "user":"somebody"\
                """);
        assertThat(answer.status()).isEqualTo(200);
        var asked = rig.inference().lastRequest();
        assertThat(asked.sampling())
                .isEqualTo(new Sampling(0.5, 0.9, 40, 0.1, 1, -1.5, 1.1, -7L, Map.of(42, -100.0, 7, 3.5)));
        assertThat(asked.model()).isEqualTo("org/fake-model");
        assertThat(asked.choices()).isEqualTo(2);
        assertThat(asked.maxTokens()).isEqualTo(5);
        assertThat(asked.minTokens()).isEqualTo(3);
        assertThat(asked.stop()).containsExactly("a", "b");
        assertThat(asked.topLogprobs()).isEqualTo(4);
        assertThat(asked.ignoreEos()).isTrue();
        assertThat(asked.echo()).isFalse();
        assertThat(asked.deadline()).isNotNull();
        assertThat(asked.tenant()).isEqualTo("local");
    }

    @Test
    void defaultsAreOpenAis() {
        chat("\"model\":null,\"temperature\":null,\"stop\":null,\"logit_bias\":null,\"stream\":null");
        var asked = rig.inference().lastRequest();
        assertThat(asked.model()).isEqualTo(CompletionRequest.DEFAULT_MODEL);
        assertThat(asked.sampling()).isEqualTo(new Sampling(1, 1, 0, 0, 0, 0, 1, null, Map.of()));
        assertThat(asked.maxTokens()).isNull();
        assertThat(asked.choices()).isEqualTo(1);
        assertThat(asked.stop()).isEmpty();
        assertThat(asked.topLogprobs()).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"model\":\"default\"",
                "\"max_tokens\":3,\"max_completion_tokens\":3",
                "\"top_k\":-1",
                "\"stop\":\"x\"",
                "\"stop\":[]",
                "\"tools\":null",
                "\"tool_choice\":\"none\"",
                "\"response_format\":{\"type\":\"text\"}",
                "\"response_format\":{\"type\":\"json_object\"}",
                "\"modalities\":[\"text\"]",
                "\"store\":false",
                "\"never_heard_of\":{\"a\":[1,2]}",
                "\"parallel_tool_calls\":true",
                "\"logit_bias\":{}",
                "\"seed\":9223372036854775807",
                "\"temperature\":0",
                "\"temperature\":2",
                "\"temperature\":1e0",
                "\"top_p\":1e-9",
                "\"repetition_penalty\":10",
                "\"stream_options\":null",
                "\"metadata\":{\"a\":\"b\"}"
            })
    void whatChangesNothingOrIsInRangeIsAccepted(String more) {
        assertThat(chat(more).status()).isEqualTo(200);
    }

    @Test
    void everyRoleAndTextPartsAreTaken() {
        var answer = rig.post("/v1/chat/completions", """
                {"messages":[{"role":"system","content":"s"},{"role":"developer","content":"d"},\
                {"role":"user","name":"Ann","content":[{"type":"text","text":"one"},{"type":"text","text":"two 😀"}]},\
                {"role":"assistant","content":"","tool_calls":[],"refusal":null}]}""");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(rig.inference().lastRequest().prompt())
                .isEqualTo(new Prompt.Conversation(List.of(
                        new Prompt.Message("system", "s"),
                        new Prompt.Message("developer", "d"),
                        new Prompt.Message("user", "one\ntwo 😀"),
                        new Prompt.Message("assistant", ""))));
    }

    @Test
    void anUnknownModelIs404() {
        var answer = chat("\"model\":\"gpt-5\"");
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.error().get("code").stringValue()).isEqualTo("model_not_found");
        assertThat(answer.error().get("param").stringValue()).isEqualTo("model");
    }

    @Test
    void aClientThatLeavesCancelsTheInference() {
        Sinks.Many<CompletionChunk> sink = Sinks.many().unicast().onBackpressureBuffer();
        rig.inference().behave(request -> sink.asFlux());
        var response = rig.gateway()
                .handle(request("POST", "/v1/chat/completions", body("\"stream\":true")))
                .toFuture();
        assertThat(response).isNotDone();
        sink.tryEmitNext(new CompletionChunk.Delta(0, "Once", List.of())).orThrow();
        var begun = Objects.requireNonNull(response.join());
        StepVerifier.create(begun.body()).expectNextCount(2).thenCancel().verify(Duration.ofSeconds(5));
        assertThat(rig.inference().cancelled()).isEqualTo(1);
        assertThat(sink.currentSubscriberCount()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aClientThatLeavesBeforeTheFirstTokenCancelsTheInference(boolean stream) {
        rig.inference().behave(request -> Flux.never());
        StepVerifier.create(rig.gateway().handle(request("POST", "/v1/chat/completions", body("\"stream\":" + stream))))
                .thenAwait(Duration.ofMillis(20))
                .thenCancel()
                .verify(Duration.ofSeconds(5));
        assertThat(rig.inference().requests()).hasSize(1);
        assertThat(rig.inference().cancelled()).isEqualTo(1);
    }

    @Test
    void aFailureAfterTheFirstTokenIsTheLastEvent() {
        rig.inference()
                .behave(request -> Flux.<CompletionChunk>just(new CompletionChunk.Delta(0, "Once", List.of()))
                        .concatWith(
                                Flux.error(new InferenceException(InferenceException.Kind.UNAVAILABLE, "going down"))));
        var answer = chat("\"stream\":true");
        assertThat(answer.status()).isEqualTo(200);
        var events = answer.events();
        assertThat(events).hasSize(3).doesNotContain("[DONE]");
        assertThat(events.getLast()).isEqualTo("""
                        {"error":{"message":"going down","type":"server_error","param":null,\
                        "code":"service_unavailable"}}""");
    }

    @Test
    void aGenerationThatBreaksTheContractIsAnErrorNotAnAnswer() {
        var delta = new CompletionChunk.Delta(0, "Once", List.of());
        var total = new CompletionChunk.Total(new Usage(1, 1, 0));
        var finish = new CompletionChunk.Finish(0, FinishReason.STOP);
        var wrongs = List.of(
                List.of(delta, total),
                List.of(delta, finish),
                List.of(new CompletionChunk.Delta(1, "x", List.of()), finish, total),
                List.of(new CompletionChunk.Delta(-1, "x", List.of()), finish, total),
                List.of(finish, delta, total),
                List.<CompletionChunk>of());
        for (var wrong : wrongs) {
            rig.inference().behave(request -> Flux.fromIterable(wrong));
            assertThat(chat("").status()).as(wrong.toString()).isEqualTo(500);
            var stream = chat("\"stream\":true").text();
            assertThat(stream)
                    .as(wrong.toString())
                    .contains("\"internal_error\"")
                    .doesNotContain("[DONE]");
        }
    }

    @Test
    void aLogprobOfNoChanceIsANumber() {
        rig.inference()
                .behave(request -> Flux.just(
                        new CompletionChunk.Delta(
                                0,
                                "x",
                                List.of(new TokenLogprob(1, "x", List.of(120), Double.NEGATIVE_INFINITY, List.of()))),
                        new CompletionChunk.Finish(0, FinishReason.STOP),
                        new CompletionChunk.Total(new Usage(1, 1, 0))));
        var entry = chat("\"logprobs\":true")
                .json()
                .get("choices")
                .get(0)
                .get("logprobs")
                .get("content")
                .get(0);
        assertThat(entry.get("logprob").doubleValue()).isEqualTo(-9999.0);
    }

    @Test
    void aFormReachesTheInferenceWithItsPropertiesInTheirOrder() {
        var answer = rig.post("/v1/chat/completions", """
                {"messages":[{"role":"user","content":"hi"}],"response_format":{"type":"json_schema","json_schema":\
                {"name":"pair","strict":true,"schema":{"properties":{"z":{"minimum":0.5},"a":true}}}}}""");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(rig.inference().lastRequest().format())
                .isEqualTo(
                        new ResponseFormat.JsonSchema("pair", "{\"properties\":{\"z\":{\"minimum\":0.5},\"a\":true}}"));
    }
}
