package ai.dialog.model.torch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.model.checkpoint.Checkpoint;
import ai.dialog.model.checkpoint.Checkpoints;
import ai.dialog.model.checkpoint.FourBits;
import ai.dialog.model.checkpoint.TensorNames;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Int4MatrixTest {
    /** Half a step of bfloat16's 8 bits of mantissa. */
    private static final float ROUNDING = 0x1p-9f;

    private static Checkpoint open(String name) throws URISyntaxException {
        var file = Objects.requireNonNull(Int4MatrixTest.class.getResource("/checkpoints/" + name));
        return Checkpoints.open(Path.of(file.toURI()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama-q4_0.gguf", "llama-q4_1.gguf"})
    void numbersScalesAndMinimumsAreTheValuesThatAreReadElsewhere(String name) throws URISyntaxException {
        try (Checkpoint checkpoint = open(name)) {
            for (String weight : List.of(TensorNames.QUERY, TensorNames.DOWN)) {
                FourBits stored = checkpoint.readFourBits(weight.formatted(0));
                float[] values = new float[stored.numbers().length];
                checkpoint.read(weight.formatted(0), values);
                for (int i = 0; i < values.length; i++) {
                    int group = i / FourBits.GROUP;
                    float value = stored.numbers()[i] * stored.scales()[group] + stored.minimums()[group];
                    assertThat(value).as("value %d of %s", i, weight).isCloseTo(values[i], Offset.offset(1e-6f));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama-q4_0.gguf", "llama-q4_1.gguf"})
    void itHoldsTheWeightsInTheArchivesOrderButForScalesRoundedToBfloat16(String name)
            throws IOException, URISyntaxException {
        try (Checkpoint checkpoint = open(name)) {
            int headSize = checkpoint.config().headSize();
            List<ArchiveTensor.Weight> parts = List.of(
                    new ArchiveTensor.Weight(TensorNames.QUERY.formatted(0), headSize, 1),
                    new ArchiveTensor.Weight(TensorNames.VALUE.formatted(0), 0, 1));
            int columns = checkpoint.config().hidden();
            Int4Matrix matrix = new Int4Matrix(parts, columns);
            List<float[]> pairs = new ArrayList<>();
            matrix.write(checkpoint, pairs::add);
            float[] groups = matrix.groups();
            int rows = groups.length / 2 / (columns / FourBits.GROUP);
            int above = 0;
            for (int part = 0; part < parts.size(); part++) {
                float[] expected = parts.get(part).read(checkpoint);
                for (int i = 0; i < expected.length; i++) {
                    int number = (int) pairs.get(part)[i / 2] >> (i % 2 * 4) & 15;
                    int at = 2 * (i % columns / FourBits.GROUP * rows + above + i / columns);
                    float scale = bfloat16(groups[at]);
                    float zero = bfloat16(groups[at + 1]);
                    assertThat((number - 8) * scale + zero)
                            .as("value %d of part %d", i, part)
                            .isCloseTo(
                                    expected[i],
                                    Offset.offset(ROUNDING * (16 * Math.abs(scale) + Math.abs(zero)) + 1e-6f));
                }
                above += expected.length / columns;
            }
            assertThat(above).isEqualTo(rows);
        }
    }

    @Test
    void onlyLayersThatAreWholeIn4BitsAndPlainCanHaveIt() throws URISyntaxException {
        for (String name : List.of("llama-q4_0.gguf", "llama-q4_1.gguf")) {
            try (Checkpoint checkpoint = open(name)) {
                assertThat(Int4Matrix.isPossible(checkpoint)).as(name).isTrue();
            }
        }
        for (String name : List.of("llama-q5_1.gguf", "llama-q4_k.gguf", "llama-bias-q8_0.gguf", "qwen3-bf16")) {
            try (Checkpoint checkpoint = open(name)) {
                assertThat(Int4Matrix.isPossible(checkpoint)).as(name).isFalse();
            }
        }
        assertThat(Int4Matrix.isPossible(TinyCheckpoint.llama())).isFalse();
        assertThat(Int4Matrix.isPossible(TinyCheckpoint.mistral())).isFalse();
    }

    private static float bfloat16(float value) {
        return Float.intBitsToFloat(ElementType.bfloat16(value) << 16);
    }
}
