package ai.dialog.functions.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.FinishReason;
import ai.dialog.functions.inference.Prompt;
import ai.dialog.functions.inference.ResponseFormat;
import ai.dialog.functions.inference.Sampling;
import ai.dialog.functions.inference.TokenLogprob;
import ai.dialog.functions.inference.Usage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RemoteInferenceTest extends RemoteFixture {
    @Test
    void aConversationIsAskedForAsAStreamedChatCompletion() throws Exception {
        FakeUpstream server = server(RemoteFixture::helloWorld);
        Sampling sampling = new Sampling(0.7, 0.9, 40, 0.05, 0.1, 0.2, 1.1, 42L, Map.of(7, -100.0));
        CompletionRequest request = CompletionRequest.of(conversation(), "t")
                .model("m")
                .maxTokens(64)
                .minTokens(3)
                .sampling(sampling)
                .stop(List.of("END"))
                .ignoreEos(true)
                .topLogprobs(5)
                .build();
        inference(server).complete(request).blockLast();

        FakeUpstream.Request sent = server.requests().getFirst();
        assertThat(sent.method() + " " + sent.path()).isEqualTo("POST /v1/chat/completions");
        assertThat(sent.headers())
                .containsEntry("authorization", "Bearer s3cret")
                .containsEntry("content-type", "application/json");
        assertThat(json(sent.body())).isEqualTo(json("""
                {"model":"m","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Grüße"}],
                 "logprobs":true,"top_logprobs":5,"stream":true,"stream_options":{"include_usage":true},"max_tokens":64,
                 "min_tokens":3,"stop":["END"],"ignore_eos":true,"temperature":0.7,"top_p":0.9,"top_k":40,"min_p":0.05,
                 "presence_penalty":0.1,"frequency_penalty":0.2,"repetition_penalty":1.1,"seed":42,
                 "logit_bias":{"7":-100.0}}"""));
    }

    @Test
    void whatStandsAtItsDefaultIsNotSentSoThatAnyServerAccepts() throws Exception {
        FakeUpstream server = server(RemoteFixture::helloWorld);
        inference(server).complete(request(1, null)).blockLast();

        assertThat(json(server.requests().getFirst().body()).propertyNames())
                .containsExactlyInAnyOrder("messages", "stream", "stream_options", "temperature");
    }

    @Test
    void theFormOfAnAnswerIsAskedForAsOpenAiHasIt() throws Exception {
        FakeUpstream server = server(RemoteFixture::helloWorld);
        RemoteInference inference = inference(server);
        inference.complete(formed(new ResponseFormat.JsonObject())).blockLast();
        inference
                .complete(formed(new ResponseFormat.JsonSchema("pair", "{\"properties\":{\"z\":{},\"a\":{}}}")))
                .blockLast();

        assertThat(json(server.requests().get(0).body()).get("response_format"))
                .isEqualTo(json("{\"type\":\"json_object\"}"));
        assertThat(json(server.requests().get(1).body()).get("response_format").toString())
                .isEqualTo("""
                        {"type":"json_schema","json_schema":{"name":"pair","strict":true,\
                        "schema":{"properties":{"z":{},"a":{}}}}}""");
    }

    private static CompletionRequest formed(ResponseFormat format) {
        return CompletionRequest.of(conversation(), "t")
                .model("m")
                .format(format)
                .build();
    }

    @Test
    void aPromptOfTextOrTokensIsAskedForAsACompletion() throws Exception {
        FakeUpstream server = server(
                (request, reply) -> reply.stream().event("""
                        {"choices":[{"index":0,"text":"ab","finish_reason":"length","logprobs":{
                          "tokens":["a","b"],"token_logprobs":[null,-0.5],"top_logprobs":[null,{"c":-2.0,"b":-0.5}]}}]}""").event("[DONE]").end());
        RemoteInference inference = inference(server);
        CompletionRequest request = CompletionRequest.of(new Prompt.Tokens(List.of(1, 2)), "t")
                .maxTokens(0)
                .topLogprobs(2)
                .echo(true)
                .build();
        List<CompletionChunk> chunks =
                inference.complete(request).skip(1).collectList().block();

        assertThat(server.requests().getFirst().path()).isEqualTo("/v1/completions");
        assertThat(json(server.requests().getFirst().body())).isEqualTo(json("""
                {"prompt":[1,2],"logprobs":2,"echo":true,"stream":true,"stream_options":{"include_usage":true},
                 "max_tokens":0,"temperature":0.0}"""));
        TokenLogprob c = new TokenLogprob(-1, "c", List.of(99), -2.0, List.of());
        TokenLogprob b = new TokenLogprob(-1, "b", List.of(98), -0.5, List.of());
        assertThat(chunks)
                .containsExactly(
                        new CompletionChunk.Delta(
                                0,
                                "ab",
                                List.of(
                                        new TokenLogprob(-1, "a", List.of(97), null, List.of()),
                                        new TokenLogprob(-1, "b", List.of(98), -0.5, List.of(b, c)))),
                        new CompletionChunk.Finish(0, FinishReason.LENGTH),
                        new CompletionChunk.Total(new Usage(0, 1, 0)));
    }

    @Test
    void textFinishAndUsageComeInOrder() throws Exception {
        FakeUpstream server = server(RemoteFixture::helloWorld);
        assertThat(inference(server)
                        .complete(request(1, null))
                        .skip(1)
                        .collectList()
                        .block())
                .containsExactly(
                        delta(0, "Hello"),
                        delta(0, " wörld 🙂"),
                        new CompletionChunk.Finish(0, FinishReason.STOP),
                        new CompletionChunk.Total(new Usage(9, 2, 4)));
    }

    @Test
    void eachPieceComesWhenItIsMadeNotAtTheEnd() throws Exception {
        CountDownLatch seen = new CountDownLatch(1);
        FakeUpstream server = server((request, reply) -> {
            reply.stream().event(HELLO);
            assertThat(seen.await(5, TimeUnit.SECONDS)).isTrue();
            reply.event(STOP).event("[DONE]").end();
        });
        List<CompletionChunk> chunks = inference(server)
                .complete(request(1, null))
                .skip(1)
                .doOnNext(chunk -> seen.countDown())
                .collectList()
                .block(Duration.ofSeconds(10));
        assertThat(chunks).hasSize(3);
    }

    @Test
    void aRequestCountsAsBegunAsSoonAsItIsSent() throws Exception {
        FakeUpstream server = server(RemoteFixture::helloWorld);
        assertThat(inference(server).complete(request(1, null)).blockFirst())
                .isEqualTo(new CompletionChunk.Begun(null));
    }

    @Test
    void severalChoicesMayComeInterleaved() throws Exception {
        FakeUpstream server = server((request, reply) -> reply.stream()
                .event(
                        "{\"choices\":[{\"index\":1,\"delta\":{\"content\":\"b\"}},{\"index\":0,\"delta\":{\"content\":\"a\"}}]}")
                .event("{\"choices\":[{\"index\":1,\"delta\":{},\"finish_reason\":\"length\"}]}")
                .event("{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}")
                .event("[DONE]")
                .end());
        assertThat(inference(server)
                        .complete(request(2, null))
                        .skip(1)
                        .collectList()
                        .block())
                .startsWith(
                        delta(1, "b"),
                        delta(0, "a"),
                        new CompletionChunk.Finish(1, FinishReason.LENGTH),
                        new CompletionChunk.Finish(0, FinishReason.STOP));
        assertThat(json(server.requests().getFirst().body()).path("n").intValue())
                .isEqualTo(2);
    }

    @Test
    void logProbabilitiesKeepBytesAndAlternatives() throws Exception {
        FakeUpstream server =
                server((request, reply) -> reply.stream().event("""
                        {"choices":[{"index":0,"delta":{"content":"é"},"logprobs":{"content":[{"token":"é","logprob":-0.25,
                         "bytes":[195,169],"top_logprobs":[{"token":"é","logprob":-0.25,"bytes":null}]}]},
                         "finish_reason":"stop"}]}""").end());
        TokenLogprob token = inference(server)
                .complete(request(1, null))
                .ofType(CompletionChunk.Delta.class)
                .map(delta -> delta.logprobs().getFirst())
                .toIterable()
                .iterator()
                .next();
        assertThat(token.bytes()).containsExactly(195, 169);
        assertThat(token.logprob()).isCloseTo(-0.25, within(1e-12));
        assertThat(token.top()).containsExactly(new TokenLogprob(-1, "é", List.of(195, 169), -0.25, List.of()));
    }

    @Test
    void anAnswerWithoutEndMarkOrUsageStillEnds() throws Exception {
        FakeUpstream server = server(
                (request, reply) -> reply.stream().event(HELLO).event(STOP).end());
        assertThat(inference(server).complete(request(1, null)).blockLast())
                .isEqualTo(new CompletionChunk.Total(new Usage(0, 1, 0)));
    }

    @Test
    void aServerThatKeepsTheConnectionOpenAfterTheEndMarkDoesNotHoldTheCaller() throws Exception {
        FakeUpstream server = server((request, reply) -> {
            reply.stream().event(HELLO).event(STOP).event("[DONE]");
            reply.awaitLeave();
        });
        assertThat(inference(server)
                        .complete(request(1, null))
                        .skip(1)
                        .collectList()
                        .block(Duration.ofSeconds(5)))
                .hasSize(3);
        assertThat(server.callerLeft(10_000)).isTrue();
    }
}
