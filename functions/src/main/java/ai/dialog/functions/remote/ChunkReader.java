package ai.dialog.functions.remote;

import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.FinishReason;
import ai.dialog.functions.inference.TokenLogprob;
import ai.dialog.functions.inference.Usage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Chunks out of the events of one answer, of chat completions and of completions alike. Trusts nothing: an event that is no
 * JSON, a choice that was not asked for or an answer that stops before its end fails the answer. Not safe for use by several
 * threads at once.
 */
final class ChunkReader {

    private static final String DONE = "[DONE]";

    private final int choices;
    private final JsonMapper json;
    private final BitSet finished = new BitSet();
    private final List<CallReader> calls;
    private final List<TextScores> scores;
    private @Nullable Usage usage;
    private int deltas;
    private boolean done;

    /**
     * Of one answer.
     *
     * @param callable whether the answer may have calls of tools
     */
    ChunkReader(int choices, boolean callable, JsonMapper json) {
        this.choices = choices;
        this.json = json;
        this.calls = IntStream.range(0, choices).mapToObj(CallReader::new).toList();
        this.scores = IntStream.range(0, choices)
                .mapToObj(choice -> new TextScores(callable))
                .toList();
    }

    /** Whether the last chunk has been made; what comes after it is of no interest. */
    boolean done() {
        return done;
    }

    /** Whether any text or call has come. */
    boolean begun() {
        return deltas > 0;
    }

    /** The chunks that one event's data hold, none for an event without text. */
    List<CompletionChunk> read(String data) {
        if (done) {
            return List.of();
        }
        if (data.strip().equals(DONE)) {
            return end();
        }
        JsonNode event = parse(data);
        if (event.path("error").isObject() || event.path("object").asString("").equals("error")) {
            throw UpstreamFault.ofEvent(event, begun());
        }
        if (event.path("usage").isObject()) {
            usage = usage(event.path("usage"));
        }
        List<CompletionChunk> chunks = new ArrayList<>(2);
        for (JsonNode choice : event.path("choices")) {
            readChoice(choice, chunks);
        }
        return chunks;
    }

    /**
     * The end of the stream, with or without OpenAI's end mark.
     *
     * @return the last chunk, unless it was given already
     */
    List<CompletionChunk> end() {
        if (done) {
            return List.of();
        }
        if (finished.cardinality() < choices) {
            throw UpstreamFault.internal("The model server broke off its answer.");
        }
        done = true;
        // A server without stream_options tells no usage; what was seen is then all that is known.
        return List.of(new CompletionChunk.Total(usage != null ? usage : new Usage(0, deltas, 0)));
    }

    private void readChoice(JsonNode choice, List<CompletionChunk> chunks) {
        int index = choice.path("index").asInt(0);
        if (index < 0 || index >= choices) {
            throw UpstreamFault.internal("The model server answered with a choice that was not asked for.");
        }
        if (finished.get(index)) {
            return;
        }
        int before = chunks.size();
        JsonNode delta = choice.path("delta");
        String text = delta.isObject() ? string(delta, "content") : string(choice, "text");
        boolean calling = !delta.path("tool_calls").isEmpty();
        List<TokenLogprob> logprobs = scores.get(index).read(text, calling, logprobs(choice.path("logprobs")));
        if (!text.isEmpty() || !logprobs.isEmpty()) {
            chunks.add(new CompletionChunk.Delta(index, text, logprobs));
        }
        calls.get(index).read(delta, chunks);
        deltas += chunks.size() - before;
        if (choice.path("finish_reason").isString()) {
            finished.set(index);
            FinishReason reason = reason(choice.path("finish_reason").stringValue());
            // servers say stop as well, OpenAI where the tool was asked for by name
            boolean called = reason == FinishReason.STOP && calls.get(index).any();
            chunks.add(new CompletionChunk.Finish(index, called ? FinishReason.TOOL_CALLS : reason));
        }
    }

    private static FinishReason reason(String wire) {
        return switch (wire) {
            case "length" -> FinishReason.LENGTH;
            // What vLLM and SGLang say of a request that they dropped: its text is not an answer.
            case "abort", "error" -> throw UpstreamFault.internal("The model server broke off its answer.");
            default -> FinishReason.STOP;
        };
    }

    private static List<TokenLogprob> logprobs(JsonNode logprobs) {
        if (logprobs.path("content").isArray()) {
            List<TokenLogprob> tokens = new ArrayList<>();
            for (JsonNode token : logprobs.path("content")) {
                List<TokenLogprob> top = new ArrayList<>();
                for (JsonNode alternative : token.path("top_logprobs")) {
                    top.add(chatToken(alternative, List.of()));
                }
                tokens.add(chatToken(token, top));
            }
            return tokens;
        }
        return logprobs.path("tokens").isArray() ? completionTokens(logprobs) : List.of();
    }

    private static TokenLogprob chatToken(JsonNode token, List<TokenLogprob> top) {
        String text = string(token, "token");
        List<Integer> bytes = new ArrayList<>();
        for (JsonNode b : token.path("bytes")) {
            bytes.add(b.asInt(0) & 0xff);
        }
        return new TokenLogprob(-1, text, bytes.isEmpty() ? utf8(text) : bytes, number(token.path("logprob")), top);
    }

    /** OpenAI's older form: parallel arrays, the alternatives of each place as an object from text to log probability. */
    private static List<TokenLogprob> completionTokens(JsonNode logprobs) {
        List<TokenLogprob> tokens = new ArrayList<>();
        JsonNode texts = logprobs.path("tokens");
        for (int i = 0; i < texts.size(); i++) {
            List<TokenLogprob> top = new ArrayList<>();
            for (var alternative : logprobs.path("top_logprobs").path(i).properties()) {
                String text = alternative.getKey();
                top.add(new TokenLogprob(-1, text, utf8(text), number(alternative.getValue()), List.of()));
            }
            top.sort((a, b) -> Double.compare(orLeast(b.logprob()), orLeast(a.logprob())));
            String text = texts.path(i).asString("");
            Double logprob = number(logprobs.path("token_logprobs").path(i));
            tokens.add(new TokenLogprob(-1, text, utf8(text), logprob, top));
        }
        return tokens;
    }

    private static double orLeast(@Nullable Double logprob) {
        return logprob == null ? Double.NEGATIVE_INFINITY : logprob;
    }

    private static @Nullable Double number(JsonNode node) {
        return node.isNumber() ? (Double) node.doubleValue() : null;
    }

    private static List<Integer> utf8(String text) {
        List<Integer> bytes = new ArrayList<>(text.length());
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            bytes.add(b & 0xff);
        }
        return bytes;
    }

    private static Usage usage(JsonNode usage) {
        return new Usage(
                count(usage, "prompt_tokens"),
                count(usage, "completion_tokens"),
                count(usage.path("prompt_tokens_details"), "cached_tokens"));
    }

    private static int count(JsonNode node, String field) {
        return Math.max(0, node.path(field).asInt(0));
    }

    private static String string(JsonNode node, String field) {
        JsonNode value = node.path(field);
        return value.isString() ? value.stringValue() : "";
    }

    private JsonNode parse(String data) {
        try {
            JsonNode event = json.readTree(data);
            if (event.isObject()) {
                return event;
            }
        } catch (JacksonException notJson) {
            // Its message would repeat what the server sent.
        }
        throw UpstreamFault.internal("The model server sent an event that is no JSON object.");
    }
}
