package ai.dialog.functions.aws;

/** Answers {@code POST /v1/chat/completions} and {@code POST /v1/completions}. */
public final class ChatHandler extends LambdaHandler {
    public ChatHandler() {
        super("chatHandler");
    }
}
