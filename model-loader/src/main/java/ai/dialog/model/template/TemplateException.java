package ai.dialog.model.template;

import java.io.Serial;

/** A template cannot be compiled or rendered; the message names the line where it is known. */
public final class TemplateException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final int line;

    public TemplateException(String message) {
        this(message, 0);
    }

    /** With the line of the template (from 1) at which it happened; 0 where that is not known. */
    TemplateException(String message, int line) {
        super(line > 0 ? message + " (line " + line + " of the chat template)" : message);
        this.line = line;
    }

    /** The line of the template at which it happened, from 1; 0 where that is not known. */
    public int line() {
        return line;
    }

    TemplateException at(int knownLine) {
        if (line > 0 || knownLine <= 0) {
            return this;
        }
        var located = new TemplateException(String.valueOf(getMessage()), knownLine);
        located.setStackTrace(getStackTrace());
        return located;
    }
}
