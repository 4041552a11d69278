package ai.dialog.functions.http;

import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.functions.Bounded;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;

/**
 * Any bytes as the body of a POST, whose path the first byte picks: p for completions, t for tokens, any other for chat. It
 * is answered, or refused with an error object; it never is the server's fault, and what reaches the inference is in range.
 */
class RequestBodyFuzzTest {

    private static final Set<Integer> STATUS = Set.of(200, 400, 404);

    private static final GatewayRig RIG = new GatewayRig();

    @AfterAll
    static void stop() {
        RIG.close();
    }

    /** Heap for each byte: a body of empty brackets grows into a tree of about 100 bytes for every three. */
    @FuzzTest(maxDuration = "10m")
    void anyBodyIsAnsweredOrRefused(byte[] data) {
        String path = switch (data.length == 0 ? 0 : data[0]) {
            case 'p' -> "/v1/completions";
            case 't' -> "/v1/tokens";
            default -> "/v1/chat/completions";
        };
        var empty = GatewayRig.request("POST", path, "");
        var body = ByteBuffer.wrap(data.length == 0 ? data : Arrays.copyOfRange(data, 1, data.length));
        var request = new HttpRequest(empty.method(), empty.path(), empty.headers(), empty.sourceAddress(), body);
        RIG.inference().reset();
        var answer = new GatewayRig.Answer[1];
        Bounded.run(data.length, 256, 16, () -> answer[0] = RIG.send(request));
        check(answer[0]);
        for (var asked : RIG.inference().requests()) {
            assertThat(asked.choices()).isBetween(1, 16);
            assertThat(asked.stop()).hasSizeLessThanOrEqualTo(16);
            assertThat(asked.sampling().temperature()).isBetween(0.0, 2.0);
            assertThat(asked.sampling().logitBias()).hasSizeLessThanOrEqualTo(1_024);
        }
    }

    private static void check(GatewayRig.Answer answer) {
        assertThat(STATUS).as(answer.text()).contains(answer.status());
        if (answer.status() != 200) {
            assertThat(answer.error().get("message").stringValue()).isNotBlank();
            assertThat(RIG.inference().requests()).hasSizeLessThanOrEqualTo(answer.status() == 404 ? 32 : 0);
        } else if (answer.text().startsWith("data: ")) {
            assertThat(answer.chunks()).isNotEmpty();
        } else {
            assertThat(answer.json().isObject()).isTrue();
        }
    }
}
