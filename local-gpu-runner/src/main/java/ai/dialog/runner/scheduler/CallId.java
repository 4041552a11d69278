package ai.dialog.runner.scheduler;

import java.util.concurrent.ThreadLocalRandom;

/** Makes the ids by which a tool's result names the call that it answers. */
final class CallId {

    /** As many as OpenAI's have. */
    private static final int LENGTH = 24;

    private static final String LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private CallId() {}

    /** {@code call_} and random letters and digits: no secret, and within a conversation never the same twice. */
    static String random() {
        var id = new StringBuilder("call_");
        ThreadLocalRandom.current()
                .ints(LENGTH, 0, LETTERS.length())
                .forEach(letter -> id.append(LETTERS.charAt(letter)));
        return id.toString();
    }
}
