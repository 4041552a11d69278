package ai.dialog.functions.limits;

import ai.dialog.functions.access.Usd;
import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.Prompt;
import ai.dialog.functions.inference.Tool;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The most that a request can take, known before its prompt has been turned into tokens.
 *
 * <p>The prompt's bound: no tokenizer that knows bytes makes more tokens of a text than it has bytes in UTF-8, since each
 * token stands for one byte at least; SentencePiece's space before the first word and the special tokens around a text are
 * in the allowance. A chat template adds what the allowances for each message and for the whole are for: role names, marks
 * and perhaps a system prompt of its own, which in published templates are below 100 tokens. Tools, calls and results are
 * counted as the JSON that a template writes of them, with allowances for its layout. A prompt is never longer than the
 * model's context, where that is known.
 *
 * @param prompt tokens of the prompt
 * @param completion tokens of all choices together
 * @param price null where nothing is paid
 */
record Estimate(long prompt, long completion, @Nullable Price price) {

    private static final int WHOLE_ALLOWANCE = 512;
    private static final int MESSAGE_ALLOWANCE = 16;

    /** What a template tells a model of tools in general; published ones are below 500 tokens. */
    private static final int TOOLS_ALLOWANCE = 1_024;

    /** The JSON around a tool's name, description and parameters, spread over lines. */
    private static final int TOOL_ALLOWANCE = 64;

    /** The marks and the JSON around a call's name and arguments. */
    private static final int CALL_ALLOWANCE = 64;

    /** The marks and the JSON around a result, its tool's name and the id of its call. */
    private static final int RESULT_ALLOWANCE = 64;

    private static final String JSON_MARKS = "{}[],:";

    /** What has a backslash more where it is written as JSON. */
    private static final String ESCAPED = "\"\\\n\r\t";

    /** What any other control character has more where it is written as JSON: six characters in place of one. */
    private static final int CONTROL_ALLOWANCE = 5;

    /**
     * By how much a number grows that is read as floating point and written again: Python makes 18 characters of 1e15,
     * JavaScript 21 of 1e20. Whole numbers stay as they are.
     */
    private static final int NUMBER_ALLOWANCE = 20;

    /** A break of the line and its indentation, which every vocabulary with such a template has tokens for. */
    private static final int MARK_ALLOWANCE = 3;

    /** Beyond any context; the numbers stay far from what a {@code long} can hold. */
    private static final long MOST_TOKENS = Integer.MAX_VALUE;

    /**
     * How many tokens of each choice are reported ahead of their being generated, so that a holder that dies is charged
     * for what it used between its reports.
     */
    private static final int AHEAD = 512;

    /**
     * Of a request.
     *
     * @param contextLength the model's, 0 where it is not known
     */
    static Estimate of(CompletionRequest request, int contextLength, @Nullable Price price) {
        long context = contextLength > 0 ? contextLength : MOST_TOKENS;
        long each = Math.min(context, Objects.requireNonNullElse(request.maxTokens(), Integer.MAX_VALUE));
        long prompt = prompt(request.prompt()) + tools(request.tools().tools());
        return new Estimate(Math.min(context, prompt), each * request.choices(), price);
    }

    private static long prompt(Prompt prompt) {
        return switch (prompt) {
            case Prompt.Conversation conversation -> conversation(conversation.messages());
            case Prompt.Text text -> MESSAGE_ALLOWANCE + bytes(text.text());
            case Prompt.Tokens tokens -> tokens.ids().size();
        };
    }

    private static long conversation(List<Prompt.Message> messages) {
        long bytes = WHOLE_ALLOWANCE;
        Map<String, String> names = new HashMap<>();
        for (var message : messages) {
            bytes += MESSAGE_ALLOWANCE + bytes(message.role());
            for (var call : message.toolCalls()) {
                bytes += CALL_ALLOWANCE + bytes(call.id()) + bytes(call.name()) + json(call.arguments());
                names.put(call.id(), call.name());
            }
            String answered = message.toolCallId();
            bytes += answered == null
                    ? bytes(message.content())
                    : RESULT_ALLOWANCE
                            + bytes(answered)
                            + bytes(names.getOrDefault(answered, ""))
                            + json(message.content());
        }
        return bytes;
    }

    private static long tools(List<Tool> tools) {
        long bytes = tools.isEmpty() ? 0 : TOOLS_ALLOWANCE;
        for (var tool : tools) {
            bytes += TOOL_ALLOWANCE + bytes(tool.name()) + json(tool.parameters());
            if (tool.description() != null) {
                bytes += json(tool.description());
            }
        }
        return bytes;
    }

    /** Of JSON, which templates write again in their own way, or of a text, which they write as JSON. */
    private static long json(String text) {
        return bytes(text)
                + MARK_ALLOWANCE * count(text, c -> JSON_MARKS.indexOf(c) >= 0)
                + count(text, c -> ESCAPED.indexOf(c) >= 0)
                + CONTROL_ALLOWANCE * count(text, c -> c < ' ' && ESCAPED.indexOf(c) < 0)
                + NUMBER_ALLOWANCE * floats(text);
    }

    /** How many numbers there are that have a point or an exponent, not counting those in strings. */
    private static long floats(String json) {
        long floats = 0;
        boolean quoted = false;
        boolean counted = false;
        for (int i = 0; i < json.length(); i++) {
            char c = json.charAt(i);
            if (quoted && c == '\\') {
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (!quoted && ".eE".indexOf(c) >= 0 && !counted && i > 0 && digit(json.charAt(i - 1))) {
                floats++;
                counted = true;
            } else if (JSON_MARKS.indexOf(c) >= 0) {
                counted = false;
            }
        }
        return floats;
    }

    private static boolean digit(char c) {
        return c >= '0' && c <= '9';
    }

    private static long count(String text, IntPredicate characters) {
        return text.chars().filter(characters).count();
    }

    private static long bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /** All of it. */
    Use most() {
        return use(prompt, 0, completion);
    }

    /** How many tokens of the completion to report while so many have been seen. */
    long ahead(long seen, int choices) {
        return Math.min(completion, seen + (long) AHEAD * choices);
    }

    Use use(long promptTokens, long cachedTokens, long completionTokens) {
        return new Use(
                1,
                promptTokens + completionTokens,
                price == null ? Usd.ZERO : price.of(promptTokens, cachedTokens, completionTokens));
    }
}
