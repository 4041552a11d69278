package ai.dialog.functions.audit;

import ai.dialog.functions.inference.CompletionChunk;
import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.Prompt;
import ai.dialog.functions.inference.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What was asked of the model and what it cost; its words only where the log wants them, and no more than a bound of them. */
final class Conversation {

    /** Characters of a prompt, and of an answer. */
    static final int MAX_TEXT = 32_768;

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
        this.prompt = words ? cut(text(request.prompt()), MAX_TEXT) : null;
    }

    synchronized void add(CompletionChunk chunk) {
        switch (chunk) {
            case CompletionChunk.Delta delta -> {
                if (words && room > 0) {
                    String some = cut(delta.text(), room);
                    room -= some.length();
                    answer.computeIfAbsent(delta.choice(), choice -> new StringBuilder())
                            .append(some);
                }
            }
            case CompletionChunk.ToolCallDelta call -> {}
            case CompletionChunk.Begun begun -> {}
            case CompletionChunk.Finish finish -> {}
            case CompletionChunk.Total total -> usage = total.usage();
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

    private static String text(Prompt prompt) {
        return switch (prompt) {
            case Prompt.Conversation turns ->
                turns.messages().stream()
                        .map(message -> message.role() + ": " + message.content())
                        .collect(Collectors.joining("\n"));
            case Prompt.Text plain -> plain.text();
            case Prompt.Tokens tokens -> tokens.ids().size() + " token ids";
        };
    }

    private static String cut(String text, int most) {
        return text.length() <= most ? text : text.substring(0, most);
    }
}
