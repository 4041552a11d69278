package ai.dialog.model.torch;

import static ai.dialog.model.torch.TorchModels.assertClose;
import static ai.dialog.model.torch.TorchModels.rows;
import static ai.dialog.model.torch.TorchModels.score;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.dialog.model.LanguageModel;
import ai.dialog.model.LanguageModel.Scores;
import ai.dialog.model.LanguageModel.Sequence;
import ai.dialog.model.ModelException;
import ai.dialog.model.Precision;
import ai.dialog.model.TokenWeights;
import ai.dialog.model.checkpoint.Checkpoint;
import ai.dialog.model.checkpoint.Checkpoints;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TorchLanguageModelTest {
    private static final float TOLERANCE = 1e-4f;
    /** The head's int8 rounds one row in another way than several; layers of int8 are off by more than 1. */
    private static final float FOUR_BITS_TOLERANCE = 0.3f;

    private LanguageModel model;

    @BeforeAll
    void load(@TempDir Path cache) {
        model = TorchModels.load(TinyCheckpoint.llama(), Precision.FLOAT32, 8, cache);
    }

    @AfterAll
    void close() {
        model.close();
    }

    @AfterEach
    void everySlotIsFreeAgain() {
        List<Sequence> all = new ArrayList<>();
        for (int i = 0; i < model.slots(); i++) {
            all.add(model.open());
        }
        all.forEach(Sequence::close);
    }

    private static int[] tokens(int count, long seed) {
        return new Random(seed).ints(count, 0, 96).toArray();
    }

    @Test
    void lastPositionAloneScoresAsAmongAll() {
        int[] tokens = tokens(40, 1);
        float[][] every = score(model, tokens);
        try (Sequence sequence = model.open()) {
            float[][] last = rows(model, model.prefill(sequence, tokens, false));
            assertThat(last.length).isEqualTo(1);
            assertThat(sequence.length()).isEqualTo(40);
            assertClose(last[0], every[39], TOLERANCE);
        }
    }

    @Test
    void prefillInChunksScoresAsInOne() {
        int[] tokens = tokens(600, 2);
        float[][] whole = score(model, tokens);
        try (Sequence sequence = model.open()) {
            int done = 0;
            for (int chunk : new int[] {1, 2, 250, 3, 256, 88}) {
                float[][] part =
                        rows(model, model.prefill(sequence, Arrays.copyOfRange(tokens, done, done + chunk), true));
                assertThat(part.length).isEqualTo(chunk);
                for (int i = 0; i < chunk; i++) {
                    assertClose(part[i], whole[done + i], TOLERANCE);
                }
                done += chunk;
            }
        }
    }

    @Test
    void decodeScoresAsPrefill() {
        int[] tokens = tokens(300, 3);
        float[][] whole = score(model, tokens);
        try (Sequence sequence = model.open()) {
            model.prefill(sequence, Arrays.copyOf(tokens, 240), false).close();
            // Across 256, where the sequence moves to a larger tier.
            for (int i = 240; i < tokens.length; i++) {
                float[][] row = rows(model, model.decode(List.of(sequence), new int[] {tokens[i]}));
                assertClose(row[0], whole[i], TOLERANCE);
            }
        }
    }

    @Test
    void afterCuttingAsIfTheRestHadNeverBeen() {
        int[] tokens = tokens(300, 21);
        float[][] expected = score(model, tokens);
        try (Sequence sequence = model.open()) {
            model.prefill(sequence, Arrays.copyOf(tokens, 290), false).close();
            model.prefill(sequence, tokens(5, 22), true).close(); // a guess of which nothing is true
            sequence.truncate(290);
            float[][] next = rows(model, model.decode(List.of(sequence), new int[] {tokens[290]}));
            assertClose(next[0], expected[290], TOLERANCE);
            sequence.truncate(200);
            float[][] again = rows(model, model.prefill(sequence, Arrays.copyOfRange(tokens, 200, 300), true));
            assertClose(again[99], expected[299], TOLERANCE);
            assertThatThrownBy(() -> sequence.truncate(301)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> sequence.truncate(0)).isInstanceOf(IllegalArgumentException.class);
            assertThat(sequence.length()).isEqualTo(300);
        }
    }

    @Test
    void rowsOfMixedLengthsScoreAsAlone() {
        int[] lengths = {1, 300, 17, 254, 600, 3, 255, 120};
        List<int[]> tokens = new ArrayList<>();
        List<float[][]> alone = new ArrayList<>();
        for (int i = 0; i < lengths.length; i++) {
            tokens.add(tokens(lengths[i] + 6, 10 + i));
            alone.add(score(model, tokens.get(i)));
        }
        List<Sequence> open = new ArrayList<>();
        for (int i = 0; i < lengths.length; i++) {
            Sequence sequence = model.open();
            open.add(sequence);
            model.prefill(sequence, Arrays.copyOf(tokens.get(i), lengths[i]), false)
                    .close();
        }
        // Rows come in another order each time, leave and come back.
        for (List<Integer> rows : List.of(
                List.of(0, 1, 2, 3, 4, 5, 6, 7),
                List.of(7, 3, 1),
                List.of(4, 2, 0, 6),
                List.of(5),
                List.of(6, 5, 4, 3, 2, 1, 0, 7),
                List.of(2, 7, 3, 0, 5))) {
            List<Sequence> step = rows.stream().map(open::get).toList();
            int[] next = rows.stream()
                    .mapToInt(i -> tokens.get(i)[open.get(i).length()])
                    .toArray();
            float[][] scores = rows(model, model.decode(step, next));
            for (int r = 0; r < rows.size(); r++) {
                int i = rows.get(r);
                assertClose(scores[r], alone.get(i)[open.get(i).length() - 1], TOLERANCE);
            }
        }
        open.forEach(Sequence::close);
    }

    @Test
    void promptsOfOneCallScoreAsAlone() {
        int[] lengths = {70, 300, 1, 129, 17};
        int[] held = {0, 40, 0, 0, 250};
        List<int[]> all = new ArrayList<>();
        List<Sequence> open = new ArrayList<>();
        List<int[]> chunks = new ArrayList<>();
        for (int i = 0; i < lengths.length; i++) {
            all.add(tokens(held[i] + lengths[i] + 1, 50 + i));
            open.add(model.open(i % 2 == 0 ? 600 : 0));
            if (held[i] > 0) {
                model.prefill(open.get(i), Arrays.copyOf(all.get(i), held[i]), false)
                        .close();
            }
            chunks.add(Arrays.copyOfRange(all.get(i), held[i], held[i] + lengths[i]));
        }
        float[][] last = rows(model, model.prefill(open, chunks));
        int[] next = IntStream.range(0, lengths.length)
                .map(i -> all.get(i)[held[i] + lengths[i]])
                .toArray();
        float[][] after = rows(model, model.decode(open, next));
        assertThat(last).hasNumberOfRows(lengths.length);
        for (int i = 0; i < lengths.length; i++) {
            float[][] alone = score(model, all.get(i));
            assertClose(last[i], alone[held[i] + lengths[i] - 1], TOLERANCE);
            assertClose(after[i], alone[held[i] + lengths[i]], TOLERANCE);
            assertThat(open.get(i).length()).isEqualTo(held[i] + lengths[i] + 1);
        }
        open.forEach(Sequence::close);
    }

    @Test
    void promptsOfOneCallThatDoNotGoTogetherAreRefused() {
        try (Sequence one = model.open();
                Sequence two = model.open()) {
            List<int[]> both = List.of(new int[] {1}, new int[] {2});
            assertThatThrownBy(() -> model.prefill(List.of(one, one), both))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("twice");
            assertThatThrownBy(() -> model.prefill(List.of(one), both)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> model.prefill(List.of(), List.of())).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> model.prefill(List.of(one, two), List.of(new int[] {1}, new int[0])))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(one.length()).isZero();
        }
    }

    @Test
    void sequencesThatCloseLeaveTheOthersAsTheyWere() {
        List<int[]> tokens =
                IntStream.range(0, 8).mapToObj(i -> tokens(60, 30 + i)).toList();
        List<float[][]> alone = tokens.stream().map(t -> score(model, t)).toList();
        List<Sequence> open = new ArrayList<>();
        for (int[] each : tokens) {
            Sequence sequence = model.open();
            model.prefill(sequence, Arrays.copyOf(each, 50), false).close();
            open.add(sequence);
        }
        List<Integer> left = new ArrayList<>(List.of(0, 1, 2, 3, 4, 5, 6, 7));
        for (int gone : new int[] {3, 0, 7, 1, 6, 2}) {
            left.remove(Integer.valueOf(gone));
            open.get(gone).close();
            int[] next = left.stream()
                    .mapToInt(i -> tokens.get(i)[open.get(i).length()])
                    .toArray();
            float[][] scores =
                    rows(model, model.decode(left.stream().map(open::get).toList(), next));
            for (int r = 0; r < scores.length; r++) {
                int i = left.get(r);
                assertClose(scores[r], alone.get(i)[open.get(i).length() - 1], TOLERANCE);
            }
        }
        open.forEach(Sequence::close);
    }

    @Test
    void argmaxIsTheBestScoreOfEachRow() {
        int[] tokens = tokens(30, 4);
        try (Sequence sequence = model.open();
                Scores scores = model.prefill(sequence, tokens, true)) {
            int[] best = scores.argmax();
            float[] row = new float[96];
            for (int i = 0; i < best.length; i++) {
                scores.copyRow(i, row);
                int expected = 0;
                for (int t = 1; t < row.length; t++) {
                    expected = row[t] > row[expected] ? t : expected;
                }
                assertThat(best[i]).isEqualTo(expected);
            }
        }
    }

    @Test
    void weightsAreTheProbabilitiesOfTheRowsAskedFor() {
        try (Sequence sequence = model.open();
                Scores scores = model.prefill(sequence, tokens(30, 4), true)) {
            int[] all = IntStream.range(0, 30).toArray();
            assertWeights(scores, all, 1);
            assertWeights(scores, all, 0.6);
            assertWeights(scores, new int[] {29}, 1);
            assertWeights(scores, new int[] {7, 3, 12}, 1.7);
            TokenWeights closed = scores.weigh(new int[] {1}, new double[] {1});
            closed.close();
            closed.close();
            assertThatThrownBy(() -> closed.copySums(0, new float[2])).isInstanceOf(IllegalStateException.class);
        }
    }

    /** Row i of those asked for at the temperature, and each other one at another. */
    private static void assertWeights(Scores scores, int[] rows, double temperature) {
        double[] temperatures = IntStream.range(0, rows.length)
                .mapToDouble(i -> temperature * (1 + i % 2))
                .toArray();
        int blocks = Math.ceilDiv(96, TokenWeights.BLOCK);
        var sums = new float[blocks];
        var largest = new float[blocks];
        var block = new float[TokenWeights.BLOCK];
        var row = new float[96];
        try (TokenWeights weights = scores.weigh(rows, temperatures)) {
            for (int i = 0; i < rows.length; i++) {
                scores.copyRow(rows[i], row);
                double[] expected = softmax(row, temperatures[i]);
                weights.copySums(i, sums);
                weights.copyLargest(i, largest);
                for (int b = 0; b < blocks; b++) {
                    int count = weights.copyBlock(i, b, block);
                    assertThat(count).isEqualTo(Math.min(96 - b * TokenWeights.BLOCK, TokenWeights.BLOCK));
                    double sum = 0;
                    float most = 0;
                    for (int t = 0; t < count; t++) {
                        double weight = expected[b * TokenWeights.BLOCK + t];
                        assertThat((double) block[t]).isCloseTo(weight, Offset.offset(1e-5 * weight));
                        sum += block[t];
                        most = Math.max(most, block[t]);
                    }
                    assertThat((double) sums[b]).isCloseTo(sum, Offset.offset(1e-6 * sum));
                    assertThat(largest[b]).isEqualTo(most);
                }
            }
        }
    }

    private static double[] softmax(float[] scores, double temperature) {
        double[] weights = new double[scores.length];
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            weights[i] = Math.exp(scores[i] / temperature);
            sum += weights[i];
        }
        for (int i = 0; i < weights.length; i++) {
            weights[i] /= sum;
        }
        return weights;
    }

    @Test
    void cacheGrowsWithTheSequencesAndShrinksAfterThem(@TempDir Path folder) {
        long position = 2 * 2 * 2 * 16 * Float.BYTES;
        try (LanguageModel fresh = TorchModels.load(TinyCheckpoint.llama(), Precision.FLOAT32, 8, folder)) {
            assertThat(fresh.cacheBytes()).isZero();
            List<Sequence> open = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                Sequence sequence = fresh.open();
                open.add(sequence);
                fresh.prefill(sequence, tokens(10, i), false).close();
            }
            assertThat(fresh.cacheBytes()).isEqualTo(8 * 128 * position);
            fresh.prefill(open.getFirst(), tokens(1090, 9), false).close();
            assertThat(fresh.cacheBytes()).isEqualTo((8 * 128 + 1100) * position);
            open.forEach(Sequence::close);
            assertThat(fresh.cacheBytes()).isEqualTo((128 + 1100) * position);
        }
    }

    @Test
    void openingMoreThanTheSlotsIsRefused() {
        List<Sequence> all = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            all.add(model.open());
        }
        assertThatThrownBy(model::open)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("all 8 slots");
        all.getFirst().close();
        all.getFirst().close();
        model.open().close();
        all.forEach(Sequence::close);
    }

    @Test
    void whatDoesNotFitIsRefusedAndChangesNothing() {
        Sequence closed = model.open();
        closed.close();
        assertThatThrownBy(() -> model.decode(List.of(closed), new int[] {1}))
                .isInstanceOf(IllegalStateException.class);
        try (Sequence sequence = model.open()) {
            assertThatThrownBy(() -> model.prefill(sequence, new int[1101], false))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("1101")
                    .hasMessageContaining("1100");
            assertThatThrownBy(() -> model.prefill(sequence, new int[0], false))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> model.prefill(sequence, new int[] {96}, false))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> model.decode(List.of(sequence, sequence), new int[] {1, 2}))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> model.decode(List.of(sequence), new int[] {1, 2}))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(sequence.length()).isZero();
            model.prefill(sequence, new int[1100], false).close();
            assertThatThrownBy(() -> model.decode(List.of(sequence), new int[] {1}))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void decodeMayBeginASequence() {
        int[] tokens = tokens(3, 5);
        float[][] whole = score(model, tokens);
        try (Sequence sequence = model.open()) {
            for (int i = 0; i < tokens.length; i++) {
                assertClose(
                        rows(model, model.decode(List.of(sequence), new int[] {tokens[i]}))[0], whole[i], TOLERANCE);
            }
        }
    }

    @Test
    void everyWayOfMultiplyingGivesTheSameScores(@TempDir Path folder) {
        int[] tokens = tokens(50, 6);
        for (Checkpoint checkpoint : List.of(TinyCheckpoint.llama(), TinyCheckpoint.qwen2(), TinyCheckpoint.qwen3())) {
            float[][] expected =
                    scoreBy(checkpoint, Precision.FLOAT32, new TorchLoader.Way(Kernel.PLAIN, false), tokens, folder);
            float[][] oneDnn =
                    scoreBy(checkpoint, Precision.FLOAT32, new TorchLoader.Way(Kernel.ONE_DNN, false), tokens, folder);
            float[][] rounded =
                    scoreBy(checkpoint, Precision.BFLOAT16, new TorchLoader.Way(Kernel.PLAIN, false), tokens, folder);
            float[][] half = scoreBy(
                    checkpoint, Precision.BFLOAT16, new TorchLoader.Way(Kernel.FBGEMM_FLOAT16, false), tokens, folder);
            float[][] bfloat16 =
                    scoreBy(checkpoint, Precision.BFLOAT16, new TorchLoader.Way(Kernel.PLAIN, true), tokens, folder);
            float[][] int8 =
                    scoreBy(checkpoint, Precision.INT8, new TorchLoader.Way(Kernel.FBGEMM_INT8, false), tokens, folder);
            float[][] reduced = scoreBy(
                    checkpoint, Precision.INT8, new TorchLoader.Way(Kernel.FBGEMM_INT8_REDUCED, true), tokens, folder);
            float[][] tiles =
                    scoreBy(checkpoint, Precision.INT8, new TorchLoader.Way(Kernel.INT8_TILES, false), tokens, folder);
            for (int i = 0; i < tokens.length; i++) {
                assertClose(oneDnn[i], expected[i], TOLERANCE);
                assertClose(half[i], rounded[i], TOLERANCE);
                assertClose(rounded[i], expected[i], 0.3f);
                assertClose(bfloat16[i], expected[i], 0.5f);
                assertClose(int8[i], expected[i], 1);
                assertClose(tiles[i], expected[i], 1);
                assertClose(reduced[i], expected[i], 2);
            }
        }
    }

    @Test
    void layoutsMadeAfterTheLoadChangeNoScores(@TempDir Path folder) {
        TinyCheckpoint checkpoint = TinyCheckpoint.llama();
        int[] tokens = tokens(12, 6);
        float[][] expected =
                scoreBy(checkpoint, Precision.FLOAT32, new TorchLoader.Way(Kernel.PLAIN, false), tokens, folder);
        try (LanguageModel tiles =
                TorchModels.load(checkpoint, Precision.INT8, new TorchLoader.Way(Kernel.INT8_TILES, false), folder)) {
            int made = 0;
            boolean more = true;
            while (more) {
                float[][] scores = TorchModels.score(tiles, tokens);
                float[][] single = oneByOne(tiles, tokens);
                for (int i = 0; i < tokens.length; i++) {
                    assertClose(scores[i], expected[i], 1);
                    assertClose(single[i], expected[i], 1);
                }
                more = tiles.settle();
                made++;
            }
            // of each layer, its four matrices; and the head
            assertThat(made).isEqualTo(4 * tiles.info().layers() + 1);
            assertThat(tiles.settle()).isFalse();
            float[][] fbgemm =
                    scoreBy(checkpoint, Precision.INT8, new TorchLoader.Way(Kernel.FBGEMM_INT8, false), tokens, folder);
            float[][] scores = TorchModels.score(tiles, tokens);
            for (int i = 0; i < tokens.length; i++) {
                assertClose(scores[i], fbgemm[i], TOLERANCE);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FBGEMM_INT8", "INT8_TILES"})
    void matricesOf4BitsServeUntilThereAreOthers(Kernel kernel, @TempDir Path folder)
            throws IOException, URISyntaxException {
        int[] tokens = tokens(90, 6);
        TorchLoader.Way way = new TorchLoader.Way(kernel, false);
        var file = Objects.requireNonNull(getClass().getResource("/checkpoints/llama-q4_1.gguf"));
        try (Checkpoint checkpoint = Checkpoints.open(Path.of(file.toURI()));
                LanguageModel fresh = TorchModels.load(checkpoint, Precision.INT8, way, folder);
                LanguageModel settled = TorchModels.load(checkpoint, Precision.INT8, way, folder)) {
            settled.settleAll();
            float[][] exact = oneByOne(settled, tokens);
            float[][] whole = TorchModels.score(fresh, Arrays.copyOf(tokens, 64));
            for (int i = 0; i < whole.length; i++) {
                assertClose(whole[i], exact[i], FOUR_BITS_TOLERANCE);
            }
            try (Sequence one = fresh.open();
                    Sequence two = fresh.open()) {
                float[][] last = rows(
                        fresh,
                        fresh.prefill(
                                List.of(one, two), List.of(Arrays.copyOf(tokens, 30), Arrays.copyOf(tokens, 25))));
                assertClose(last[0], exact[29], FOUR_BITS_TOLERANCE);
                assertClose(last[1], exact[24], FOUR_BITS_TOLERANCE);
                for (int i = 0; i < 3; i++) {
                    float[][] next =
                            rows(fresh, fresh.decode(List.of(two, one), new int[] {tokens[25 + i], tokens[30 + i]}));
                    assertClose(next[0], exact[25 + i], FOUR_BITS_TOLERANCE);
                    assertClose(next[1], exact[30 + i], FOUR_BITS_TOLERANCE);
                    assertThat(fresh.settle()).isTrue();
                }
            }
            // more than they are good for: the others are made
            float[][] prompt = TorchModels.score(fresh, tokens);
            float[][] expected = TorchModels.score(settled, tokens);
            for (int i = 0; i < tokens.length; i++) {
                assertClose(prompt[i], expected[i], TOLERANCE);
            }
            int left = 0;
            while (fresh.settle()) {
                left++;
            }
            // with tiles FBGEMM's layouts are still to be made, the head's too
            assertThat(left)
                    .isEqualTo(kernel == Kernel.INT8_TILES ? 4 * fresh.info().layers() : 0);
            float[][] single = oneByOne(fresh, tokens);
            for (int i = 0; i < tokens.length; i++) {
                assertClose(single[i], exact[i], TOLERANCE);
            }
        }
    }

    @Test
    void promptsOfAnyLengthScoreAlikeOnTiles_whichTheyFillUp(@TempDir Path folder) {
        TinyCheckpoint checkpoint = TinyCheckpoint.llama();
        try (LanguageModel tiles =
                TorchModels.load(checkpoint, Precision.INT8, new TorchLoader.Way(Kernel.INT8_TILES, false), folder)) {
            int[] tokens = tokens(100, 6);
            float[][] whole = TorchModels.score(tiles, tokens);
            for (int length : new int[] {33, 47, 48, 49, 97}) {
                float[][] scores = TorchModels.score(tiles, Arrays.copyOf(tokens, length));
                assertThat(scores).hasNumberOfRows(length);
                for (int i = 0; i < length; i++) {
                    assertClose(scores[i], whole[i], TOLERANCE);
                }
            }
            try (Sequence one = tiles.open();
                    Sequence two = tiles.open()) {
                int[] first = Arrays.copyOf(tokens, 30);
                int[] second = Arrays.copyOf(tokens, 41);
                float[][] last = rows(tiles, tiles.prefill(List.of(one, two), List.of(first, second)));
                // few rows are FBGEMM's, which rounds in another way
                assertClose(last[0], whole[29], 0.3f);
                assertClose(last[1], whole[40], 0.3f);
                // what filled up is in no sequence
                float[][] next = rows(tiles, tiles.decode(List.of(one, two), new int[] {tokens[30], tokens[41]}));
                assertClose(next[0], whole[30], 0.3f);
                assertClose(next[1], whole[41], 0.3f);
            }
        }
    }

    private static float[][] oneByOne(LanguageModel model, int[] tokens) {
        float[][] scores = new float[tokens.length][];
        try (Sequence sequence = model.open()) {
            for (int i = 0; i < tokens.length; i++) {
                scores[i] = rows(model, model.decode(List.of(sequence), new int[] {tokens[i]}))[0];
            }
        }
        return scores;
    }

    static List<TinyCheckpoint> otherArchitectures() {
        return List.of(TinyCheckpoint.qwen3(), TinyCheckpoint.mistral(), TinyCheckpoint.gemma3());
    }

    @ParameterizedTest
    @MethodSource("otherArchitectures")
    void everyArchitectureDecodesAndPrefillsInChunksAsInOne(TinyCheckpoint checkpoint, @TempDir Path folder) {
        try (LanguageModel other = TorchModels.load(checkpoint, Precision.FLOAT32, 2, folder)) {
            int[] first = tokens(280, 40);
            int[] second = tokens(280, 41);
            float[][] expectedFirst = score(other, first);
            float[][] expectedSecond = score(other, second);
            try (Sequence one = other.open();
                    Sequence two = other.open()) {
                int done = 0;
                // The window of 40 ends within the first chunk of tokens, at its end, and far behind.
                for (int chunk : new int[] {30, 10, 1, 19, 190}) {
                    float[][] part =
                            rows(other, other.prefill(one, Arrays.copyOfRange(first, done, done + chunk), true));
                    for (int i = 0; i < chunk; i++) {
                        assertClose(part[i], expectedFirst[done + i], TOLERANCE);
                    }
                    done += chunk;
                }
                other.prefill(two, Arrays.copyOf(second, 35), false).close();
                for (int i = 0; i < 20; i++) {
                    float[][] scores =
                            rows(other, other.decode(List.of(one, two), new int[] {first[done + i], second[35 + i]}));
                    assertClose(scores[0], expectedFirst[done + i], TOLERANCE);
                    assertClose(scores[1], expectedSecond[35 + i], TOLERANCE);
                }
            }
        }
    }

    static Stream<TinyCheckpoint> architectures() {
        return Stream.concat(Stream.of(TinyCheckpoint.llama()), otherArchitectures().stream());
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void lengthsFilledUpForTilesChangeNoScores(TinyCheckpoint checkpoint, @TempDir Path folder) {
        // as long as the context, which is no multiple of 16
        int[] tokens = tokens(1100, 42);
        float[][] expected =
                scoreBy(checkpoint, Precision.FLOAT32, new TorchLoader.Way(Kernel.PLAIN, false), tokens, folder);
        TorchLoader.Way way = new TorchLoader.Way(Kernel.ONE_DNN_TILES, false);
        try (LanguageModel tiles = TorchModels.load(checkpoint, Precision.FLOAT32, way, folder);
                Sequence chunks = tiles.open();
                Sequence beside = tiles.open();
                Sequence behind = tiles.open()) {
            assertThat(tiles.info().contextLength()).isEqualTo(tokens.length);
            float[][] whole = TorchModels.score(tiles, tokens);
            for (int i = 0; i < tokens.length; i++) {
                assertClose(whole[i], expected[i], TOLERANCE);
            }
            // used and left, so that places are not new
            TorchModels.score(tiles, tokens(300, 43));
            int done = 0;
            for (int chunk : new int[] {30, 10, 1, 19, 190, 840, 10}) {
                float[][] part =
                        rows(tiles, tiles.prefill(chunks, Arrays.copyOfRange(tokens, done, done + chunk), true));
                for (int i = 0; i < chunk; i++) {
                    assertClose(part[i], expected[done + i], TOLERANCE);
                }
                done += chunk;
            }
            for (int[] ends : new int[][] {{70, 21}, {83, 64}}) {
                float[][] last = rows(
                        tiles,
                        tiles.prefill(
                                List.of(beside, behind),
                                List.of(
                                        Arrays.copyOfRange(tokens, beside.length(), ends[0]),
                                        Arrays.copyOfRange(tokens, behind.length(), ends[1]))));
                assertClose(last[0], expected[ends[0] - 1], TOLERANCE);
                assertClose(last[1], expected[ends[1] - 1], TOLERANCE);
            }
        }
    }

    @Test
    void aGemmaIsComputedInBfloat16WhereInt8IsAskedFor(@TempDir Path folder) {
        try (LanguageModel gemma = TorchModels.load(TinyCheckpoint.gemma3(), Precision.INT8, 1, folder)) {
            assertThat(gemma.info().precision()).isEqualTo(Precision.BFLOAT16);
        }
        assertThatThrownBy(() -> new TorchScriptArchive(TinyCheckpoint.gemma3(), Precision.INT8))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("int8");
    }

    private static float[][] scoreBy(
            Checkpoint checkpoint, Precision precision, TorchLoader.Way way, int[] tokens, Path folder) {
        try (LanguageModel loaded = TorchModels.load(checkpoint, precision, way, folder)) {
            return TorchModels.score(loaded, tokens);
        }
    }
}
