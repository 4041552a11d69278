package ai.dialog.functions.remote;

import ai.dialog.functions.inference.InferenceException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Server-sent events out of the bytes of a response as they come, in memory bounded by the largest event accepted.
 *
 * <p>WHATWG HTML, "9.2.6 Interpreting an event stream": lines end in CR, LF or both; a blank line ends an event; several
 * {@code data} lines are joined by LF; lines that begin with a colon are comments; an event that the end of the stream cuts
 * off does not count. The event's type and id are not used by this protocol and are dropped. Not safe for use by several
 * threads at once.
 */
final class EventStreamParser {

    private final int maxEventBytes;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream(512);
    private final StringBuilder data = new StringBuilder();
    private int eventBytes;
    private boolean hasData;
    private boolean afterCarriageReturn;
    private boolean firstLine = true;

    EventStreamParser(int maxEventBytes) {
        this.maxEventBytes = maxEventBytes;
    }

    /**
     * Takes the next bytes of the stream.
     *
     * @return the data of the events that they completed
     * @throws InferenceException where an event is larger than accepted
     */
    List<String> feed(ByteBuffer bytes) {
        List<String> events = new ArrayList<>();
        while (bytes.hasRemaining()) {
            byte b = bytes.get();
            if (b == '\n' && afterCarriageReturn) {
                afterCarriageReturn = false;
                continue;
            }
            afterCarriageReturn = b == '\r';
            if (b == '\r' || b == '\n') {
                endLine(events);
            } else if (++eventBytes > maxEventBytes) {
                throw new InferenceException(
                        InferenceException.Kind.INTERNAL,
                        "The model server sent an event of more than " + maxEventBytes + " bytes.");
            } else {
                line.write(b);
            }
        }
        return events;
    }

    private void endLine(List<String> events) {
        String text = line.toString(StandardCharsets.UTF_8);
        line.reset();
        if (firstLine) {
            firstLine = false;
            text = text.startsWith("\uFEFF") ? text.substring(1) : text;
        }
        if (text.isEmpty()) {
            if (hasData) {
                events.add(data.toString());
            }
            data.setLength(0);
            hasData = false;
            eventBytes = 0;
        } else if (text.equals("data") || text.startsWith("data:")) {
            String value = text.length() > 5 ? text.substring(5) : "";
            if (hasData) {
                data.append('\n');
            }
            data.append(value.startsWith(" ") ? value.substring(1) : value);
            hasData = true;
        } else if (!hasData) {
            // A comment keeps the connection alive and belongs to no event: many of them are no large event.
            eventBytes = 0;
        }
    }
}
