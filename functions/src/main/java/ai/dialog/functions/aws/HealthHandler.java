package ai.dialog.functions.aws;

/** Answers {@code GET /health}. */
public final class HealthHandler extends LambdaHandler {
    public HealthHandler() {
        super("healthHandler");
    }
}
