package ai.dialog.functions.http;

import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.FinishReason;
import ai.dialog.functions.inference.Prompt;
import ai.dialog.functions.inference.TokenLogprob;
import ai.dialog.functions.inference.Usage;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;

/** The older endpoint, with what evaluation harnesses need of it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TextCompletionTest {

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

    private GatewayRig.Answer complete(String body) {
        return rig.post("/v1/completions", body);
    }

    @Test
    void aWholeAnswerHasOpenAisShape() {
        var answer = complete("{\"prompt\":\"Once upon\"}");
        assertThat(answer.status()).isEqualTo(200);
        var json = answer.json();
        assertThat(json.get("id").stringValue()).matches("cmpl-[0-9a-f]{32}");
        assertThat(json.get("object").stringValue()).isEqualTo("text_completion");
        assertThat(json.get("choices").toString()).isEqualTo("""
                        [{"index":0,"text":"The capital is Paris.","logprobs":null,"finish_reason":"stop"}]""");
        assertThat(json.get("usage").get("total_tokens").intValue()).isEqualTo(5);
        assertThat(rig.inference().lastRequest().maxTokens()).isEqualTo(16);
        assertThat(rig.inference().lastRequest().prompt()).isEqualTo(new Prompt.Text("Once upon"));
    }

    @Test
    void aStreamHasTheSameShape() {
        var chunks = complete("{\"prompt\":\"Once\",\"stream\":true,\"stream_options\":{\"include_usage\":true}}")
                .chunks();
        assertThat(chunks.stream()
                        .filter(chunk -> !chunk.get("choices").isEmpty())
                        .map(chunk -> chunk.get("choices").get(0).get("text").stringValue()))
                .containsExactly("The capital", " is", " Paris.", "");
        assertThat(chunks.get(0).get("usage").isNull()).isTrue();
        assertThat(chunks.get(3).get("choices").get(0).get("finish_reason").stringValue())
                .isEqualTo("stop");
        assertThat(chunks.getLast().get("usage").get("completion_tokens").intValue())
                .isEqualTo(3);
        var plain = complete("{\"prompt\":\"Once\",\"stream\":true}").chunks();
        assertThat(plain).hasSize(4).noneMatch(chunk -> chunk.has("usage"));
    }

    @Test
    void anEchoedPromptIsScoredAsHarnessesDoIt() {
        var choice = complete(
                        "{\"prompt\":\"Once upon a\",\"echo\":true,\"logprobs\":1,\"max_tokens\":1,\"seed\":1234}")
                .json()
                .get("choices")
                .get(0);
        assertThat(choice.get("text").stringValue()).isEqualTo("Once upon aThe capital");
        assertThat(choice.get("logprobs").toString()).isEqualTo("""
                        {"tokens":["Once"," upon"," a","The capital"],"token_logprobs":[null,-0.5,-0.5,-0.5],\
                        "top_logprobs":[null,{" upon":-0.5},{" a":-0.5},{"The capital":-0.5}],\
                        "text_offset":[0,4,9,11]}""");
        assertThat(choice.get("finish_reason").stringValue()).isEqualTo("length");
    }

    @Test
    void theOffsetsOfAStreamGoOn() {
        var chunks = complete("{\"prompt\":\"Once upon\",\"echo\":true,\"logprobs\":0,\"stream\":true}")
                .chunks();
        assertThat(chunks.stream()
                        .map(chunk -> chunk.get("choices").get(0).get("logprobs"))
                        .filter(logprobs -> !logprobs.isNull())
                        .map(logprobs -> logprobs.get("text_offset").toString()))
                .containsExactly("[0,4]", "[9]", "[20]", "[23]");
    }

    @Test
    void nothingIsGeneratedWhereOnlyThePromptIsScored() {
        var choice = complete("{\"prompt\":[1,2],\"echo\":true,\"logprobs\":0,\"max_tokens\":0}")
                .json()
                .get("choices")
                .get(0);
        assertThat(choice.get("text").stringValue()).isEqualTo("<1><2>");
        assertThat(choice.get("logprobs").get("token_logprobs").toString()).isEqualTo("[null,-0.5]");
        assertThat(rig.inference().lastRequest().prompt()).isEqualTo(new Prompt.Tokens(List.of(1, 2)));
        assertThat(rig.inference().lastRequest().topLogprobs()).isZero();
    }

    @Test
    void halvesOfACharacterCountOnceInOffsetsAndTheLikelierOfTwoAlikeCounts() {
        var first = new TokenLogprob(1, "\uFFFD", List.of(0xF0, 0x9F), -1.0, List.of());
        var second = new TokenLogprob(
                2,
                "\uFFFD",
                List.of(0x98, 0x80),
                -2.0,
                List.of(new TokenLogprob(3, "\uFFFD", List.of(0x98, 0x81), -0.25, List.of())));
        var third = new TokenLogprob(4, "x", List.of(), -3.0, List.of());
        rig.inference()
                .behave(request -> Flux.just(
                        new CompletionChunk.Delta(0, "😀x", List.of(first, second, third)),
                        new CompletionChunk.Finish(0, FinishReason.STOP),
                        new CompletionChunk.Total(new Usage(1, 3, 0))));
        var logprobs = complete("{\"prompt\":\"a\",\"logprobs\":1}")
                .json()
                .get("choices")
                .get(0)
                .get("logprobs");
        assertThat(logprobs.get("text_offset").toString()).isEqualTo("[0,1,1]");
        assertThat(logprobs.get("top_logprobs").get(1).toString()).isEqualTo("{\"\uFFFD\":-0.25}");
    }

    @Test
    void severalPromptsAreAnsweredInTheirOrder() {
        var json = complete("{\"prompt\":[\"a\",\"b c\",\"d\"],\"n\":2,\"echo\":true}")
                .json();
        assertThat(json.get("choices").size()).isEqualTo(6);
        for (int i = 0; i < 6; i++) {
            assertThat(json.get("choices").get(i).get("index").intValue()).isEqualTo(i);
            assertThat(json.get("choices").get(i).get("text").stringValue())
                    .isEqualTo(List.of("a", "b c", "d").get(i / 2) + "The capital is Paris.");
        }
        assertThat(json.get("usage").get("prompt_tokens").intValue()).isEqualTo(4);
        assertThat(json.get("usage").get("completion_tokens").intValue()).isEqualTo(18);
        assertThat(rig.inference().requests()).hasSize(3);
    }

    @Test
    void listsOfTokenIdsAreSeveralPrompts() {
        complete("{\"prompt\":[[1,2],[3]]}");
        assertThat(rig.inference().requests().stream().map(request -> request.prompt()))
                .containsExactly(new Prompt.Tokens(List.of(1, 2)), new Prompt.Tokens(List.of(3)));
    }

    @Test
    void leavingCancelsEveryPrompt() {
        rig.inference().behave(request -> Flux.never());
        var subscription = rig.gateway()
                .handle(GatewayRig.request("POST", "/v1/completions", "{\"prompt\":[\"a\",\"b\",\"c\"]}"))
                .subscribe();
        assertThat(rig.inference().requests()).hasSize(3);
        subscription.dispose();
        assertThat(rig.inference().cancelled()).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|prompt",
                "{\"prompt\":null}|prompt",
                "{\"prompt\":1}|prompt",
                "{\"prompt\":{}}|prompt",
                "{\"prompt\":\"\"}|prompt",
                "{\"prompt\":[]}|prompt",
                "{\"prompt\":[\"a\",\"\"]}|prompt[1]",
                "{\"prompt\":[\"a\",1]}|prompt[1]",
                "{\"prompt\":[1,\"a\"]}|prompt[1]",
                "{\"prompt\":[1,-1]}|prompt[1]",
                "{\"prompt\":[1.5]}|prompt[0]",
                "{\"prompt\":[2147483648]}|prompt[0]",
                "{\"prompt\":[null]}|prompt[0]",
                "{\"prompt\":[[]]}|prompt",
                "{\"prompt\":[[1],[]]}|prompt[1]",
                "{\"prompt\":[[1],[\"a\"]]}|prompt[1][0]",
                "{\"prompt\":[[[1]]]}|prompt[0][0]",
                "{\"prompt\":[\"\\ud800\"]}|prompt[0]",
                "{\"prompt\":\"a\",\"max_tokens\":-1}|max_tokens",
                "{\"prompt\":\"a\",\"max_tokens\":1.5}|max_tokens",
                "{\"prompt\":\"a\",\"logprobs\":-1}|logprobs",
                "{\"prompt\":\"a\",\"logprobs\":21}|logprobs",
                "{\"prompt\":\"a\",\"logprobs\":true}|logprobs",
                "{\"prompt\":\"a\",\"echo\":1}|echo",
                "{\"prompt\":\"a\",\"suffix\":\"b\"}|suffix",
                "{\"prompt\":\"a\",\"best_of\":2}|best_of",
                "{\"prompt\":\"a\",\"n\":17}|n",
                "{\"prompt\":\"a\",\"response_format\":{\"type\":\"json_object\"}}|response_format",
                "{\"prompt\":\"a\",\"use_beam_search\":true}|use_beam_search",
                "{\"prompt\":\"a\",\"max_tokens\":16,\"min_tokens\":17}|min_tokens",
                "{\"prompt\":\"a\",\"stream_options\":{}}|stream_options"
            })
    void aBadFieldIsNamed(String body, String param) {
        var answer = complete(body);
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.error().get("param").stringValue()).isEqualTo(param);
        assertThat(rig.inference().requests()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"suffix\":null",
                "\"best_of\":1",
                "\"n\":2,\"best_of\":2",
                "\"use_beam_search\":false",
                "\"skip_special_tokens\":true",
                "\"temperature\":0.0,\"repetition_penalty\":1.0",
                "\"user\":\"u\""
            })
    void whatChangesNothingIsAccepted(String more) {
        assertThat(complete("{\"prompt\":\"a\"," + more + "}").status()).isEqualTo(200);
    }

    @Test
    void promptsTimesChoicesAreBounded() {
        assertThat(complete("{\"n\":16,\"prompt\":[\"a\",\"b\"]}").status()).isEqualTo(200);
        var answer = complete("{\"n\":16,\"prompt\":[\"a\",\"b\",\"c\"]}");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error().get("message").stringValue()).contains("1 to 2 prompts");
    }
}
