package ai.dialog.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Every tiny checkpoint, each format and quantisation, against what Python read from it. */
class CheckpointGoldenTest {

    static Stream<Fixtures.Golden> checkpoints() {
        return Fixtures.all();
    }

    @ParameterizedTest
    @MethodSource("checkpoints")
    void hyperparametersAreThoseOfTransformers(Fixtures.Golden golden) {
        JsonNode expected = golden.values().path("config");
        try (Checkpoint checkpoint = Checkpoints.open(golden.path())) {
            ModelConfig config = checkpoint.config();
            assertThat(checkpoint.format())
                    .isEqualTo(golden.values().path("format").stringValue());
            assertThat(checkpoint.name()).isEqualTo(golden.name().replace(".gguf", ""));
            assertThat(config.architecture())
                    .isEqualTo(expected.path("architecture").stringValue());
            assertThat(config.layers()).isEqualTo(expected.path("layers").intValue());
            assertThat(config.hidden()).isEqualTo(expected.path("hidden").intValue());
            assertThat(config.heads()).isEqualTo(expected.path("heads").intValue());
            assertThat(config.kvHeads()).isEqualTo(expected.path("kvHeads").intValue());
            assertThat(config.headSize()).isEqualTo(expected.path("headSize").intValue());
            assertThat(config.feedForward())
                    .isEqualTo(expected.path("feedForward").intValue());
            assertThat(config.vocabularySize())
                    .isEqualTo(expected.path("vocabularySize").intValue());
            assertThat(config.contextLength())
                    .isEqualTo(expected.path("contextLength").intValue());
            assertThat(config.normEpsilon())
                    .isCloseTo(expected.path("normEpsilon").doubleValue(), within(1e-11));
            assertThat(config.tiedHead()).isEqualTo(expected.path("tiedHead").booleanValue());
            assertThat(config.attentionFactor())
                    .isCloseTo(expected.path("attentionFactor").doubleValue(), within(1e-9));
            assertFrequencies(config.inverseFrequencies(), expected.path("inverseFrequencies"));
            if (expected.has("traits")) {
                assertTraits(config.traits(), expected.path("traits"));
            } else {
                assertThat(config.traits()).isEqualTo(ModelTraits.plain(config.headSize()));
            }
        }
    }

    private static void assertTraits(ModelTraits traits, JsonNode expected) {
        assertThat(traits.activation().name())
                .isEqualTo(expected.path("activation").stringValue());
        assertThat(traits.embeddingScale())
                .isCloseTo(expected.path("embeddingScale").doubleValue(), within(1e-12));
        assertThat(traits.queryScale()).isCloseTo(expected.path("queryScale").doubleValue(), within(1e-12));
        ModelTraits.LocalAttention local = traits.local();
        if (local == null) {
            assertThat(expected.path("window").intValue()).isZero();
            return;
        }
        assertThat(local.window()).isEqualTo(expected.path("window").intValue());
        List<Boolean> layers = new ArrayList<>();
        expected.path("local").forEach(layer -> layers.add(layer.booleanValue()));
        assertThat(local.layers()).isEqualTo(layers);
        assertFrequencies(local.inverseFrequencies(), expected.path("localInverseFrequencies"));
    }

    private static void assertFrequencies(List<Double> frequencies, JsonNode expected) {
        assertThat(frequencies).hasSize(expected.size());
        for (int i = 0; i < frequencies.size(); i++) {
            // transformers computes them in float32: 1e-6 relative
            assertThat(frequencies.get(i)).isCloseTo(expected.get(i).doubleValue(), Percentage.withPercentage(1e-4));
        }
    }

    @ParameterizedTest
    @MethodSource("checkpoints")
    void everyWeightIsBitForBitThatOfTheReference(Fixtures.Golden golden) throws Exception {
        JsonNode expected = golden.values().path("tensors");
        try (Checkpoint checkpoint = Checkpoints.open(golden.path())) {
            assertThat(new TreeSet<>(checkpoint.tensorNames())).isEqualTo(new TreeSet<>(expected.propertyNames()));
            for (Map.Entry<String, JsonNode> tensor : expected.properties()) {
                List<Long> shape = new ArrayList<>();
                tensor.getValue().path("shape").forEach(length -> shape.add(length.longValue()));
                assertThat(checkpoint.shape(tensor.getKey()))
                        .as(tensor.getKey())
                        .containsExactly(shape.toArray(Long[]::new));
                int elements = (int) shape.stream().mapToLong(Long::longValue).reduce(1, (a, b) -> a * b);
                float[] values = new float[elements];
                checkpoint.read(tensor.getKey(), values);
                assertThat(Fixtures.sha256(values))
                        .as(tensor.getKey())
                        .isEqualTo(tensor.getValue().path("sha256").stringValue());
            }
        }
    }
}
