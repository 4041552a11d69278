package ai.dialog.runner.grammar;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.function.Consumer;

/**
 * A model that knows nothing: every score is random, and at temperature 1 a token is drawn. The longer its text is, the more
 * it likes what closes something.
 */
final class Writer {

    private static final int PATIENCE = 4_000;
    private static final SmallTokenizer TOKENIZER = new SmallTokenizer();

    private final Random random;
    private final float[] scores = new float[TOKENIZER.vocabularySize()];

    Writer(long seed) {
        random = new Random(seed);
    }

    static Grammars grammars() {
        return new Grammars(TOKENIZER, TOKENIZER.vocabularySize());
    }

    /** Writes to the end that the grammar allows. */
    String write(TokenConstraint constraint) throws CharacterCodingException {
        return write(constraint, "", piece -> {});
    }

    /** The same behind a beginning, which the grammar allows; tells what was read of calls. */
    String write(TokenConstraint constraint, String beginning, Consumer<CallPiece> read)
            throws CharacterCodingException {
        var text = new ByteArrayOutputStream();
        for (int token : TOKENIZER.encode(beginning, false)) {
            constraint.add(token);
            constraint.pieces().forEach(read);
        }
        for (int tokens = 0; !constraint.isComplete(); tokens++) {
            if (tokens == PATIENCE) {
                throw new AssertionError("no end after " + text.toString(StandardCharsets.UTF_8));
            }
            int token = next(constraint, tokens);
            if (!constraint.allows(token)) {
                throw new AssertionError("token " + token + " was drawn and is not allowed");
            }
            if (token == SmallTokenizer.END) {
                break;
            }
            constraint.add(token);
            constraint.pieces().forEach(read);
            text.writeBytes(TOKENIZER.bytes(token));
        }
        return StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(text.toByteArray()))
                .toString();
    }

    /** Writes so many tokens, or fewer where the grammar ends before; every one must have a successor. */
    void writeSome(TokenConstraint constraint, int most) {
        for (int tokens = 0; tokens < most && !constraint.isComplete(); tokens++) {
            int token = next(constraint, tokens);
            if (token == SmallTokenizer.END) {
                return;
            }
            constraint.add(token);
        }
    }

    private int next(TokenConstraint constraint, int tokens) {
        float closing = Math.min(12, tokens / 12f);
        for (int id = 0; id < scores.length; id++) {
            scores[id] = (float) random.nextGaussian();
        }
        scores['"'] += closing;
        // less than the quote, so that a string that must hold something else still comes to it
        scores['}'] += Math.min(3, closing);
        scores[']'] += Math.min(3, closing);
        scores[SmallTokenizer.END] += closing;
        constraint.apply(scores);
        int best = 0;
        double bestNoise = Double.NEGATIVE_INFINITY;
        for (int id = 0; id < scores.length; id++) {
            // the Gumbel trick: the largest of scores with such noise is a draw at temperature 1
            double noise = scores[id] - Math.log(-Math.log(random.nextDouble()));
            if (noise > bestNoise) {
                bestNoise = noise;
                best = id;
            }
        }
        return best;
    }
}
