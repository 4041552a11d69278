package ai.dialog.functions.http;

import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.functions.inference.Prompt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GatewayTest {

    private static final String CHAT = "/v1/chat/completions";
    private static final String QUESTION = """
            {"messages":[{"role":"user","content":"What is the capital of France?"}]}""";

    private GatewayRig rig;

    @BeforeAll
    void start() {
        rig = new GatewayRig();
    }

    @AfterAll
    void stop() {
        rig.close();
    }

    @BeforeEach
    void reset() {
        rig.inference().reset();
    }

    @Test
    void answersAChat() {
        var answer = rig.post(CHAT, QUESTION);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.headers())
                .containsEntry("content-type", "application/json")
                .containsKey("x-request-id");
        var json = answer.json();
        assertThat(json.get("id").stringValue()).startsWith("chatcmpl-");
        assertThat(json.get("object").stringValue()).isEqualTo("chat.completion");
        assertThat(json.get("model").stringValue()).isEqualTo("org/fake-model");
        assertThat(json.get("choices").toString()).isEqualTo("""
                        [{"index":0,"message":{"role":"assistant","content":"The capital is Paris.","refusal":null},\
                        "logprobs":null,"finish_reason":"stop"}]""");
        assertThat(json.get("usage").toString()).isEqualTo("""
                        {"prompt_tokens":1,"completion_tokens":3,"total_tokens":4,\
                        "prompt_tokens_details":{"cached_tokens":1}}""");
        assertThat(rig.inference().lastRequest().prompt())
                .isEqualTo(new Prompt.Conversation(
                        java.util.List.of(new Prompt.Message("user", "What is the capital of France?"))));
    }
}
