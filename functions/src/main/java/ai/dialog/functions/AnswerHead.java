package ai.dialog.functions;

import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.Inference;
import ai.dialog.functions.inference.InferenceException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What all pieces of one answer have in common. The model's name is asked for with the first piece: a request may have waited for
 * its model to load, which has no name before. Not thread-safe, as the pieces of an answer come one after the other.
 */
final class AnswerHead {

    private final String id;
    private final long created;
    private final String asked;
    private final Inference inference;
    private @Nullable String model;

    private AnswerHead(String id, long created, String asked, Inference inference) {
        this.id = id;
        this.created = created;
        this.asked = asked;
        this.inference = inference;
    }

    static AnswerHead of(String prefix, CompletionRequest request, Inference inference, InstantSource clock) {
        return new AnswerHead(
                prefix + UUID.randomUUID().toString().replace("-", ""),
                clock.instant().getEpochSecond(),
                request.model(),
                inference);
    }

    String id() {
        return id;
    }

    /** Seconds since the epoch. */
    long created() {
        return created;
    }

    /** The model's own id, where the request named the default. */
    String model() {
        String known = model;
        if (known == null) {
            known = asked.equals(CompletionRequest.DEFAULT_MODEL) ? defaultModel() : asked;
            model = known;
        }
        return known;
    }

    /** The same as long as the same seed gives the same text. */
    String fingerprint() {
        var sum = new CRC32C();
        sum.update(model().getBytes(StandardCharsets.UTF_8));
        return "fp_%08x".formatted(sum.getValue());
    }

    /** An inference that cannot tell its models now may serve them all the same, and if not it says why itself. */
    private String defaultModel() {
        try {
            var models = inference.models();
            return models.isEmpty()
                    ? CompletionRequest.DEFAULT_MODEL
                    : models.getFirst().id();
        } catch (InferenceException untold) {
            return CompletionRequest.DEFAULT_MODEL;
        }
    }
}
