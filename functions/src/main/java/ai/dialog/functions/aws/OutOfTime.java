package ai.dialog.functions.aws;

import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.InferenceException.Kind;
import java.util.concurrent.TimeoutException;

/** What both forms of a function say where Lambda's deadline came before the answer. */
public final class OutOfTime {

    private OutOfTime() {}

    /** A time-out in words for the caller; any other failure as it is. */
    public static Throwable told(Throwable error) {
        return error instanceof TimeoutException
                ? new InferenceException(Kind.TIMEOUT, "The answer was not ready in time; ask for fewer tokens.")
                : error;
    }
}
