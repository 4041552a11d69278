package ai.dialog.model.template;

import java.io.Serial;

/** A template cannot be compiled or rendered; the message names the line where it is known. */
public final class TemplateException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final int line;
    private final boolean outOfTime;

    public TemplateException(String message) {
        this(message, 0);
    }

    /** With the line of the template (from 1) at which it happened; 0 where that is not known. */
    TemplateException(String message, int line) {
        this(message, line, false);
    }

    private TemplateException(String message, int line, boolean outOfTime) {
        super(line > 0 ? message + " (line " + line + " of the chat template)" : message);
        this.line = line;
        this.outOfTime = outOfTime;
    }

    /** A rendering that took longer than it may. */
    public static TemplateException outOfTime(String message) {
        return new TemplateException(message, 0, true);
    }

    /** Whether only the time has run out: on a quieter machine the same rendering may succeed. */
    public boolean isOutOfTime() {
        return outOfTime;
    }

    /** The line of the template at which it happened, from 1; 0 where that is not known. */
    public int line() {
        return line;
    }

    TemplateException at(int knownLine) {
        if (line > 0 || knownLine <= 0) {
            return this;
        }
        var located = new TemplateException(String.valueOf(getMessage()), knownLine, outOfTime);
        located.setStackTrace(getStackTrace());
        return located;
    }
}
