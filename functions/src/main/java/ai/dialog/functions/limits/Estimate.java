package ai.dialog.functions.limits;

import ai.dialog.functions.access.Usd;
import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.Prompt;
import ai.dialog.functions.inference.Tool;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The most that a request can take, known before its prompt has been turned into tokens.
 *
 * <p>The prompt's bound: no tokenizer that knows bytes makes more tokens of a text than it has bytes in UTF-8, since each
 * token stands for one byte at least; SentencePiece's space before the first word and the special tokens around a text are
 * in the allowance. A chat template adds what the allowances for each message and for the whole are for: role names, marks
 * and perhaps a system prompt of its own, which in published templates are below 100 tokens. Tools and calls are counted as
 * the JSON that a template writes of them, with allowances for its layout. A prompt is never longer than the model's context,
 * where that is known.
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

    private static final String JSON_MARKS = "{}[],:";

    /** What has a backslash more where it is written as JSON once again. */
    private static final String ESCAPED = "\"\\\n";

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
            case Prompt.Conversation conversation -> {
                long bytes = WHOLE_ALLOWANCE;
                for (var message : conversation.messages()) {
                    bytes += MESSAGE_ALLOWANCE + bytes(message.role()) + bytes(message.content());
                    for (var call : message.toolCalls()) {
                        bytes += CALL_ALLOWANCE + bytes(call.id()) + bytes(call.name()) + json(call.arguments());
                    }
                }
                yield bytes;
            }
            case Prompt.Text text -> MESSAGE_ALLOWANCE + bytes(text.text());
            case Prompt.Tokens tokens -> tokens.ids().size();
        };
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

    /** Of JSON, which templates write again in their own way. */
    private static long json(String text) {
        return bytes(text) + MARK_ALLOWANCE * count(text, JSON_MARKS) + count(text, ESCAPED);
    }

    private static long count(String text, String characters) {
        return text.chars().filter(c -> characters.indexOf(c) >= 0).count();
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
