package ai.dialog.model.torch;

import static ai.dialog.model.torch.TorchModels.assertClose;
import static ai.dialog.model.torch.TorchModels.rows;
import static ai.dialog.model.torch.TorchModels.score;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.dialog.model.LanguageModel;
import ai.dialog.model.LanguageModel.Sequence;
import ai.dialog.model.ModelException;
import ai.dialog.model.Precision;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies of what was computed, and the bound on memory. */
class KeyValueCacheTest {
    private static final float TOLERANCE = 1e-4f;

    /** Of the tiny checkpoint, two layers in float32. */
    private static final long POSITION = 2 * 2 * 2 * 16 * Float.BYTES;

    @TempDir
    Path folder;

    private static int[] tokens(int count, long seed) {
        return new Random(seed).ints(count, 0, 96).toArray();
    }

    @Test
    void whatFollowsACopiedBeginningScoresAsIfAllWereComputed() {
        try (LanguageModel model = TorchModels.load(TinyCheckpoint.llama(), Precision.FLOAT32, 4, folder)) {
            int[] tokens = tokens(620, 1);
            float[][] whole = score(model, tokens);
            try (Sequence source = model.open()) {
                model.prefill(source, Arrays.copyOf(tokens, 600), false).close();
                for (int length : new int[] {1, 40, 256, 257, 599, 600}) {
                    try (Sequence target = model.open()) {
                        model.copy(source, length, target, length + 20);
                        assertThat(target.length()).isEqualTo(length);
                        float[][] rest = rows(
                                model, model.prefill(target, Arrays.copyOfRange(tokens, length, length + 10), true));
                        for (int i = 0; i < 10; i++) {
                            assertClose(rest[i], whole[length + i], TOLERANCE);
                        }
                        // decoded in one step with its source, where that has as many tokens
                        int[] next = {tokens[600], tokens[length + 10]};
                        if (source.length() == 600) {
                            float[][] both = rows(model, model.decode(List.of(source, target), next));
                            assertClose(both[0], whole[600], TOLERANCE);
                            assertClose(both[1], whole[length + 10], TOLERANCE);
                        }
                    }
                }
                assertClose(
                        rows(model, model.prefill(source, new int[] {tokens[601]}, false))[0], whole[601], TOLERANCE);
            }
        }
    }

    @Test
    void theCopyStaysWhenItsSourceIsClosed_andGreedyTextIsTheSame() {
        try (LanguageModel model = TorchModels.load(TinyCheckpoint.llama(), Precision.FLOAT32, 4, folder)) {
            int[] prompt = tokens(300, 2);
            Sequence computed = model.open();
            int[] first;
            try (var scores = model.prefill(computed, prompt, false)) {
                first = scores.argmax();
            }
            Sequence copied = model.open();
            model.copy(computed, 299, copied, 300);
            List<Integer> expected = continued(model, computed, first[0]);
            computed.close();
            try (var scores = model.prefill(copied, new int[] {prompt[299]}, false)) {
                assertThat(scores.argmax()).isEqualTo(first);
            }
            assertThat(continued(model, copied, first[0])).isEqualTo(expected);
            copied.close();
        }
    }

    private static List<Integer> continued(LanguageModel model, Sequence sequence, int first) {
        List<Integer> text = new ArrayList<>(List.of(first));
        for (int i = 0; i < 40; i++) {
            try (var scores = model.decode(List.of(sequence), new int[] {text.getLast()})) {
                text.add(scores.argmax()[0]);
            }
        }
        return text;
    }

    @Test
    void aShortPromptHasAPlaceForTwiceItsLength_orForAllItMayBecome_aLongOneForItsLength() {
        try (LanguageModel model = TorchModels.load(TinyCheckpoint.llama(), Precision.FLOAT32, 4, folder)) {
            assertThat(placeOf(model, 100, model.contextLength())).isEqualTo(model.sequenceBytes(200));
            assertThat(placeOf(model, 100, 150)).isEqualTo(model.sequenceBytes(150));
            assertThat(placeOf(model, 100, 0)).isEqualTo(model.sequenceBytes(100));
            assertThat(placeOf(model, 600, model.contextLength())).isEqualTo(model.sequenceBytes(600));
            assertThat(model.sequenceBytes(200)).isGreaterThan(model.sequenceBytes(150));
            assertThat(model.sequenceBytes(1100)).isGreaterThan(model.sequenceBytes(600));
        }
    }

    private static long placeOf(LanguageModel model, int length, int most) {
        try (Sequence sequence = model.open(most)) {
            model.prefill(sequence, tokens(length, 4), false).close();
            return sequence.bytes();
        }
    }

    @Test
    void aCopyThatCannotBeIsRefused() {
        try (LanguageModel model = TorchModels.load(TinyCheckpoint.llama(), Precision.FLOAT32, 4, folder);
                Sequence source = model.open();
                Sequence target = model.open()) {
            model.prefill(source, tokens(10, 3), false).close();
            assertThatThrownBy(() -> model.copy(source, 11, target, 11))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("11");
            assertThatThrownBy(() -> model.copy(source, 0, target, 1)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> model.copy(source, 5, source, 5)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> model.copy(source, 5, target, 1101)).isInstanceOf(IllegalArgumentException.class);
            model.copy(source, 5, target, 5);
            assertThatThrownBy(() -> model.copy(source, 5, target, 5)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void sequencesThatKeepToTheLimitStayBelowTheBound_howeverTheyGrow() {
        long bound = 6_000 * POSITION;
        try (LanguageModel model = TorchModels.load(TinyCheckpoint.llama(), 64, bound, folder)) {
            assertThat(model.cacheLimit()).isBetween(1100 * POSITION, bound);
            Random random = new Random(4);
            List<Sequence> open = new ArrayList<>();
            List<Long> longest = new ArrayList<>();
            for (int round = 0; round < 300; round++) {
                int wanted = 1 + random.nextInt(random.nextBoolean() ? 100 : 1100);
                long taken = longest.stream()
                        .mapToLong(tokens -> model.sequenceBytes(tokens.intValue()))
                        .sum();
                if (taken + model.sequenceBytes(wanted) <= model.cacheLimit()) {
                    open.add(model.open(random.nextBoolean() ? wanted : 0));
                    longest.add((long) wanted);
                } else {
                    int gone = random.nextInt(open.size());
                    open.remove(gone).close();
                    longest.remove(gone);
                }
                for (int i = 0; i < open.size(); i++) {
                    int more = Math.min(longest.get(i).intValue() - open.get(i).length(), 1 + random.nextInt(300));
                    if (more > 0) {
                        model.prefill(open.get(i), tokens(more, i), false).close();
                        assertThat(model.cacheBytes()).isLessThanOrEqualTo(bound);
                    }
                    assertThat(open.get(i).bytes())
                            .isLessThanOrEqualTo(
                                    model.sequenceBytes(longest.get(i).intValue()));
                }
            }
            open.forEach(Sequence::close);
        }
    }

    @Test
    void trimmingForOthersLeavesWhatIsHeld() {
        try (LanguageModel model = TorchModels.load(TinyCheckpoint.llama(), 64, 6_000 * POSITION, folder)) {
            int[] tokens = tokens(202, 5);
            float[][] alone = score(model, tokens);
            List<Sequence> many = new ArrayList<>();
            for (int i = 0; i < 9; i++) {
                many.add(model.open());
                model.prefill(many.get(i), Arrays.copyOf(tokens, 200), false).close();
            }
            Sequence kept = many.removeLast();
            many.subList(0, 4).forEach(Sequence::close);
            try (Sequence large = model.open()) {
                model.prefill(large, tokens(1000, 6), false).close();
                assertClose(
                        rows(model, model.decode(List.of(kept), new int[] {tokens[200]}))[0], alone[200], TOLERANCE);
                assertClose(
                        rows(model, model.decode(List.of(large, kept), new int[] {1, tokens[201]}))[1],
                        alone[201],
                        TOLERANCE);
            }
            many.subList(4, 8).forEach(Sequence::close);
            kept.close();
        }
    }

    @Test
    void aSequenceBeyondTheBoundFindsNoRoom() {
        try (LanguageModel model = TorchModels.load(TinyCheckpoint.llama(), 64, 600 * POSITION, folder)) {
            List<Sequence> open = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                open.add(model.open());
            }
            for (Sequence small : open.subList(0, 3)) {
                model.prefill(small, tokens(9, 7), false).close();
            }
            assertThatThrownBy(() -> model.prefill(open.get(3), tokens(9, 8), false))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("cache is full");
            open.getFirst().close();
            model.prefill(open.get(3), tokens(9, 8), false).close();
            open.forEach(Sequence::close);
        }
    }

    @Test
    void aBoundThatHoldsNothingIsRefusedAtTheStart() {
        assertThatThrownBy(() -> TorchModels.load(TinyCheckpoint.llama(), 4, 100 * POSITION, folder))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("--cache-memory");
    }
}
