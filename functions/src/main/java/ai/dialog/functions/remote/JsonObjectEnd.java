package ai.dialog.functions.remote;

/**
 * Where a JSON object that comes in pieces ends, told by its braces outside strings. Checks nothing else, and holds nothing of
 * what it has read.
 */
final class JsonObjectEnd {

    private int depth;
    private boolean opened;
    private boolean quoted;
    private boolean escaped;

    /** Goes on with another piece. */
    void read(String piece) {
        for (int i = 0; i < piece.length(); i++) {
            char c = piece.charAt(i);
            if (escaped) {
                escaped = false;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (quoted) {
                escaped = c == '\\';
            } else if (c == '{') {
                depth++;
                opened = true;
            } else if (c == '}') {
                depth--;
            }
        }
    }

    /** Whether the object that was begun is complete. */
    boolean reached() {
        return opened && depth == 0;
    }
}
