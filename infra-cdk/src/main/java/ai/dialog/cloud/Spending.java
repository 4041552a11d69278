package ai.dialog.cloud;

import java.util.List;
import java.util.Map;
import software.amazon.awscdk.services.budgets.CfnBudget;
import software.constructs.Construct;

/**
 * What a month may cost: told at four fifths of it, and when a forecast says that it will be more. It counts what has the
 * stage's tag, for which the account must have {@code stage} as a cost allocation tag.
 */
final class Spending extends Construct {

    Spending(Construct scope, String id, String stage, int monthlyUsd, Notifications notifications) {
        super(scope, id);
        CfnBudget budget = CfnBudget.Builder.create(this, "Month")
                .budget(CfnBudget.BudgetDataProperty.builder()
                        .budgetType("COST")
                        .timeUnit("MONTHLY")
                        .budgetLimit(CfnBudget.SpendProperty.builder()
                                .amount(monthlyUsd)
                                .unit("USD")
                                .build())
                        .costFilters(Map.of("TagKeyValue", List.of("user:stage$" + stage)))
                        .build())
                .notificationsWithSubscribers(
                        List.of(told("ACTUAL", 80, notifications), told("FORECASTED", 100, notifications)))
                .build();
        // AWS Budgets tries the topic when the budget is made
        budget.getNode().addDependency(notifications);
    }

    private static CfnBudget.NotificationWithSubscribersProperty told(
            String kind, int percent, Notifications notifications) {
        return CfnBudget.NotificationWithSubscribersProperty.builder()
                .notification(CfnBudget.NotificationProperty.builder()
                        .notificationType(kind)
                        .comparisonOperator("GREATER_THAN")
                        .threshold(percent)
                        .thresholdType("PERCENTAGE")
                        .build())
                .subscribers(List.of(CfnBudget.SubscriberProperty.builder()
                        .subscriptionType("SNS")
                        .address(notifications.topic().getTopicArn())
                        .build()))
                .build();
    }
}
