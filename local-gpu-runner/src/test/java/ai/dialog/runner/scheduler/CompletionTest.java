package ai.dialog.runner.scheduler;

import static ai.dialog.runner.scheduler.FakeLanguageModel.answering;
import static ai.dialog.runner.scheduler.FakeLanguageModel.constant;
import static ai.dialog.runner.scheduler.FakeLanguageModel.rambling;
import static ai.dialog.runner.scheduler.Requests.finishesOf;
import static ai.dialog.runner.scheduler.Requests.logprobsOf;
import static ai.dialog.runner.scheduler.Requests.text;
import static ai.dialog.runner.scheduler.Requests.textOf;
import static ai.dialog.runner.scheduler.Requests.usageOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.FinishReason;
import ai.dialog.functions.inference.InferenceException.Kind;
import ai.dialog.functions.inference.ModelCard;
import ai.dialog.functions.inference.Prompt;
import ai.dialog.functions.inference.Sampling;
import ai.dialog.functions.inference.TokenLogprob;
import ai.dialog.functions.inference.Usage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One request at a time: what comes back for what is asked. */
class CompletionTest {

    private static FakeLanguageModel model(Map<String, String> answers) {
        return new FakeLanguageModel(answering(answers));
    }

    @Test
    void anAnswerEndsWithTheEndOfSequence_whichIsCountedAndNotShown() {
        try (var bench = new Bench(model(Map.of("Q:", "Paris.")))) {
            var chunks = bench.run(text("Q:"));
            assertThat(textOf(chunks)).isEqualTo("Paris.");
            assertThat(finishesOf(chunks)).containsExactly(FinishReason.STOP);
            assertThat(usageOf(chunks)).isEqualTo(new Usage(2, 7, 0));
            assertThat(chunks).hasSize(8);
        }
    }

    @Test
    void charactersOfSeveralTokensArriveWhole() {
        try (var bench = new Bench(model(Map.of("Q:", "né 😀!")))) {
            var chunks = bench.run(text("Q:"));
            assertThat(chunks.subList(0, 5))
                    .extracting(chunk -> ((CompletionChunk.Delta) chunk).text())
                    .containsExactly("n", "é", " ", "😀", "!");
        }
    }

    @Test
    void theTokenLimitEndsAnAnswer_incompleteCharactersShowAsReplacement() {
        try (var bench = new Bench(model(Map.of("Q:", "né")))) {
            var chunks = bench.run(text("Q:").maxTokens(2));
            assertThat(textOf(chunks)).isEqualTo("n\uFFFD");
            assertThat(finishesOf(chunks)).containsExactly(FinishReason.LENGTH);
            assertThat(usageOf(chunks)).isEqualTo(new Usage(2, 2, 0));
        }
    }

    @Test
    void withoutATokenLimit_theContextEndsAnAnswer() {
        try (var bench = new Bench(new FakeLanguageModel(rambling(), 4, 32, false))) {
            var chunks = bench.run(text("0123456789"));
            assertThat(usageOf(chunks)).isEqualTo(new Usage(10, 22, 0));
            assertThat(finishesOf(chunks)).containsExactly(FinishReason.LENGTH);
        }
    }

    @Test
    void aTokenLimitBeyondTheContext_isTrimmed() {
        try (var bench = new Bench(new FakeLanguageModel(rambling(), 4, 32, false))) {
            assertThat(usageOf(bench.run(text("0123456789").maxTokens(1000)))).isEqualTo(new Usage(10, 22, 0));
        }
    }

    @Test
    void aContextLimitBelowTheModels_holds() {
        var settings = new SchedulerSettings(4, 4, 16, null, 16, 0, 0);
        try (var bench = new Bench(new FakeLanguageModel(rambling()), settings)) {
            assertThat(usageOf(bench.run(text("0123456789")))).isEqualTo(new Usage(10, 6, 0));
            assertThat(bench.inference.models()).containsExactly(new ModelCard("fake", 1767225600, "local", 16));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {32, 33, 500})
    void aPromptThatLeavesNoRoom_isRefusedWithBothLengths(int length) {
        try (var bench = new Bench(new FakeLanguageModel(rambling(), 4, 32, false))) {
            var refusal = bench.refused(text("x".repeat(length)));
            assertThat(refusal.kind()).isEqualTo(Kind.CONTEXT_LENGTH_EXCEEDED);
            assertThat(refusal.param()).isEqualTo("prompt");
            assertThat(refusal)
                    .hasMessageStartingWith("This model's maximum context length is 32 tokens. However, your prompt"
                            + " resulted in " + length + " tokens");
        }
    }

    @Test
    void anUnknownModel_isRefusedByName_andItsOwnNameIsNot() {
        try (var bench = new Bench(model(Map.of("Q:", "A")))) {
            var refusal = bench.refused(text("Q:").model("gpt-9"));
            assertThat(refusal.kind()).isEqualTo(Kind.MODEL_NOT_FOUND);
            assertThat(refusal).hasMessageContaining("'gpt-9'");
            assertThat(textOf(bench.run(text("Q:").model("fake")))).isEqualTo("A");
        }
    }

    @Test
    void aConversationGoesThroughTheTemplate_developerIsSystem_noSpecialTokensAreAdded() {
        var prompt = new Prompt.Conversation(
                List.of(new Prompt.Message("developer", "Be brief."), new Prompt.Message("user", "Hi")));
        try (var bench = new Bench(new FakeLanguageModel(rambling(), 4, 512, true))) {
            var chunks = bench.run(Requests.prompt(prompt).echo().maxTokens(1));
            assertThat(textOf(chunks)).startsWith("<s>system:Be brief.</s>user:Hi</s>assistant:");
            // One token for each character, but for the three special ones.
            int characters = "system:Be brief.user:Hiassistant:".length();
            assertThat(usageOf(chunks).promptTokens()).isEqualTo(characters + 3);
        }
    }

    @Test
    void whatTheTemplateRefuses_isTheCallersMistake() {
        var prompt = new Prompt.Conversation(List.of(new Prompt.Message("narrator", "42")));
        try (var bench = new Bench(model(Map.of()))) {
            var refusal = bench.refused(Requests.prompt(prompt));
            assertThat(refusal.kind()).isEqualTo(Kind.INVALID_REQUEST);
            assertThat(refusal.param()).isEqualTo("messages");
            assertThat(refusal).hasMessageContaining("line 1: no narrators here");
            assertThat(bench.refused(Requests.prompt(new Prompt.Conversation(List.of()))))
                    .hasMessageContaining("at least one message");
        }
    }

    @Test
    void anEmptyPrompt_isTheBeginningOfSequence_orRefused() {
        try (var bench = new Bench(new FakeLanguageModel(rambling(), 4, 512, true))) {
            assertThat(usageOf(bench.run(text("").maxTokens(1))).promptTokens()).isEqualTo(1);
            assertThat(usageOf(bench.run(Requests.prompt(new Prompt.Tokens(List.of()))
                                    .maxTokens(1)))
                            .promptTokens())
                    .isEqualTo(1);
        }
        try (var bench = new Bench(model(Map.of()))) {
            assertThat(bench.refused(text("")).kind()).isEqualTo(Kind.INVALID_REQUEST);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, FakeTokenizer.VOCABULARY, Integer.MAX_VALUE})
    void tokensOutsideTheVocabulary_areRefused(int id) {
        try (var bench = new Bench(model(Map.of()))) {
            var refusal = bench.refused(Requests.prompt(new Prompt.Tokens(List.of(65, id))));
            assertThat(refusal).hasMessageContaining("Token " + id + " at position 1");
            var biased = new Sampling(0, 1, 0, 0, 0, 0, 1, null, Map.of(id, 1.0));
            assertThat(bench.refused(text("Q:").sampling(biased)).param()).isEqualTo("logit_bias");
        }
    }

    @Test
    void tokenIdsAreContinuedAsTheyAre() {
        try (var bench = new Bench(model(Map.of("Q:", "A")))) {
            var prompt = new Prompt.Tokens(List.of((int) 'Q', (int) ':'));
            assertThat(textOf(bench.run(Requests.prompt(prompt).echo()))).isEqualTo("Q:A");
        }
    }

    @Test
    void aStopStringAcrossTokens_endsTheText_andIsNotPartOfIt() {
        try (var bench = new Bench(model(Map.of("Q:", "one.\nUser: two")))) {
            var chunks = bench.run(text("Q:").stop("\nUser:", "never"));
            assertThat(textOf(chunks)).isEqualTo("one.");
            assertThat(finishesOf(chunks)).containsExactly(FinishReason.STOP);
            assertThat(usageOf(chunks).completionTokens()).isEqualTo("one.\nUser:".length());
        }
    }

    @Test
    void textThatOnlyBeganLikeAStopString_isHandedOn() {
        try (var bench = new Bench(model(Map.of("Q:", "one.\nUse it\nUs")))) {
            assertThat(textOf(bench.run(text("Q:").stop("\nUser:")))).isEqualTo("one.\nUse it\nUs");
            assertThat(textOf(bench.run(text("Q:").stop("\nUser:").maxTokens(7))))
                    .isEqualTo("one.\nUs");
        }
    }

    @Test
    void stopStringsCountOnlyFromMinTokensOn() {
        try (var bench = new Bench(model(Map.of("Q:", "a.b.c.d")))) {
            assertThat(textOf(bench.run(text("Q:").stop(".").minTokens(4)))).isEqualTo("a.b");
            assertThat(textOf(bench.run(text("Q:").stop(".").minTokens(5)))).isEqualTo("a.b.c");
        }
    }

    @Test
    void theEndOfSequenceIsMaskedBeforeMinTokens() {
        try (var bench = new Bench(model(Map.of("Q:", "A")))) {
            var chunks = bench.run(text("Q:").minTokens(5));
            assertThat(usageOf(chunks).completionTokens()).isGreaterThanOrEqualTo(5);
            assertThat(textOf(chunks)).startsWith("A");
        }
    }

    @Test
    void ignoredEndOfSequence_isGeneratedLikeAnyOther() {
        try (var bench = new Bench(new FakeLanguageModel(constant(FakeLanguageModel.sure(FakeTokenizer.EOS))))) {
            var chunks = bench.run(text("Q:").ignoreEos().minTokens(3).maxTokens(9));
            assertThat(usageOf(chunks)).isEqualTo(new Usage(2, 9, 0));
            assertThat(textOf(chunks)).isEmpty();
            assertThat(finishesOf(chunks)).containsExactly(FinishReason.LENGTH);
        }
    }

    @Test
    void everyChoiceIsItsOwn_andThePromptCountsOnce() {
        try (var bench = new Bench(new FakeLanguageModel(rambling()))) {
            var chunks = bench.run(text("tell").choices(6).maxTokens(20).sampling(Requests.warm(7L)));
            assertThat(usageOf(chunks)).isEqualTo(new Usage(4, 120, 0));
            assertThat(finishesOf(chunks)).hasSize(6);
            for (int choice = 0; choice < 6; choice++) {
                assertThat(textOf(chunks, choice)).hasSize(20);
                for (int other = 0; other < choice; other++) {
                    assertThat(textOf(chunks, choice)).isNotEqualTo(textOf(chunks, other));
                }
            }
        }
    }

    @Test
    void logprobsAreThoseOfTheRawScores_whateverTheSampling() {
        var scores = new float[FakeTokenizer.VOCABULARY];
        java.util.Arrays.fill(scores, -1000);
        scores['a'] = 2;
        scores['b'] = 1;
        scores['c'] = 1;
        double total = Math.log(Math.exp(2) + 2 * Math.E);
        var sampling = new Sampling(0, 1, 0, 0, 5, 0, 1, null, Map.of((int) 'c', 3.0));
        try (var bench = new Bench(new FakeLanguageModel(constant(scores)))) {
            var logprobs =
                    logprobsOf(bench.run(text("Q:").maxTokens(2).topLogprobs(2).sampling(sampling)));
            // 'c' has 1 + 3 = 4, then the presence penalty takes it to -1 and 'a' is best.
            assertThat(logprobs).extracting(TokenLogprob::text).containsExactly("c", "a");
            assertThat(logprobs.get(0).logprob()).isCloseTo(1 - total, within(1e-6));
            assertThat(logprobs.get(1).logprob()).isCloseTo(2 - total, within(1e-6));
            assertThat(logprobs.get(0).bytes()).containsExactly((int) 'c');
            assertThat(logprobs.get(0).top()).extracting(TokenLogprob::text).containsExactly("a", "b");
            assertThat(logprobs.get(0).top().get(0).top()).isEmpty();
        }
    }

    @Test
    void logprobsWaitWithTheirText_andThoseOfAStopStringAreLeftOut() {
        try (var bench = new Bench(model(Map.of("Q:", "aé<br> b<br/>c")))) {
            var chunks = bench.run(text("Q:").stop("<br/>").topLogprobs(0));
            assertThat(textOf(chunks)).isEqualTo("aé<br> b");
            assertThat(logprobsOf(chunks)).hasSize("a".length() + 2 + "<br> b".length());
            var second = (CompletionChunk.Delta) chunks.get(1);
            assertThat(second.text()).isEqualTo("é");
            assertThat(second.logprobs()).extracting(TokenLogprob::bytes).containsExactly(List.of(0xC3), List.of(0xA9));
            var third = (CompletionChunk.Delta) chunks.get(2);
            assertThat(third.text()).isEqualTo("<br>");
            assertThat(third.logprobs()).hasSize(4);
        }
    }

    @Test
    void whatIsComputed_isToldAsItIsComputed() {
        try (var bench = new Bench(model(Map.of("Q:", "aé<br> b<br/>c")))) {
            var chunks = bench.inference
                    .complete(text("Q:").stop("<br/>").choices(2).build())
                    .collectList()
                    .block(Duration.ofSeconds(20));
            assertThat(chunks).first().isEqualTo(new CompletionChunk.Begun(2));
            assertThat(chunks)
                    .filteredOn(CompletionChunk.Begun.class::isInstance)
                    .hasSize(1);
            int told = Objects.requireNonNull(chunks).stream()
                    .mapToInt(chunk -> chunk instanceof CompletionChunk.Delta delta ? delta.tokens() : 0)
                    .sum();
            // the tokens of the stop string itself are in the total alone
            assertThat(told).isEqualTo(usageOf(chunks).completionTokens() - 2 * "<br/>".length());
        }
    }

    @Test
    void echoWithoutLogprobs_givesThePromptFirst() {
        try (var bench = new Bench(model(Map.of("Q:", "A")))) {
            var chunks = bench.run(text("Q:").echo());
            assertThat(chunks.getFirst()).isEqualTo(new CompletionChunk.Delta(0, "Q:", List.of(), 0));
            assertThat(textOf(chunks)).isEqualTo("Q:A");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 7, 100})
    void echoWithLogprobs_scoresEveryTokenOfThePrompt_howeverItIsCutIntoChunks(int chunk) {
        String prompt = "the quick brown fox";
        var settings = new SchedulerSettings(4, 4, chunk, null, 0, 0, 0);
        var expected = rambling();
        try (var bench = new Bench(new FakeLanguageModel(rambling()), settings)) {
            var chunks =
                    bench.run(text(prompt).echo().topLogprobs(1).maxTokens(0).choices(2));
            var first = (CompletionChunk.Delta) chunks.getFirst();
            assertThat(first.text()).isEqualTo(prompt);
            assertThat(first.logprobs()).hasSize(prompt.length());
            assertThat(first.logprobs().getFirst().logprob()).isNull();
            for (int i = 1; i < prompt.length(); i++) {
                var seen = prompt.substring(0, i).chars().toArray();
                var row = new LogSoftmax(expected.apply(seen));
                assertThat(first.logprobs().get(i).logprob()).isEqualTo(row.logprob(prompt.charAt(i)));
                assertThat(first.logprobs().get(i).top().getFirst().id()).isEqualTo(row.top(1)[0]);
            }
            assertThat(usageOf(chunks)).isEqualTo(new Usage(prompt.length(), 0, 0));
            assertThat(finishesOf(chunks)).containsExactly(FinishReason.LENGTH, FinishReason.LENGTH);
            assertThat(textOf(chunks, 1)).isEqualTo(prompt);
            assertThat(logprobsOf(chunks)).hasSize(2 * prompt.length());
        }
    }

    @Test
    void aPromptThatFillsTheContext_canStillBeScored() {
        try (var bench = new Bench(new FakeLanguageModel(rambling(), 1, 16, false))) {
            var chunks =
                    bench.run(text("0123456789abcdef").echo().topLogprobs(0).maxTokens(0));
            assertThat(logprobsOf(chunks)).hasSize(16);
        }
    }

    @Test
    void penaltiesAndBiasReachTheScores() {
        var scores = new float[FakeTokenizer.VOCABULARY];
        scores['a'] = 3;
        scores['b'] = 2;
        scores['c'] = 1;
        try (var bench = new Bench(new FakeLanguageModel(constant(scores)))) {
            var presence = new Sampling(0, 1, 0, 0, 1.5, 0, 1, null, Map.of());
            assertThat(textOf(bench.run(text("Q").maxTokens(3).sampling(presence))))
                    .isEqualTo("aba");
            var frequency = new Sampling(0, 1, 0, 0, 0, 0.75, 1, null, Map.of());
            assertThat(textOf(bench.run(text("Q").maxTokens(7).sampling(frequency))))
                    .isEqualTo("aababca");
            var repetition = new Sampling(0, 1, 0, 0, 0, 0, 2, null, Map.of());
            assertThat(textOf(bench.run(text("a").maxTokens(3).sampling(repetition))))
                    .isEqualTo("baa");
            var bias = new Sampling(0, 1, 0, 0, 0, 0, 1, null, Map.of((int) 'a', -100.0, (int) 'c', 1.5));
            assertThat(textOf(bench.run(text("Q").maxTokens(3).sampling(bias)))).isEqualTo("ccc");
        }
    }
}
