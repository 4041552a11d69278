package ai.dialog.runner.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.Prompt;
import ai.dialog.functions.inference.ToolCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a template sees of earlier calls, and how much of them is read. */
class ToolPromptTest {

    private static final ToolTemplate OBJECTS = new ToolTemplate(true, null, true, false);
    private static final ToolTemplate TEXTS = new ToolTemplate(true, null, false, false);

    private static List<Prompt.Message> called(String arguments, int times) {
        var messages = new ArrayList<Prompt.Message>();
        for (int i = 0; i < times; i++) {
            messages.add(new Prompt.Message("assistant", "", List.of(new ToolCall("call_" + i, "f", arguments)), null));
        }
        return messages;
    }

    private static @Nullable Object seen(String arguments) {
        var message = ToolPrompt.messages(called(arguments, 1), OBJECTS).getFirst();
        var calls = (List<?>) Objects.requireNonNull(message.get("tool_calls"));
        var function = Objects.requireNonNull(((Map<?, ?>) calls.getFirst()).get("function"));
        return ((Map<?, ?>) function).get("arguments");
    }

    @Test
    void argumentsAreAnObjectWhereTheyAreOneThatCanBeRead() {
        assertThat(seen("{\"a\": [1]}")).isEqualTo(Map.of("a", List.of(1)));
        for (String other : List.of("", "7", "[]", "{", "{\"a\":" + "[".repeat(100) + "]".repeat(100) + "}")) {
            assertThat(seen(other)).isEqualTo(other);
        }
    }

    @Test
    void whatAllArgumentsTogetherHaveIsBounded() {
        String many = "{\"a\":[{}" + ",{}".repeat(60_000) + "]}";
        String lengthy = "{\"a\":\"" + "x".repeat(400_000) + "\"}";
        for (String arguments : List.of(many, lengthy)) {
            assertThat(ToolPrompt.messages(called(arguments, 1), OBJECTS)).hasSize(1);
            assertThat(ToolPrompt.messages(called(arguments, 3), TEXTS)).hasSize(3);
            assertThatThrownBy(() -> ToolPrompt.messages(called(arguments, 3), OBJECTS))
                    .isInstanceOfSatisfying(InferenceException.class, refused -> {
                        assertThat(refused.kind()).isEqualTo(InferenceException.Kind.INVALID_REQUEST);
                        assertThat(refused.param()).isEqualTo("messages");
                    });
        }
    }
}
