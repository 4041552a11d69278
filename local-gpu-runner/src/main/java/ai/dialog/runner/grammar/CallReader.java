package ai.dialog.runner.grammar;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads calls while they are written. The grammar has held them to their form, so all that is to be found is where a name and where
 * arguments end. Not thread-safe.
 */
final class CallReader {

    /** Calls of one answer: as many as a message of a conversation may have, so that every answer can be sent back. */
    static final int MAX_CALLS = 128;

    /** What comes next. */
    private enum Part {
        OPEN,
        NAME,
        MIDDLE,
        ARGUMENTS,
        AFTER
    }

    private final int markerLength;
    private final Literal middle;
    private final @Nullable Literal separator;
    private final ByteArrayOutputStream name = new ByteArrayOutputStream();
    private final ByteArrayOutputStream arguments = new ByteArrayOutputStream();
    private Part part = Part.OPEN;
    private Literal.@Nullable Follower literal;
    private int index;
    private int lastCall = -1;
    private int depth;
    private boolean inString;
    private boolean escaped;

    /**
     * Before the first call.
     *
     * @param markerLength how many characters of text the marker has that came before
     * @param open what comes before its name
     * @param separator what comes between the arguments of a call and the name of the next, if there can be one
     */
    CallReader(int markerLength, Literal open, Literal middle, @Nullable Literal separator) {
        this.markerLength = markerLength;
        this.middle = middle;
        this.separator = separator;
        this.literal = open.follower();
        if (literal.isComplete()) {
            part = Part.NAME;
        }
    }

    int markerLength() {
        return markerLength;
    }

    /** Takes the bytes of the next token; gives what is known by it. */
    List<CallPiece> read(byte[] bytes, int from) {
        var pieces = new ArrayList<CallPiece>(2);
        lastCall = -1;
        for (int i = from; i < bytes.length; i++) {
            int before = index;
            read(bytes[i] & 0xff, pieces);
            if (index > before && index == MAX_CALLS - 1) {
                lastCall = i + 1;
            }
        }
        flush(pieces);
        return pieces;
    }

    /** At which byte of the token that was read the name of the last call begins that there may be; -1 for none of it. */
    int lastCall() {
        return lastCall;
    }

    private void read(int b, List<CallPiece> pieces) {
        switch (part) {
            case OPEN -> follow(b, Part.NAME, pieces);
            case NAME -> {
                if (CallForm.isNameCharacter(b)) {
                    name.write(b);
                } else {
                    pieces.add(new CallPiece(index, name.toString(StandardCharsets.US_ASCII), ""));
                    name.reset();
                    part = Part.MIDDLE;
                    literal = middle.follower();
                    read(b, pieces);
                }
            }
            case MIDDLE -> follow(b, Part.ARGUMENTS, pieces);
            case ARGUMENTS -> argument(b, pieces);
            case AFTER -> after(b);
        }
    }

    private void follow(int b, Part then, List<CallPiece> pieces) {
        boolean taken = literal != null && literal.take(b);
        if (literal == null || literal.isComplete()) {
            part = then;
            if (!taken) {
                read(b, pieces);
            }
        }
    }

    private void argument(int b, List<CallPiece> pieces) {
        arguments.write(b);
        if (inString) {
            inString = escaped || b != '"';
            escaped = !escaped && b == '\\';
        } else if (b == '"') {
            inString = true;
        } else if (b == '{') {
            depth++;
        } else if (b == '}' && --depth == 0) {
            flush(pieces);
            part = Part.AFTER;
            literal = separator == null ? null : separator.follower();
        }
    }

    /** Either the separator and one more call, or the end, of which nothing is of interest. */
    private void after(int b) {
        if (literal != null && !literal.take(b)) {
            literal = null;
        }
        if (literal != null && literal.isComplete()) {
            index++;
            part = Part.NAME;
        }
    }

    /** Gives what has come of the arguments, but for a character of which only the beginning has. */
    private void flush(List<CallPiece> pieces) {
        byte[] all = arguments.toByteArray();
        int whole = all.length;
        for (int back = 1; back <= Math.min(3, all.length); back++) {
            int b = all[all.length - back] & 0xff;
            if (b >= 0xC0) {
                int length = b >= 0xF0 ? 4 : b >= 0xE0 ? 3 : 2;
                whole = back < length ? all.length - back : all.length;
                break;
            }
        }
        if (whole > 0) {
            pieces.add(new CallPiece(index, null, new String(all, 0, whole, StandardCharsets.UTF_8)));
            arguments.reset();
            arguments.write(all, whole, all.length - whole);
        }
    }
}
