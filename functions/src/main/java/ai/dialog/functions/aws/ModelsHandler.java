package ai.dialog.functions.aws;

/** Answers {@code GET /v1/models} and {@code GET /v1/models/{id}}. */
public final class ModelsHandler extends LambdaHandler {
    public ModelsHandler() {
        super("modelsHandler");
    }
}
