package ai.dialog.functions;

import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.Inference;
import ai.dialog.functions.inference.InferenceException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * What all pieces of one answer have in common.
 *
 * @param created seconds since the epoch
 * @param model the model's own id, where the request named the default
 * @param fingerprint the same as long as the same seed gives the same text
 */
record AnswerHead(String id, long created, String model, String fingerprint) {

    static AnswerHead of(String prefix, CompletionRequest request, Inference inference, InstantSource clock) {
        String model = request.model();
        if (model.equals(CompletionRequest.DEFAULT_MODEL)) {
            model = defaultModel(inference);
        }
        return new AnswerHead(
                prefix + UUID.randomUUID().toString().replace("-", ""),
                clock.instant().getEpochSecond(),
                model,
                fingerprint(model));
    }

    /** An inference that cannot tell its models now may serve them all the same, and if not it says why itself. */
    private static String defaultModel(Inference inference) {
        try {
            var models = inference.models();
            return models.isEmpty()
                    ? CompletionRequest.DEFAULT_MODEL
                    : models.getFirst().id();
        } catch (InferenceException untold) {
            return CompletionRequest.DEFAULT_MODEL;
        }
    }

    private static String fingerprint(String model) {
        var sum = new CRC32C();
        sum.update(model.getBytes(StandardCharsets.UTF_8));
        return "fp_%08x".formatted(sum.getValue());
    }
}
