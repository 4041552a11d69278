package ai.dialog.cloud.settings;

import org.jspecify.annotations.Nullable;

/**
 * Alarms, mail and spend.
 *
 * @param alarms whether there are alarms, a dashboard, a budget and image scans; {@code true} unless set
 * @param alarmEmail who is written to; null for nobody: the topic is there, and others can subscribe
 * @param monthlyBudgetUsd what a month may cost; 300 unless set, for prod 2,000
 */
public record OperationsSettings(boolean alarms, @Nullable String alarmEmail, int monthlyBudgetUsd) {

    static OperationsSettings from(Context values, boolean prod) {
        return new OperationsSettings(
                values.flag("alarms", true),
                values.matching("alarmEmail", "[^@\\s,]{1,64}@[^@\\s,]{3,250}", "is no mail address"),
                values.number("monthlyBudgetUsd", prod ? 2_000 : 300, 1, 1_000_000));
    }
}
