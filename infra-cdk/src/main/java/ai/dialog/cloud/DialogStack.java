package ai.dialog.cloud;

import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.Tags;
import software.constructs.Construct;

/**
 * One stage of the service: gateway, functions, secrets, and the table of what was used. It names no account and no region, so that the same template
 * deploys anywhere.
 *
 * <p>The model server is not in it yet: the functions call the one at {@link CloudSettings#inferenceUrl}. Its network, load
 * balancer and ECS service on GPUs, SnapStart and the chat function that streams are the third part of the work.
 */
public final class DialogStack extends Stack {

    public DialogStack(Construct scope, String id, CloudSettings settings) {
        super(
                scope,
                id,
                StackProps.builder()
                        .description("AI dialog service, stage " + settings.stage())
                        .build());
        Secrets secrets = new Secrets(this, "Secrets", settings.callers());
        LimitsTable limits = new LimitsTable(this, "Limits");
        Functions functions = new Functions(this, "Functions", settings, secrets, limits);
        PublicApi api = new PublicApi(this, "Api", settings, functions);
        Tags.of(this).add("service", "ai-dialog");
        Tags.of(this).add("stage", settings.stage());
        CfnOutput.Builder.create(this, "Url")
                .description("Base URL for OpenAI clients, without /v1")
                .value(api.url())
                .build();
        CfnOutput.Builder.create(this, "ApiKeysSecret")
                .description("Hashes of all API keys")
                .value(secrets.apiKeys().getSecretArn())
                .build();
        secrets.callers()
                .forEach((name, secret) -> CfnOutput.Builder.create(this, "KeyOf-" + name)
                        .description("The secret that " + name + " reads its API key from")
                        .value(secret.getSecretArn())
                        .build());
    }
}
