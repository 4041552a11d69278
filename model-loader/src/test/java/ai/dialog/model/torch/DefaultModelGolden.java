package ai.dialog.model.torch;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Scores of the default model as {@code src/test/python/make_default_model_golden.py} wrote them. */
final class DefaultModelGolden {
    /** Of the model's file. */
    final String sha256;

    /** The conversation. */
    final int[] tokens;

    private final int top;
    private final int[] ids;
    private final float[] logprobs;

    private DefaultModelGolden(String sha256, int[] tokens, int top, int[] ids, float[] logprobs) {
        this.sha256 = sha256;
        this.tokens = tokens;
        this.top = top;
        this.ids = ids;
        this.logprobs = logprobs;
    }

    static DefaultModelGolden read() throws IOException {
        try (InputStream file = Objects.requireNonNull(
                        DefaultModelGolden.class.getResourceAsStream("/golden/default-model.golden.gz"));
                DataInputStream in = new DataInputStream(new GZIPInputStream(file))) {
            byte[] all = in.readAllBytes();
            int line = 0;
            while (all[line] != '\n') {
                line++;
            }
            JsonNode header = JsonMapper.shared().readTree(new String(all, 0, line, StandardCharsets.UTF_8));
            int positions = header.get("positions").intValue();
            int top = header.get("top").intValue();
            ByteBuffer body =
                    ByteBuffer.wrap(all, line + 1, all.length - line - 1).order(ByteOrder.LITTLE_ENDIAN);
            int[] tokens = ints(body, positions);
            int[] ids = ints(body, positions * top);
            float[] logprobs = new float[positions * top];
            body.asFloatBuffer().get(logprobs);
            return new DefaultModelGolden(header.get("sha256").asString(), tokens, top, ids, logprobs);
        }
    }

    private static int[] ints(ByteBuffer body, int count) {
        int[] values = new int[count];
        body.asIntBuffer().get(values);
        body.position(body.position() + count * Integer.BYTES);
        return values;
    }

    /** The best token after a position. */
    int best(int position) {
        return ids[position * top];
    }

    /** Divergence of the tokens kept at a position and of all others as one. */
    double divergence(int position, float[] scores) {
        double largest = Double.NEGATIVE_INFINITY;
        for (float score : scores) {
            largest = Math.max(largest, score);
        }
        double sum = 0;
        for (float score : scores) {
            sum += Math.exp(score - largest);
        }
        double divergence = 0;
        double expectedRest = 1;
        double actualRest = 1;
        for (int i = position * top; i < (position + 1) * top; i++) {
            double actual = scores[ids[i]] - largest - Math.log(sum);
            double expected = logprobs[i];
            divergence += Math.exp(expected) * (expected - actual);
            expectedRest -= Math.exp(expected);
            actualRest -= Math.exp(actual);
        }
        // Rounding may leave nothing where the kept tokens have all the mass.
        if (expectedRest > 1e-6 && actualRest > 1e-6) {
            divergence += expectedRest * Math.log(expectedRest / actualRest);
        }
        return divergence;
    }
}
