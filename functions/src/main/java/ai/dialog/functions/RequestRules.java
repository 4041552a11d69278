package ai.dialog.functions;

import ai.dialog.functions.access.Principal;
import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.Inference;
import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.Prompt;
import ai.dialog.functions.inference.ResponseFormat;
import ai.dialog.functions.inference.Sampling;
import ai.dialog.functions.openai.InvalidRequestException;
import ai.dialog.functions.openai.ResponseFormatField;
import ai.dialog.functions.openai.SamplingOptions;
import ai.dialog.functions.openai.StreamOptions;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The ranges of the fields that both endpoints have, and their defaults. It is the functions that check them, so that
 * every adapter has the check.
 */
final class RequestRules {

    /** OpenAI allows four; other open servers allow more, and evaluation harnesses use them. */
    private static final int MAX_STOPS = 16;

    private static final int MAX_STOP_LENGTH = 1_000;

    /** The most choices of one prompt. */
    private static final int MAX_N = 16;

    /** OpenAI's bound. */
    private static final int MAX_BIASES = 1_024;

    private static final int MAX_MODEL_LENGTH = 256;

    /** OpenAI's bound of all names and constants in one; a schema has little else. */
    static final int MAX_SCHEMA_LENGTH = 120_000;

    /** OpenAI's rule. */
    private static final Pattern SCHEMA_NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    private RequestRules() {}

    /** A request with what both endpoints say in the same fields. */
    static CompletionRequest.Builder begin(
            Prompt prompt, String tenant, SamplingOptions options, @Nullable Integer maxTokens) {
        return CompletionRequest.of(prompt, tenant)
                .maxTokens(maxTokens)
                .minTokens(minTokens(options, maxTokens))
                .sampling(sampling(options))
                .stop(stop(options))
                .ignoreEos(Boolean.TRUE.equals(options.ignoreEos()));
    }

    static String model(@Nullable String model) {
        if (model == null) {
            return CompletionRequest.DEFAULT_MODEL;
        }
        if (model.isEmpty() || characters(model) > MAX_MODEL_LENGTH) {
            throw InvalidRequestException.invalidValue(
                    "model", "it must have 1 to %d characters, or be left out.".formatted(MAX_MODEL_LENGTH));
        }
        return model;
    }

    /**
     * The model, where the caller may ask for it. One that it may not ask for is told no differently from one that there is
     * not.
     */
    static String allowedModel(@Nullable String model, Principal principal, Inference inference) {
        String asked = model(model);
        if (allows(principal, asked, inference)) {
            return asked;
        }
        throw new InferenceException(
                InferenceException.Kind.MODEL_NOT_FOUND,
                "The model '%s' does not exist, or your key may not ask for it. GET /v1/models lists yours."
                        .formatted(asked),
                "model",
                null,
                null);
    }

    /** Whether the caller may ask for a model. Both names of the default model are good where one of them is. */
    static boolean allows(Principal principal, String model, Inference inference) {
        var restrictions = principal.restrictions();
        if (restrictions.allowsModel(model)) {
            return true;
        }
        var models = inference.models();
        String first = models.isEmpty()
                ? CompletionRequest.DEFAULT_MODEL
                : models.getFirst().id();
        return (model.equals(CompletionRequest.DEFAULT_MODEL) || model.equals(first))
                && (restrictions.allowsModel(CompletionRequest.DEFAULT_MODEL) || restrictions.allowsModel(first));
    }

    /**
     * The most tokens to generate: what was asked for, which must be within what the caller may, or that where nothing was
     * asked for.
     */
    static @Nullable Integer maxTokens(String param, @Nullable Integer asked, int least, Principal principal) {
        var most = principal.restrictions().maxTokens();
        var value = tokens(param, asked, least);
        if (value != null && most != null && value > most) {
            throw InvalidRequestException.invalidValue(
                    param, "your key may generate at most %d tokens for a choice, not %d.".formatted(most, value));
        }
        return value != null ? value : most;
    }

    static Sampling sampling(SamplingOptions options) {
        double repetition = within("repetition_penalty", options.repetitionPenalty(), 1, 0, 10);
        if (repetition == 0) {
            throw InvalidRequestException.invalidValue("repetition_penalty", "it must be above 0; 1 is for none.");
        }
        double topP = within("top_p", options.topP(), 1, 0, 1);
        if (topP == 0) {
            throw InvalidRequestException.invalidValue(
                    "top_p", "it must be above 0; for the best token always, set 'temperature' to 0.");
        }
        if (options.logitBias().size() > MAX_BIASES) {
            throw InvalidRequestException.invalidValue(
                    "logit_bias", "it must have at most %d entries.".formatted(MAX_BIASES));
        }
        options.logitBias().forEach((id, bias) -> within("logit_bias." + id, bias, 0, -100, 100));
        return new Sampling(
                within("temperature", options.temperature(), 1, 0, 2),
                topP,
                Math.max(0, within("top_k", options.topK(), 0, -1, Integer.MAX_VALUE)),
                within("min_p", options.minP(), 0, 0, 1),
                within("presence_penalty", options.presencePenalty(), 0, -2, 2),
                within("frequency_penalty", options.frequencyPenalty(), 0, -2, 2),
                repetition,
                options.seed(),
                options.logitBias());
    }

    static List<String> stop(SamplingOptions options) {
        var stops = options.stop();
        if (stops.size() > MAX_STOPS) {
            throw InvalidRequestException.invalidValue(
                    "stop", "it must have at most %d strings, not %d.".formatted(MAX_STOPS, stops.size()));
        }
        for (String stop : stops) {
            if (stop.isEmpty() || characters(stop) > MAX_STOP_LENGTH) {
                throw InvalidRequestException.invalidValue(
                        "stop", "each string must have 1 to %d characters.".formatted(MAX_STOP_LENGTH));
            }
        }
        return stops;
    }

    /** The form that the answer must have. What stands in a schema is for the inference to check. */
    static ResponseFormat format(@Nullable ResponseFormatField format, SamplingOptions options) {
        if (format == null || format.type().equals(ResponseFormatField.TEXT)) {
            return ResponseFormat.TEXT;
        }
        if (options.minTokens() != null && options.minTokens() > 0) {
            throw InvalidRequestException.invalidValue(
                    "min_tokens", "JSON ends where it is complete; leave it out beside 'response_format'.");
        }
        var schema = format.jsonSchema();
        if (schema == null) {
            return new ResponseFormat.JsonObject();
        }
        if (!SCHEMA_NAME.matcher(schema.name()).matches()) {
            throw InvalidRequestException.invalidValue(
                    "response_format.json_schema.name", "it must be 1 to 64 letters, digits, '_' and '-'.");
        }
        String text = schema.schema().toString();
        if (text.length() > MAX_SCHEMA_LENGTH) {
            throw InvalidRequestException.invalidValue(
                    "response_format.json_schema.schema",
                    "it must have at most %d characters, not %d.".formatted(MAX_SCHEMA_LENGTH, text.length()));
        }
        return new ResponseFormat.JsonSchema(schema.name(), text);
    }

    /** As people and JSON Schema count them, not in halves of surrogate pairs. */
    static int characters(String text) {
        return text.codePointCount(0, text.length());
    }

    static int choices(SamplingOptions options, FunctionSettings settings) {
        return within("n", options.n(), 1, 1, Math.min(MAX_N, settings.maxChoices()));
    }

    static int minTokens(SamplingOptions options, @Nullable Integer maxTokens) {
        int minTokens = within("min_tokens", options.minTokens(), 0, 0, Integer.MAX_VALUE);
        if (maxTokens != null && minTokens > maxTokens) {
            throw InvalidRequestException.invalidValue(
                    "min_tokens", "it must be at most the most tokens, %d.".formatted(maxTokens));
        }
        return minTokens;
    }

    static void streamOptions(boolean stream, @Nullable StreamOptions options) {
        if (options != null && !stream) {
            throw InvalidRequestException.invalidValue("stream_options", "it is only for 'stream': true.");
        }
    }

    /** A number of tokens that may be absent. */
    static @Nullable Integer tokens(String param, @Nullable Integer value, int least) {
        return value == null ? null : (Integer) within(param, value, 0, least, Integer.MAX_VALUE);
    }

    static int within(String param, @Nullable Integer value, int absent, int least, int most) {
        int number = Objects.requireNonNullElse(value, absent);
        if (number < least || number > most) {
            throw InvalidRequestException.invalidValue(
                    param,
                    most == Integer.MAX_VALUE
                            ? "it must be at least %d, not %d.".formatted(least, number)
                            : "it must be between %d and %d, not %d.".formatted(least, most, number));
        }
        return number;
    }

    private static double within(String param, @Nullable Double value, double absent, double least, double most) {
        double number = Objects.requireNonNullElse(value, absent);
        // NaN is in no range; JSON cannot say it, a caller in Java can
        if (!(number >= least && number <= most)) {
            throw InvalidRequestException.invalidValue(
                    param, "it must be between %s and %s, not %s.".formatted(least, most, number));
        }
        return number;
    }
}
