package ai.dialog.model.template;

import java.io.Serial;

/** A template cannot be compiled or rendered; the message names the line where it is known. */
public final class TemplateException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    public TemplateException(String message) {
        super(message);
    }
}
