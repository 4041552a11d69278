package ai.dialog.cloud;

import java.util.List;
import java.util.Map;
import software.amazon.awscdk.services.apigateway.Stage;
import software.amazon.awscdk.services.wafv2.CfnWebACL;
import software.amazon.awscdk.services.wafv2.CfnWebACLAssociation;
import software.constructs.Construct;

/**
 * The web application firewall before the gateway: an address that calls too often is blocked, and so is what AWS's common
 * rules know as an attack. Those of them that look into the body only count: a prompt may well be about HTML, files or paths.
 */
final class Firewall extends Construct {

    /** AWS's names, of AWSManagedRulesCommonRuleSet. */
    private static final List<String> ABOUT_BODIES = List.of(
            "SizeRestrictions_BODY",
            "CrossSiteScripting_BODY",
            "GenericLFI_BODY",
            "GenericRFI_BODY",
            "EC2MetaDataSSRF_BODY");

    Firewall(Construct scope, String id, Stage stage, int requestsInFiveMinutes) {
        super(scope, id);
        CfnWebACL acl = CfnWebACL.Builder.create(this, "Acl")
                .scope("REGIONAL")
                .defaultAction(CfnWebACL.DefaultActionProperty.builder()
                        .allow(CfnWebACL.AllowActionProperty.builder().build())
                        .build())
                .visibilityConfig(counted("all"))
                .rules(List.of(rate(requestsInFiveMinutes), common()))
                .build();
        CfnWebACLAssociation.Builder.create(this, "OfTheGateway")
                .webAclArn(acl.getAttrArn())
                .resourceArn(stage.getStageArn())
                .build();
    }

    private static CfnWebACL.RuleProperty rate(int requests) {
        return CfnWebACL.RuleProperty.builder()
                .name("rate")
                .priority(0)
                .action(CfnWebACL.RuleActionProperty.builder()
                        .block(CfnWebACL.BlockActionProperty.builder().build())
                        .build())
                .statement(CfnWebACL.StatementProperty.builder()
                        .rateBasedStatement(CfnWebACL.RateBasedStatementProperty.builder()
                                .limit(requests)
                                .evaluationWindowSec(300)
                                .aggregateKeyType("IP")
                                .build())
                        .build())
                .visibilityConfig(counted("rate"))
                .build();
    }

    private static CfnWebACL.RuleProperty common() {
        return CfnWebACL.RuleProperty.builder()
                .name("common")
                .priority(1)
                .overrideAction(CfnWebACL.OverrideActionProperty.builder()
                        .none(Map.of())
                        .build())
                .statement(CfnWebACL.StatementProperty.builder()
                        .managedRuleGroupStatement(CfnWebACL.ManagedRuleGroupStatementProperty.builder()
                                .vendorName("AWS")
                                .name("AWSManagedRulesCommonRuleSet")
                                .ruleActionOverrides(ABOUT_BODIES.stream()
                                        .map(rule -> CfnWebACL.RuleActionOverrideProperty.builder()
                                                .name(rule)
                                                .actionToUse(CfnWebACL.RuleActionProperty.builder()
                                                        .count(CfnWebACL.CountActionProperty.builder()
                                                                .build())
                                                        .build())
                                                .build())
                                        .toList())
                                .build())
                        .build())
                .visibilityConfig(counted("common"))
                .build();
    }

    /** Without samples: they show headers, and with them credentials. */
    private static CfnWebACL.VisibilityConfigProperty counted(String name) {
        return CfnWebACL.VisibilityConfigProperty.builder()
                .cloudWatchMetricsEnabled(true)
                .metricName("ai-dialog-" + name)
                .sampledRequestsEnabled(false)
                .build();
    }
}
