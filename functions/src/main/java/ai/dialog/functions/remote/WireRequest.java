package ai.dialog.functions.remote;

import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.Prompt;
import ai.dialog.functions.inference.ResponseFormat;
import ai.dialog.functions.inference.Sampling;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * A request as the model server wants it: OpenAI's chat completions for a conversation, its completions for a prompt.
 *
 * <p>What stands at its default is left out, so that a server that knows fewer fields (the extensions of vLLM and SGLang:
 * {@code top_k}, {@code min_p}, {@code repetition_penalty}, {@code ignore_eos}, {@code min_tokens}) is not asked for them.
 *
 * @param path the resource to post to
 * @param json the body
 */
record WireRequest(String path, String json) {

    static WireRequest of(CompletionRequest request, @Nullable String defaultModel, JsonMapper json) {
        Map<String, Object> body = new LinkedHashMap<>();
        boolean isDefault = request.model().equals(CompletionRequest.DEFAULT_MODEL);
        put(body, "model", isDefault ? defaultModel : request.model());
        String path = prompt(body, request);
        body.put("stream", true);
        body.put("stream_options", Map.of("include_usage", true));
        if (request.choices() != 1) {
            body.put("n", request.choices());
        }
        put(body, "max_tokens", request.maxTokens());
        if (request.minTokens() > 0) {
            body.put("min_tokens", request.minTokens());
        }
        if (!request.stop().isEmpty()) {
            body.put("stop", request.stop());
        }
        if (request.ignoreEos()) {
            body.put("ignore_eos", true);
        }
        sampling(body, request.sampling());
        format(body, request.format(), json);
        WireTools.put(body, request.tools(), json);
        return new WireRequest(path, json.writeValueAsString(body));
    }

    private static String prompt(Map<String, Object> body, CompletionRequest request) {
        return switch (request.prompt()) {
            case Prompt.Conversation conversation -> {
                body.put(
                        "messages",
                        conversation.messages().stream().map(WireTools::message).toList());
                if (request.topLogprobs() != null) {
                    body.put("logprobs", true);
                    body.put("top_logprobs", request.topLogprobs());
                }
                yield "/v1/chat/completions";
            }
            case Prompt.Text text -> completion(body, request, text.text());
            case Prompt.Tokens tokens -> completion(body, request, tokens.ids());
        };
    }

    private static String completion(Map<String, Object> body, CompletionRequest request, Object prompt) {
        body.put("prompt", prompt);
        put(body, "logprobs", request.topLogprobs());
        if (request.echo()) {
            body.put("echo", true);
        }
        return "/v1/completions";
    }

    private static void format(Map<String, Object> body, ResponseFormat format, JsonMapper json) {
        switch (format) {
            case ResponseFormat.Text text -> {}
            case ResponseFormat.JsonObject object -> body.put("response_format", Map.of("type", "json_object"));
            case ResponseFormat.JsonSchema schema -> {
                Map<String, Object> named = new LinkedHashMap<>();
                named.put("name", schema.name());
                named.put("strict", true);
                named.put("schema", json.readTree(schema.schema()));
                Map<String, Object> wire = new LinkedHashMap<>();
                wire.put("type", "json_schema");
                wire.put("json_schema", named);
                body.put("response_format", wire);
            }
        }
    }

    private static void sampling(Map<String, Object> body, Sampling sampling) {
        body.put("temperature", sampling.temperature());
        putUnless(body, "top_p", sampling.topP(), 1);
        if (sampling.topK() > 0) {
            body.put("top_k", sampling.topK());
        }
        putUnless(body, "min_p", sampling.minP(), 0);
        putUnless(body, "presence_penalty", sampling.presencePenalty(), 0);
        putUnless(body, "frequency_penalty", sampling.frequencyPenalty(), 0);
        putUnless(body, "repetition_penalty", sampling.repetitionPenalty(), 1);
        put(body, "seed", sampling.seed());
        if (!sampling.logitBias().isEmpty()) {
            Map<String, Double> bias = new TreeMap<>();
            sampling.logitBias().forEach((token, value) -> bias.put(token.toString(), value));
            body.put("logit_bias", bias);
        }
    }

    private static void put(Map<String, Object> body, String name, @Nullable Object value) {
        if (value != null) {
            body.put(name, value);
        }
    }

    private static void putUnless(Map<String, Object> body, String name, double value, double plain) {
        if (value != plain) {
            body.put(name, value);
        }
    }
}
