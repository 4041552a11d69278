package ai.dialog.functions.aws;

/** Answers {@code GET /health} and {@code GET /openapi.json}. */
public final class HealthHandler extends LambdaHandler {
    public HealthHandler() {
        super("healthHandler");
    }
}
