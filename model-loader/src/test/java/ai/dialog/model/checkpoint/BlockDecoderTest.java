package ai.dialog.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

class BlockDecoderTest {

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"F32", "F16", "BF16"})
    void everyBitOfEveryQuantisedTypeIsAsTheReferenceDecodesIt(DataType type) {
        JsonNode golden = Fixtures.json("dequant.json").path(type.name());
        byte[] blocks = Base64.getDecoder().decode(golden.path("blocks").stringValue());
        float[] expected = Fixtures.floats(golden.path("values").stringValue());
        float[] decoded = new float[expected.length + 3];

        BlockDecoder.decode(type, blocks, blocks.length / type.blockBytes(), decoded, 3);

        assertThat(expected).hasSize(4 * type.blockSize());
        for (int i = 0; i < expected.length; i++) {
            assertThat(Float.floatToRawIntBits(decoded[i + 3]))
                    .as("value %d: %s, not %s", i, decoded[i + 3], expected[i])
                    .isEqualTo(Float.floatToRawIntBits(expected[i]));
        }
        assertThat(decoded).startsWith(0f, 0f, 0f);
    }
}
