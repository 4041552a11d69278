package ai.dialog.functions.aws;

import static ai.dialog.functions.aws.AccountItem.DAY;
import static ai.dialog.functions.aws.AccountItem.DAY_SPENT;
import static ai.dialog.functions.aws.AccountItem.HELD;
import static ai.dialog.functions.aws.AccountItem.HOLD_MINUTE;
import static ai.dialog.functions.aws.AccountItem.MINUTE;
import static ai.dialog.functions.aws.AccountItem.MONTH;
import static ai.dialog.functions.aws.AccountItem.MONTH_SPENT;
import static ai.dialog.functions.aws.AccountItem.REPORTED_COST;
import static ai.dialog.functions.aws.AccountItem.REPORTED_REQUESTS;
import static ai.dialog.functions.aws.AccountItem.REPORTED_TOKENS;
import static ai.dialog.functions.aws.AccountItem.REQUESTS;
import static ai.dialog.functions.aws.AccountItem.REVISION;
import static ai.dialog.functions.aws.AccountItem.RUNNING;
import static ai.dialog.functions.aws.AccountItem.TOKENS;
import static ai.dialog.functions.aws.AccountItem.UNTIL;

import ai.dialog.functions.access.Limits;
import ai.dialog.functions.access.Usd;
import ai.dialog.functions.limits.Account;
import ai.dialog.functions.limits.Hold;
import ai.dialog.functions.limits.Reservation;
import ai.dialog.functions.limits.Use;
import ai.dialog.functions.limits.Windows;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ReturnValue;
import software.amazon.awssdk.services.dynamodb.model.ReturnValuesOnConditionCheckFailure;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;

/**
 * One conditional write of an account, being written down. Every name is a placeholder, because {@code minute}, {@code day}
 * and others are reserved words.
 */
final class AccountWrites {

    private static final String ID = "id";

    private final Map<String, String> names = new HashMap<>();
    private final Map<String, AttributeValue> values = new HashMap<>();
    private final List<String> conditions = new ArrayList<>();
    private final List<String> additions = new ArrayList<>();
    private String sets = "";

    private AccountWrites() {}

    /**
     * Holds a reservation, if the item's windows are these, and everything fits, and it is not held already. What is there
     * is compared with the limit less what is added: an expression can compare, and not add.
     */
    static UpdateItemRequest reserve(String table, Reservation reservation, Limits limits, Hold hold, Windows windows) {
        var write = new AccountWrites();
        var most = reservation.most();
        write.names.put("#" + ID, reservation.id());
        write.conditions.add("attribute_not_exists(%s.#%s)".formatted(write.name(HELD), ID));
        write.same(MINUTE, windows.minute());
        write.same(DAY, windows.day());
        write.same(MONTH, windows.month());
        int places = limits.concurrentRequests() == null ? Account.MOST_HELD : limits.concurrentRequests();
        write.add(RUNNING, 1, (long) Math.min(places, Account.MOST_HELD));
        write.add(REQUESTS, most.requests(), toLong(limits.requestsPerMinute()));
        write.add(TOKENS, most.tokens(), toLong(limits.tokensPerMinute()));
        write.add(DAY_SPENT, most.cost().nanos(), toLong(limits.dailyBudget()));
        write.add(MONTH_SPENT, most.cost().nanos(), toLong(limits.monthlyBudget()));
        write.sets = "SET %s.#%s = %s".formatted(write.name(HELD), ID, write.value("hold", AccountItem.hold(hold)));
        return write.request(table, reservation.account());
    }

    /** Puts a lease's end off, if it is there. */
    static UpdateItemRequest renew(String table, Reservation reservation, Use reported, Instant until) {
        var write = new AccountWrites();
        write.names.put("#" + ID, reservation.id());
        write.conditions.add("attribute_exists(%s.#%s)".formatted(write.name(HELD), ID));
        write.sets = "SET "
                + String.join(
                        ", ",
                        write.ofHold(UNTIL, until.toEpochMilli()),
                        write.ofHold(REPORTED_REQUESTS, reported.requests()),
                        write.ofHold(REPORTED_TOKENS, reported.tokens()),
                        write.ofHold(REPORTED_COST, reported.cost().nanos()));
        return write.request(table, reservation.account());
    }

    private String ofHold(String attribute, long value) {
        return "%s.#%s.%s = %s".formatted(name(HELD), ID, name(attribute), value(attribute, AccountItem.number(value)));
    }

    /**
     * Ends a hold, if it is there and was counted in the window of its making, and gives the difference back to the windows
     * that still last; those that are over by this clock nobody looks at again.
     */
    static UpdateItemRequest settle(String table, Reservation reservation, Use spent, Windows now) {
        var write = new AccountWrites();
        var most = reservation.most();
        var began = Windows.at(reservation.made());
        write.names.put("#" + ID, reservation.id());
        write.conditions.add("%s.#%s.%s = %s"
                .formatted(
                        write.name(HELD),
                        ID,
                        write.name(HOLD_MINUTE),
                        write.value("began", AccountItem.number(began.minute()))));
        if (began.minute() >= now.minute()) {
            write.same(MINUTE, began.minute());
            write.add(REQUESTS, spent.requests() - most.requests(), null);
            write.add(TOKENS, spent.tokens() - most.tokens(), null);
        }
        long change = spent.cost().nanos() - most.cost().nanos();
        if (began.day() >= now.day()) {
            write.same(DAY, began.day());
            write.add(DAY_SPENT, change, null);
        }
        if (began.month() >= now.month()) {
            write.same(MONTH, began.month());
            write.add(MONTH_SPENT, change, null);
        }
        write.add(RUNNING, -1, null);
        write.sets = "REMOVE %s.#%s".formatted(write.name(HELD), ID);
        return write.request(table, reservation.account());
    }

    private static @Nullable Long toLong(@Nullable Integer limit) {
        return limit == null ? null : (Long) limit.longValue();
    }

    private static @Nullable Long toLong(@Nullable Usd budget) {
        return budget == null ? null : (Long) budget.nanos();
    }

    private void same(String attribute, long value) {
        conditions.add("%s = %s".formatted(name(attribute), value(attribute, AccountItem.number(value))));
    }

    private void add(String attribute, long amount, @Nullable Long limit) {
        if (limit != null) {
            conditions.add("%s <= %s"
                    .formatted(name(attribute), value(attribute + "Most", AccountItem.number(limit - amount))));
        }
        if (amount != 0) {
            additions.add("%s %s".formatted(name(attribute), value(attribute + "More", AccountItem.number(amount))));
        }
    }

    private String name(String attribute) {
        names.put("#" + attribute, attribute);
        return "#" + attribute;
    }

    private String value(String name, AttributeValue value) {
        values.put(":" + name, value);
        return ":" + name;
    }

    private UpdateItemRequest request(String table, String account) {
        add(REVISION, 1, null);
        return UpdateItemRequest.builder()
                .tableName(table)
                .key(Map.of(AccountItem.KEY, AttributeValue.fromS(account)))
                .conditionExpression(String.join(" AND ", conditions))
                .updateExpression(sets + " ADD " + String.join(", ", additions))
                .expressionAttributeNames(names)
                .expressionAttributeValues(values)
                .returnValues(ReturnValue.ALL_NEW)
                .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD)
                .build();
    }
}
