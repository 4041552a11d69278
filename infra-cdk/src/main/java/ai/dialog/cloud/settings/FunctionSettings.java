package ai.dialog.cloud.settings;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * The functions.
 *
 * @param functionsArtefact the package for the managed runtime, {@code ../functions/target/functions-lambda.zip} unless set
 * @param chatArtefact the package with the runtime that streams, {@code ../functions/target/chat-runtime.zip} unless set
 * @param chatMode {@code stream}, or {@code buffered} for the managed runtime, which answers when the whole answer is there
 *     and within the gateway's 29 seconds; {@code stream} unless set
 * @param chatArchitecture {@code arm64} or {@code x86_64}: what {@code chatArtefact}'s Java is for; this machine's unless set,
 *     because that is where it was built
 * @param chatSeconds how long one streamed answer may take; 900 unless set, which is the most that Lambda and the gateway know
 * @param snapStart whether functions on the managed runtime start from a snapshot; {@code true} unless set
 * @param memoryMib memory of each function, and its share of a processor with it; 1024 unless set
 */
public record FunctionSettings(
        Path functionsArtefact,
        Path chatArtefact,
        ChatMode chatMode,
        String chatArchitecture,
        int chatSeconds,
        boolean snapStart,
        int memoryMib) {

    /** How chat answers. */
    public enum ChatMode {
        /** Token by token, from a runtime of our own. */
        STREAM,
        /** At once, from the managed runtime. */
        BUFFERED
    }

    static FunctionSettings from(Context values) {
        return new FunctionSettings(
                Path.of(values.text("functionsArtefact", "../functions/target/functions-lambda.zip")),
                Path.of(values.text("chatArtefact", "../functions/target/chat-runtime.zip")),
                ChatMode.valueOf(values.choice("chatMode", "stream", List.of("stream", "buffered"))
                        .toUpperCase(Locale.ROOT)),
                values.choice("chatArchitecture", ofThisMachine(), List.of("arm64", "x86_64")),
                values.number("chatSeconds", 900, 30, 900),
                values.flag("snapStart", true),
                values.number("memoryMib", 1024, 512, 10_240));
    }

    private static String ofThisMachine() {
        return switch (System.getProperty("os.arch")) {
            case "aarch64", "arm64" -> "arm64";
            default -> "x86_64";
        };
    }
}
