package ai.dialog.cloud;

import ai.dialog.cloud.settings.CloudSettings;
import ai.dialog.cloud.settings.GatewaySettings;
import java.util.List;
import software.amazon.awscdk.services.apigateway.ApiKey;
import software.amazon.awscdk.services.apigateway.Period;
import software.amazon.awscdk.services.apigateway.QuotaSettings;
import software.amazon.awscdk.services.apigateway.RestApi;
import software.amazon.awscdk.services.apigateway.ThrottleSettings;
import software.amazon.awscdk.services.apigateway.UsagePlan;
import software.amazon.awscdk.services.apigateway.UsagePlanPerApiStage;
import software.constructs.Construct;

/**
 * The usage plan: how fast and how much a day one key of the gateway may call. The gateway counts only calls that have such a
 * key; where callers must send one, each caller of the settings gets one, whose value the gateway makes and keeps. It says how
 * much, never who: who calls is the API key's affair.
 */
final class CallerPlans extends Construct {

    CallerPlans(Construct scope, String id, CloudSettings settings, RestApi api) {
        super(scope, id);
        GatewaySettings gateway = settings.gateway();
        UsagePlan plan = UsagePlan.Builder.create(this, "Plan")
                .description("AI dialog service, stage " + settings.stage())
                .throttle(ThrottleSettings.builder()
                        .rateLimit(gateway.requestsPerSecond())
                        .burstLimit(gateway.burst())
                        .build())
                .quota(QuotaSettings.builder()
                        .limit(gateway.requestsPerDay())
                        .period(Period.DAY)
                        .build())
                .apiStages(List.of(UsagePlanPerApiStage.builder()
                        .api(api)
                        .stage(api.getDeploymentStage())
                        .build()))
                .build();
        if (!gateway.gatewayKeys()) {
            return;
        }
        for (String caller : settings.secrets().callers()) {
            plan.addApiKey(ApiKey.Builder.create(this, "KeyOf-" + caller)
                    .description("Counts the calls of " + caller)
                    .build());
        }
    }
}
