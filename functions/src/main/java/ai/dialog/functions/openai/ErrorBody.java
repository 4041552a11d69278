package ai.dialog.functions.openai;

import org.jspecify.annotations.Nullable;

/** OpenAI's error object, the body of every error. */
public record ErrorBody(Detail error) {

    /**
     * What went wrong.
     *
     * @param message for a person: what, where, and what to do
     * @param type the class of the error
     * @param param the request's field, where one is to blame
     * @param code a short name for the cause, for programs
     */
    public record Detail(
            String message,
            String type,
            @Nullable String param,
            @Nullable String code) {}

    /** An error object of these four. */
    public static ErrorBody of(String message, String type, @Nullable String param, @Nullable String code) {
        return new ErrorBody(new Detail(message, type, param, code));
    }
}
