package ai.dialog.functions.remote;

import ai.dialog.functions.inference.InferenceException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
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

    private static final byte[] DATA = {'d', 'a', 't', 'a'};
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private final int maxEventBytes;
    private final StringBuilder data = new StringBuilder();
    private byte[] line = new byte[512];
    private int lineLength;
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
            if (afterCarriageReturn) {
                afterCarriageReturn = false;
                if (bytes.get(bytes.position()) == '\n') {
                    bytes.get();
                    continue;
                }
            }
            take(bytes, lineEnd(bytes) - bytes.position());
            if (bytes.hasRemaining()) {
                afterCarriageReturn = bytes.get() == '\r';
                endLine(events);
            }
        }
        return events;
    }

    /** Where the line ends, or the bytes do. */
    private static int lineEnd(ByteBuffer bytes) {
        int end = bytes.position();
        while (end < bytes.limit()) {
            byte b = bytes.get(end);
            if (b == '\n' || b == '\r') {
                break;
            }
            end++;
        }
        return end;
    }

    private void take(ByteBuffer bytes, int length) {
        if (length > maxEventBytes - eventBytes) {
            throw new InferenceException(
                    InferenceException.Kind.INTERNAL,
                    "The model server sent an event of more than " + maxEventBytes + " bytes.");
        }
        eventBytes += length;
        if (length > line.length - lineLength) {
            line = Arrays.copyOf(line, Math.max(2 * line.length, lineLength + length));
        }
        bytes.get(line, lineLength, length);
        lineLength += length;
    }

    private void endLine(List<String> events) {
        int start = firstLine && lineLength >= BYTE_ORDER_MARK.length && begins(0, BYTE_ORDER_MARK)
                ? BYTE_ORDER_MARK.length
                : 0;
        int end = lineLength;
        firstLine = false;
        lineLength = 0;
        if (start == end) {
            if (hasData) {
                events.add(data.toString());
            }
            data.setLength(0);
            hasData = false;
            eventBytes = 0;
        } else if (isData(start, end)) {
            if (hasData) {
                data.append('\n');
            }
            int value = Math.min(end, start + DATA.length + 1);
            value += value < end && line[value] == ' ' ? 1 : 0;
            data.append(new String(line, value, end - value, StandardCharsets.UTF_8));
            hasData = true;
        } else if (!hasData) {
            // A comment keeps the connection alive and belongs to no event: many of them are no large event.
            eventBytes = 0;
        }
    }

    private boolean isData(int start, int end) {
        int colon = start + DATA.length;
        return end >= colon && begins(start, DATA) && (end == colon || line[colon] == ':');
    }

    /** What stands after the line's end is of an earlier, longer line: the caller has looked how long this one is. */
    private boolean begins(int start, byte[] with) {
        return Arrays.equals(line, start, start + with.length, with, 0, with.length);
    }
}
