package ai.dialog.functions.audit;

import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.Prompt;
import ai.dialog.functions.inference.Tool;
import ai.dialog.functions.inference.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What was asked of the model and what it cost; its words only where the log wants them, and no more than a bound of them. */
final class Conversation {

    /** Characters of a prompt, and of an answer. */
    static final int MAX_TEXT = 32_768;

    private static final String CALLS = "calls ";

    /** A model's id is shorter; what is not one may be anything. */
    private static final int MAX_MODEL = 128;

    private final String model;
    private final @Nullable String prompt;
    private final Map<Integer, StringBuilder> answer = new TreeMap<>();
    private final boolean words;
    private int room = MAX_TEXT;
    private @Nullable Usage usage;

    Conversation(CompletionRequest request, boolean words) {
        this.model = cut(request.model(), MAX_MODEL);
        this.words = words;
        this.prompt = words ? cut(text(request), MAX_TEXT) : null;
    }

    synchronized void add(CompletionChunk chunk) {
        switch (chunk) {
            case CompletionChunk.Delta delta -> say(delta.choice(), delta.text());
            case CompletionChunk.ToolCallDelta call -> {
                if (call.name() != null) {
                    say(call.choice(), (answer.containsKey(call.choice()) ? "\n" : "") + CALLS + call.name() + " ");
                }
                say(call.choice(), call.arguments());
            }
            case CompletionChunk.Begun begun -> {}
            case CompletionChunk.Finish finish -> {}
            case CompletionChunk.Total total -> usage = total.usage();
        }
    }

    private void say(int choice, String text) {
        if (words && room > 0) {
            String some = cut(text, room);
            room -= some.length();
            answer.computeIfAbsent(choice, first -> new StringBuilder()).append(some);
        }
    }

    String model() {
        return model;
    }

    synchronized @Nullable Usage usage() {
        return usage;
    }

    @Nullable
    String prompt() {
        return prompt;
    }

    synchronized @Nullable List<String> answer() {
        if (!words) {
            return null;
        }
        var texts = new ArrayList<String>();
        answer.values().forEach(text -> texts.add(text.toString()));
        return texts;
    }

    private static String text(CompletionRequest request) {
        return switch (request.prompt()) {
            case Prompt.Conversation turns ->
                // the tools last, so that what is cut off is theirs
                Stream.concat(
                                turns.messages().stream().map(Conversation::text),
                                request.tools().tools().stream().map(Conversation::text))
                        .collect(Collectors.joining("\n"));
            case Prompt.Text plain -> plain.text();
            case Prompt.Tokens tokens -> tokens.ids().size() + " token ids";
        };
    }

    private static String text(Prompt.Message message) {
        var text = new StringBuilder(message.role() + ": " + message.content());
        for (var call : message.toolCalls()) {
            text.append('\n').append(CALLS).append(call.name()).append(' ').append(call.arguments());
        }
        return text.toString();
    }

    private static String text(Tool tool) {
        return "has %s %s %s"
                .formatted(tool.name(), tool.parameters(), Objects.requireNonNullElse(tool.description(), ""));
    }

    private static String cut(String text, int most) {
        return text.length() <= most ? text : text.substring(0, most);
    }
}
