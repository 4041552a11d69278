package ai.dialog.model.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RotationTest {

    private static float[] random(int size, long seed) {
        float[] values = new float[size];
        Random random = new Random(seed);
        for (int i = 0; i < size; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static double product(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 32, 576, 896, 1536, 4096})
    void productsOfVectorsStayWhatTheyWere(int size) {
        Rotation rotation = Rotation.ofResidual(size);
        float[] a = random(size, 1);
        float[] b = random(size, 2);
        double before = product(a, b);
        rotation.turn(a, 0);
        rotation.turn(b, 0);
        assertThat(product(a, b)).isCloseTo(before, Offset.offset(1e-4 * Math.sqrt(size)));
    }

    @Test
    void whatOneElementHoldsIsSpreadOverAll() {
        Rotation rotation = Rotation.ofResidual(576);
        for (int i = 0; i < 576; i += 37) {
            float[] outlier = new float[576];
            outlier[i] = 100;
            rotation.turn(outlier, 0);
            float most = 0;
            for (float element : outlier) {
                most = Math.max(most, Math.abs(element));
            }
            // evenly it would be 100 / 24
            assertThat(most).isLessThan(4 * 100 / 24f);
        }
    }

    @Test
    void theMatrixIsTheTurnOfABlockAndItsOwnInverse() {
        Rotation rotation = Rotation.ofBlocks(1536, 128);
        float[] matrix = rotation.matrix();
        assertThat(rotation.block()).isEqualTo(128);
        float[] turned = random(1536, 3);
        float[] given = turned.clone();
        rotation.turn(turned, 0);
        for (int i = 0; i < 1536; i++) {
            double expected = 0;
            for (int j = 0; j < 128; j++) {
                expected += (double) given[i / 128 * 128 + j] * matrix[j * 128 + i % 128];
            }
            assertThat(turned[i]).isCloseTo((float) expected, Offset.offset(1e-4f));
        }
        rotation.turn(turned, 0);
        for (int i = 0; i < 1536; i++) {
            assertThat(turned[i]).isCloseTo(given[i], Offset.offset(1e-4f));
        }
    }

    @Test
    void aColumnIsTurnedAsAVectorIs() {
        Rotation rotation = Rotation.ofResidual(12);
        float[] matrix = random(12 * 5, 4);
        float[] column = new float[12];
        for (int row = 0; row < 12; row++) {
            column[row] = matrix[row * 5 + 3];
        }
        rotation.turn(column, 0);
        rotation.turnColumns(matrix);
        for (int row = 0; row < 12; row++) {
            assertThat(matrix[row * 5 + 3]).isEqualTo(column[row]);
        }
    }
}
