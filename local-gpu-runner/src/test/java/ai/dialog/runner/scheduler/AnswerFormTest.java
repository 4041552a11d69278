package ai.dialog.runner.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.FinishReason;
import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.ResponseFormat;
import ai.dialog.runner.grammar.Schemas;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Answers that are held to a form, among others that are not. */
class AnswerFormTest {

    private static final ResponseFormat OBJECT = new ResponseFormat.JsonObject();

    /** A model that likes letters best, then to close something, and would never open an object. */
    private static FakeLanguageModel model() {
        var scores = new float[FakeTokenizer.VOCABULARY];
        scores['x'] = 5;
        scores['"'] = 4;
        scores['}'] = 6;
        scores[':'] = 4;
        scores['{'] = -50;
        return new FakeLanguageModel(FakeLanguageModel.constant(scores));
    }

    private static Requests.Builder schema(String schema) {
        return Requests.text("Hi").format(new ResponseFormat.JsonSchema("it", schema));
    }

    @Test
    void anObjectIsOneWhateverTheModelLikes_andEndsWhereItIsComplete() {
        try (var bench = new Bench(model())) {
            List<CompletionChunk> chunks = bench.run(Requests.text("Hi").format(OBJECT));

            assertThat(Requests.textOf(chunks)).isEqualTo("{}");
            assertThat(Requests.finishesOf(chunks)).containsExactly(FinishReason.STOP);
            assertThat(Requests.usageOf(chunks).completionTokens()).isEqualTo(2);
        }
    }

    @Test
    void everyChoiceHasAFormOfItsOwn_atEveryTemperature_evenWhereTheEndIsIgnored() {
        String schema = "{\"type\":\"object\",\"properties\":{\"a\":{\"enum\":[1,22,333]}},\"required\":[\"a\"]}";
        try (var bench = new Bench(model())) {
            var chunks = bench.run(
                    schema(schema).choices(3).sampling(Requests.warm(5L)).ignoreEos());

            for (int choice = 0; choice < 3; choice++) {
                String text = Requests.textOf(chunks, choice);
                assertThat(Schemas.errors(schema, text)).as(text).isEmpty();
            }
            assertThat(Requests.finishesOf(chunks)).containsOnly(FinishReason.STOP);
        }
    }

    @Test
    void aValueThatCouldGoOnEndsWithTheEndOfSequenceOnly() {
        var scores = new float[FakeTokenizer.VOCABULARY];
        scores['7'] = 3;
        scores[FakeTokenizer.EOS] = 5;
        try (var bench = new Bench(new FakeLanguageModel(FakeLanguageModel.constant(scores)))) {
            var chunks = bench.run(schema("{\"type\":\"integer\"}"));

            assertThat(Requests.textOf(chunks)).isEqualTo("7");
            assertThat(Requests.finishesOf(chunks)).containsExactly(FinishReason.STOP);
        }
    }

    @Test
    void maxTokensCutsAndSaysSo() {
        try (var bench = new Bench(model())) {
            var chunks =
                    bench.run(schema("{\"type\":\"string\",\"minLength\":50}").maxTokens(10));

            assertThat(Requests.textOf(chunks)).isEqualTo("\"}}}}}}}}}");
            assertThat(Requests.finishesOf(chunks)).containsExactly(FinishReason.LENGTH);
        }
    }

    @Test
    void aSchemaThatCannotBeKeptIsRefusedBeforeAnythingIsComputed() {
        try (var bench = new Bench(model())) {
            var refused = bench.refused(schema("{\"not\":{}}"));

            assertThat(refused.kind()).isEqualTo(InferenceException.Kind.INVALID_REQUEST);
            assertThat(refused.param()).isEqualTo("response_format");
            assertThat(refused).hasMessageContaining("'not'");
            assertThat(bench.model.calls).isEmpty();
        }
    }
}
