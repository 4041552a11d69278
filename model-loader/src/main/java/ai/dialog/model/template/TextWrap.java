package ai.dialog.model.template;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Python's {@code textwrap.wrap} of one line, with the settings that the {@code wordwrap} filter gives it. */
final class TextWrap {

    /** {@code TextWrapper.wordsep_re} of Python's library: words, dashes and hyphenated parts, with blanks between. */
    private static final Pattern WORDS = Pattern.compile(
            "([\\t\\n\\x0b\\f\\r ]+"
                    + "|(?<=[\\w!\"'&.,?])-{2,}(?=\\w)"
                    + "|[^\\t\\n\\x0b\\f\\r ](?:[^\\t\\n\\x0b\\f\\r ])*?"
                    + "(?:-(?:(?<=[^\\d\\W]{2}-)|(?<=[^\\d\\W]-[^\\d\\W]-))(?=[^\\d\\W]-?[^\\d\\W])"
                    + "|(?=[\\t\\n\\x0b\\f\\r ]|\\z)"
                    + "|(?<=[\\w!\"'&.,?])(?=-{2,}\\w)))",
            Pattern.UNICODE_CHARACTER_CLASS);

    private static final Pattern BLANKS = Pattern.compile("[\\t\\n\\x0b\\f\\r ]+|[^\\t\\n\\x0b\\f\\r ]+");

    private final Budget budget;
    private final long width;
    private final boolean breakLong;
    private final boolean onHyphens;

    TextWrap(Budget budget, long width, boolean breakLong, boolean onHyphens) {
        this.budget = budget;
        this.width = width;
        this.breakLong = breakLong;
        this.onHyphens = onHyphens;
    }

    List<String> lines(String text) {
        if (width <= 0) {
            throw new TemplateException("invalid width " + width + " (must be > 0)");
        }
        var chunks = new ArrayList<>((onHyphens ? WORDS : BLANKS)
                .matcher(text)
                .results()
                .map(java.util.regex.MatchResult::group)
                .filter(chunk -> !chunk.isEmpty())
                .toList());
        var lines = new ArrayList<String>();
        int next = 0;
        while (next < chunks.size()) {
            budget.step();
            if (PyText.isBlank(chunks.get(next)) && !lines.isEmpty()) {
                next++;
            }
            next = line(chunks, next, lines);
        }
        return lines;
    }

    /** Where to break a word that is too long: behind its last hyphen that fits, else where the line ends. */
    private long room(String chunk, long most) {
        int hyphen = onHyphens ? PyText.substring(chunk, 0, most).lastIndexOf('-') : -1;
        boolean inWord = hyphen > 0 && chunk.substring(0, hyphen).chars().anyMatch(c -> c != '-');
        return inWord ? chunk.codePointCount(0, hyphen + 1) : most;
    }

    /** Puts as many chunks on a line as fit, and gives the index of the next one. */
    private int line(List<String> chunks, int start, List<String> lines) {
        var line = new ArrayList<String>();
        long length = 0;
        int next = start;
        while (next < chunks.size() && length + Types.length(chunks.get(next)) <= width) {
            length += Types.length(chunks.get(next));
            line.add(chunks.get(next++));
        }
        if (next < chunks.size() && Types.length(chunks.get(next)) > width) {
            String chunk = chunks.get(next);
            if (breakLong) {
                long room = room(chunk, Math.max(1, width - length));
                line.add(PyText.substring(chunk, 0, room));
                chunks.set(next, PyText.substring(chunk, room, Long.MAX_VALUE));
            } else if (line.isEmpty()) {
                line.add(chunks.get(next++));
            }
        }
        if (!line.isEmpty() && PyText.isBlank(line.getLast())) {
            line.removeLast();
        }
        if (!line.isEmpty()) {
            lines.add(String.join("", line));
        }
        return next;
    }
}
