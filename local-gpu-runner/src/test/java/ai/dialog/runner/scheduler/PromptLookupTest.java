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

import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.Sampling;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Guesses from the text so far save steps and change no answer. */
class PromptLookupTest {

    private static final String POEM = "one two three four five six seven eight nine ten; one two ";
    private static final String REST = "three four five six seven eight nine ten; one two three";

    private static SchedulerSettings guessing(int most) {
        return new SchedulerSettings(4, 4, 64, null, 0, 0, most);
    }

    private static List<CompletionChunk> run(Function<int[], float[]> script, int most, Requests.Builder request) {
        try (var bench = new Bench(new FakeLanguageModel(script), guessing(most))) {
            return bench.run(request);
        }
    }

    @Test
    void aTextThatRepeatsItself_takesFewSteps() {
        try (var bench = new Bench(new FakeLanguageModel(answering(Map.of(POEM, REST))), guessing(12))) {
            assertThat(textOf(bench.run(text(POEM).maxTokens(200)))).isEqualTo(REST);
            var metrics = bench.inference.metrics();
            assertThat(metrics.decodedTokens()).isEqualTo(REST.length() + 1);
            assertThat(metrics.decodeSteps()).isLessThan(12);
            assertThat(metrics.rightGuesses()).isGreaterThan(40);
            assertThat(metrics.guessedTokens()).isGreaterThanOrEqualTo(metrics.rightGuesses());
        }
    }

    @Test
    void withoutGuesses_eachTokenIsAStep() {
        try (var bench = new Bench(new FakeLanguageModel(answering(Map.of(POEM, REST))), guessing(0))) {
            assertThat(textOf(bench.run(text(POEM).maxTokens(200)))).isEqualTo(REST);
            assertThat(bench.inference.metrics().guessedTokens()).isZero();
            assertThat(bench.inference.metrics().decodeSteps()).isEqualTo(REST.length());
        }
    }

    /** The first half of the alphabet in a text that the model leaves at every turn: guesses fail at all places. */
    private static float[] stumbling(int[] tokens) {
        var scores = new float[FakeTokenizer.VOCABULARY];
        Arrays.fill(scores, -20);
        int last = tokens[tokens.length - 1];
        for (int letter = 'a'; letter <= 'f'; letter++) {
            scores[letter] = ((letter * 7 + last * 3 + tokens.length / 9) % 5) * 1.5f;
        }
        return scores;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 12, 64})
    void whateverIsGuessed_theAnswerIsTheSame(int most) {
        for (double temperature : new double[] {0, 0.8, 1.5}) {
            for (long seed = 1; seed <= 20; seed++) {
                double penalty = seed % 2 == 0 ? 0 : 0.1;
                var sampling = new Sampling(temperature, 0.95, 0, 0, penalty, penalty, 1 + penalty, seed, Map.of());
                var expected = run(
                        PromptLookupTest::stumbling,
                        0,
                        text("abcabcabc").maxTokens(150).sampling(sampling));
                var guessed = run(
                        PromptLookupTest::stumbling,
                        most,
                        text("abcabcabc").maxTokens(150).sampling(sampling));
                assertThat(textOf(guessed)).isEqualTo(textOf(expected));
                assertThat(usageOf(guessed)).isEqualTo(usageOf(expected));
                assertThat(finishesOf(guessed)).isEqualTo(finishesOf(expected));
            }
        }
    }

    @Test
    void logprobsStopStringsAndTheLastTokenAreTheSame() {
        for (int length = 1; length < 40; length++) {
            var plain = run(
                    PromptLookupTest::stumbling,
                    0,
                    text("abcabc").maxTokens(length).topLogprobs(2));
            var guessed = run(
                    PromptLookupTest::stumbling,
                    12,
                    text("abcabc").maxTokens(length).topLogprobs(2));
            assertThat(logprobsOf(guessed)).isEqualTo(logprobsOf(plain));
        }
        var stopped =
                run(answering(Map.of(POEM, REST)), 12, text(POEM).maxTokens(200).stop("eight"));
        assertThat(textOf(stopped)).isEqualTo("three four five six seven ");
    }

    @Test
    void aSequenceNeverGrowsBeyondItsContext() {
        var scores = new float[FakeTokenizer.VOCABULARY];
        scores['a'] = 9;
        try (var bench = new Bench(new FakeLanguageModel(constant(scores), 1, 40, false), guessing(64))) {
            assertThat(textOf(bench.run(text("aaaa").maxTokens(36)))).hasSize(36);
        }
    }

    @Test
    void besideOthers_nothingIsGuessed() throws InterruptedException {
        try (var bench = new Bench(new FakeLanguageModel(rambling()), guessing(12))) {
            bench.model.pause();
            var one = bench.start(text("abcabcabc").maxTokens(30));
            bench.model.untilPaused();
            var two = bench.startQueued(text("abcabcabcabc").maxTokens(30), 1);
            bench.model.resume();
            assertThat(one.end()).isNull();
            assertThat(two.end()).isNull();
            assertThat(bench.model.calls).contains("decode 2");
        }
    }

    @Test
    void whatAGuessHasLeftBehindIsNoPrefixOfAnotherPrompt() {
        // the first answer ends in the middle of a guess; what is kept of it is what was said, not what was guessed
        String asked = POEM + "three four five six seven eight\0\0\0\0\0 and";
        var settings = new SchedulerSettings(1, 4, 64, null, 0, 1 << 20, 64);
        var model = new FakeLanguageModel(answering(Map.of(POEM, REST, asked, "!")), 3, 512, false);
        try (var bench = new Bench(model, settings)) {
            bench.run(text(POEM).maxTokens(200).stop("eight"));
            assertThat(textOf(bench.run(text(asked).maxTokens(5)))).isEqualTo("!");
            assertThat(bench.inference.metrics().cache().reusedTokens()).isBetween(1L, asked.indexOf('\0') + 0L);
        }
    }

    @Test
    void guessesThatFailBecomeShortAndRare() {
        int[] prompt = {1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3};
        var lookup = new PromptLookup(12);
        assertThat(lookup.guess(prompt, 11, 100)).containsExactly(4, 5, 6, 7);
        lookup.judged(0, 4);
        assertThat(lookup.guess(prompt, 11, 100)).isEmpty(); // it rests for one token
        assertThat(lookup.guess(prompt, 11, 100)).containsExactly(4, 5);
        lookup.judged(0, 2);
        assertThat(lookup.guess(prompt, 11, 100)).isEmpty();
        assertThat(lookup.guess(prompt, 11, 100)).isEmpty();
        assertThat(lookup.guess(prompt, 11, 100)).containsExactly(4);
        lookup.judged(1, 1);
        assertThat(lookup.guess(prompt, 11, 100)).containsExactly(4, 5);
        assertThat(lookup.guess(prompt, 11, 1)).containsExactly(4);
        assertThat(lookup.guess(prompt, 11, 0)).isEmpty();
    }

    @Test
    void theLatestPlaceCounts_andShortTextsHaveNone() {
        var lookup = new PromptLookup(12);
        int[] text = {1, 2, 3, 4, 1, 2, 3, 5, 1, 2, 3};
        assertThat(lookup.guess(text, 10, 9)).isEmpty();
        assertThat(lookup.guess(text, 11, 2)).containsExactly(5, 1);
        assertThat(new PromptLookup(12).guess(new int[] {1, 1}, 2, 5)).isEmpty();
    }
}
