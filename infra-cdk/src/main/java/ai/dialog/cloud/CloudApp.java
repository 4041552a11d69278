package ai.dialog.cloud;

import ai.dialog.cloud.settings.CloudSettings;
import io.github.cdklabs.cdknag.AwsSolutionsChecks;
import io.github.cdklabs.cdknag.ServerlessChecks;
import software.amazon.awscdk.App;
import software.amazon.awscdk.Aspects;

/** What {@code cdk synth} and {@code cdk deploy} run: one stack for the stage in the context. */
public final class CloudApp {

    private CloudApp() {}

    public static void main(String[] args) {
        try {
            NodeJs.require();
            App app = new App();
            CloudSettings settings = CloudSettings.from(name -> app.getNode().tryGetContext(name));
            new DialogStack(app, "ai-dialog-" + settings.stage(), settings);
            Aspects.of(app).add(new AwsSolutionsChecks());
            Aspects.of(app).add(new ServerlessChecks());
            app.synth();
        } catch (IllegalArgumentException | IllegalStateException refused) {
            System.err.println("ai-dialog: " + refused.getMessage());
            System.exit(2);
        }
    }
}
