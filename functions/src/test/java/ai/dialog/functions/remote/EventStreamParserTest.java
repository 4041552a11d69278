package ai.dialog.functions.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.dialog.functions.inference.InferenceException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventStreamParserTest {

    private final EventStreamParser parser = new EventStreamParser(1024);

    @Test
    void linesMayEndInAnyOfTheThreeWays() {
        assertThat(feed("data: a\n\ndata: b\r\n\r\ndata: c\r\r")).containsExactly("a", "b", "c");
    }

    @Test
    void severalDataLinesAreOneEvent() {
        assertThat(feed("data: a\ndata:b\ndata\n\n")).containsExactly("a\nb\n");
    }

    @Test
    void commentsTypesAndEmptyEventsAreSkipped() {
        assertThat(feed(": ping\n\nevent: error\nid: 7\ndata: x\n\nevent: none\n\n"))
                .containsExactly("x");
    }

    @Test
    void theSameEventsComeHoweverTheBytesAreCut() {
        byte[] bytes = "\uFEFFdata: größer 🙂\r\n\r\n:c\r\ndata: zwei\r\n\r\n".getBytes(StandardCharsets.UTF_8);
        for (int size = 1; size < bytes.length; size++) {
            EventStreamParser cut = new EventStreamParser(1024);
            List<String> events = new ArrayList<>();
            for (int at = 0; at < bytes.length; at += size) {
                events.addAll(cut.feed(ByteBuffer.wrap(bytes, at, Math.min(size, bytes.length - at))));
            }
            assertThat(events).as("cut into %d bytes", size).containsExactly("größer 🙂", "zwei");
        }
    }

    @Test
    void anEventCutOffByTheEndDoesNotCount() {
        assertThat(feed("data: whole\n\ndata: half\n")).containsExactly("whole");
    }

    @Test
    void anEndlessLineIsRefusedAtTheBound() {
        assertThatExceptionOfType(InferenceException.class)
                .isThrownBy(() -> feed("data: " + "x".repeat(1100)))
                .withMessageContaining("more than 1024 bytes");
    }

    @Test
    void manySmallLinesOfOneEventAreRefusedAtTheBound() {
        assertThatExceptionOfType(InferenceException.class).isThrownBy(() -> feed("data: xxxx\n".repeat(200)));
    }

    @Test
    void keepAliveCommentsNeverAddUpToALargeEvent() {
        assertThat(feed(": keep-alive\n".repeat(500) + "data: x\n\n")).containsExactly("x");
    }

    private List<String> feed(String text) {
        return parser.feed(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }
}
