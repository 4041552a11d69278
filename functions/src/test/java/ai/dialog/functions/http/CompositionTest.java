package ai.dialog.functions.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.dialog.functions.inference.Prompt;
import ai.dialog.functions.openai.ChatCompletionRequest;
import ai.dialog.functions.openai.ChatMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** A private step is one more bean, put before {@code chat} by the settings alone. */
class CompositionTest {

    @Configuration(proxyBeanMethods = false)
    static class Knowledge {

        @Bean
        Function<ChatCompletionRequest, ChatCompletionRequest> knowledge() {
            UnaryOperator<ChatCompletionRequest> step = request -> {
                var messages = new ArrayList<ChatMessage>();
                messages.add(new ChatMessage("system", "Paris is the capital of France."));
                messages.addAll(request.messages());
                return request.withMessages(messages);
            };
            return step;
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aStepBeforeChatAddsWhatItKnows(boolean stream) {
        try (var rig = new GatewayRig(Knowledge.class)) {
            var gateway = rig.gateway(
                    new GatewaySettings("knowledge|chat", GatewaySettings.DEFAULT_MAX_BODY_BYTES, Set.of(), null));
            var response = GatewayRig.handle(
                    gateway,
                    GatewayRig.request(
                            "POST",
                            "/v1/chat/completions",
                            "{\"stream\":" + stream + ",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"));
            var answer = GatewayRig.read(response);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.text()).contains("Paris.");
            assertThat(rig.inference().lastRequest().prompt())
                    .isEqualTo(new Prompt.Conversation(List.of(
                            new Prompt.Message("system", "Paris is the capital of France."),
                            new Prompt.Message("user", "hi"))));
            assertThat(rig.inference().lastRequest().tenant()).isEqualTo("local");
        }
    }

    @Test
    void aFunctionThatIsNotThereIsSaidAtTheStart() {
        try (var rig = new GatewayRig()) {
            var settings = new GatewaySettings("nothing|chat", 1000, Set.of(), null);
            assertThatThrownBy(() -> rig.gateway(settings))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("nothing|chat");
        }
    }
}
