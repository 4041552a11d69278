package ai.dialog.functions.aws.runtime;

import ai.dialog.functions.audit.AuditLog;
import ai.dialog.functions.http.Gateway;
import java.io.IOException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ConfigurableApplicationContext;

/** The program that {@code bootstrap} starts: makes the application, then serves events until Lambda ends the process. */
public final class ChatRuntime {

    /** An answer of the Runtime API may be so long, and a log line too. */
    private static final int MAX_MESSAGE = 1_000;

    private ChatRuntime() {}

    /** Ends with 1 where it cannot start or the Runtime API is gone, with 2 where there is none. */
    public static void main(String[] args) {
        System.exit(run(System.getenv("AWS_LAMBDA_RUNTIME_API"), ChatRuntimeApplication::start));
    }

    /** The exit code, once there are no more events. */
    static int run(@Nullable String address, Supplier<ConfigurableApplicationContext> start) {
        if (address == null || address.isBlank()) {
            return told(2, "AWS_LAMBDA_RUNTIME_API is not set: this program runs on AWS Lambda (provided.al2023)");
        }
        RuntimeApi api;
        try {
            api = new RuntimeApi(address);
        } catch (IllegalArgumentException e) {
            return told(2, message(e));
        }
        RuntimeLoop loop;
        try {
            var context = start.get();
            loop = new RuntimeLoop(api, context.getBean(Gateway.class), context.getBean(AuditLog.class));
        } catch (RuntimeException | Error e) {
            return cannotStart(api, innermost(e));
        }
        try {
            return loop.run();
        } catch (IOException gone) {
            return told(1, "no more events: " + message(gone));
        }
    }

    private static int cannotStart(RuntimeApi api, Throwable cause) {
        String message = message(cause);
        try {
            api.initFailed("Runtime.InitFailed", message);
        } catch (IOException unreported) {
            message += " (and the Runtime API could not be told: " + message(unreported) + ")";
        }
        return told(1, "the function cannot start: " + message);
    }

    /** Spring tells the way to a failure; what went wrong is at its end. */
    private static Throwable innermost(Throwable failure) {
        var cause = failure;
        for (int depth = 0; cause.getCause() != null && depth < 50; depth++) {
            cause = cause.getCause();
        }
        return cause;
    }

    private static String message(Throwable failure) {
        String message = failure.getMessage();
        String text = message == null ? failure.getClass().getSimpleName() : message;
        String line = text.lines().findFirst().orElse("");
        return line.length() <= MAX_MESSAGE ? line : line.substring(0, MAX_MESSAGE);
    }

    private static int told(int exitCode, String line) {
        System.err.println("chat-runtime: " + line);
        return exitCode;
    }
}
