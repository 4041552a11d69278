package ai.dialog.functions.aws;

import ai.dialog.functions.access.Usd;
import ai.dialog.functions.limits.Account;
import ai.dialog.functions.limits.Hold;
import ai.dialog.functions.limits.Use;
import ai.dialog.functions.limits.Windows;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * An account as an item of the table.
 *
 * @param revision grows with each write
 */
record AccountItem(Account account, long revision) {

    /** The partition key. */
    static final String KEY = "account";

    static final String MINUTE = "minute";
    static final String DAY = "day";
    static final String MONTH = "month";
    static final String REQUESTS = "requests";
    static final String TOKENS = "tokens";
    static final String DAY_SPENT = "daySpent";
    static final String MONTH_SPENT = "monthSpent";

    /** How many {@link #HELD} has: an expression can compare a number, not the size of a map of a map. */
    static final String RUNNING = "running";

    static final String HELD = "held";
    static final String REVISION = "revision";

    /** The table's time to live, seconds since the epoch. */
    static final String EXPIRES = "expires";

    // what a hold has; short, because a write is paid for by the item's size
    static final String UNTIL = "u";
    static final String HOLD_MINUTE = "m";
    private static final String MOST_REQUESTS = "n";
    private static final String MOST_TOKENS = "t";
    private static final String MOST_COST = "c";
    static final String REPORTED_REQUESTS = "rn";
    static final String REPORTED_TOKENS = "rt";
    static final String REPORTED_COST = "rc";

    /** After the month no count of it matters; a day more for clocks and for leases. */
    private static final Duration KEPT = Duration.ofDays(1);

    static AccountItem read(Map<String, AttributeValue> item) {
        if (item.isEmpty()) {
            return new AccountItem(Account.EMPTY, 0);
        }
        var held = new HashMap<String, Hold>();
        attribute(item, HELD).m().forEach((id, hold) -> held.put(id, hold(hold.m())));
        var account = new Account(
                new Windows(number(item, MINUTE), number(item, DAY), number(item, MONTH)),
                Math.toIntExact(number(item, REQUESTS)),
                number(item, TOKENS),
                new Usd(number(item, DAY_SPENT)),
                new Usd(number(item, MONTH_SPENT)),
                held);
        return new AccountItem(account, number(item, REVISION));
    }

    Map<String, AttributeValue> write(String name) {
        var item = new HashMap<String, AttributeValue>();
        item.put(KEY, AttributeValue.fromS(name));
        item.put(MINUTE, number(account.windows().minute()));
        item.put(DAY, number(account.windows().day()));
        item.put(MONTH, number(account.windows().month()));
        item.put(REQUESTS, number(account.requests()));
        item.put(TOKENS, number(account.tokens()));
        item.put(DAY_SPENT, number(account.daySpent().nanos()));
        item.put(MONTH_SPENT, number(account.monthSpent().nanos()));
        item.put(RUNNING, number(account.held().size()));
        var held = new HashMap<String, AttributeValue>();
        account.held().forEach((id, hold) -> held.put(id, hold(hold)));
        item.put(HELD, AttributeValue.fromM(held));
        item.put(REVISION, number(revision));
        item.put(EXPIRES, number(account.windows().monthEnds().plus(KEPT).getEpochSecond()));
        return item;
    }

    static AttributeValue hold(Hold hold) {
        return AttributeValue.fromM(Map.of(
                UNTIL, number(hold.until().toEpochMilli()),
                HOLD_MINUTE, number(hold.minute()),
                MOST_REQUESTS, number(hold.most().requests()),
                MOST_TOKENS, number(hold.most().tokens()),
                MOST_COST, number(hold.most().cost().nanos()),
                REPORTED_REQUESTS, number(hold.reported().requests()),
                REPORTED_TOKENS, number(hold.reported().tokens()),
                REPORTED_COST, number(hold.reported().cost().nanos())));
    }

    private static Hold hold(Map<String, AttributeValue> hold) {
        return new Hold(
                Instant.ofEpochMilli(number(hold, UNTIL)),
                number(hold, HOLD_MINUTE),
                use(hold, MOST_REQUESTS, MOST_TOKENS, MOST_COST),
                use(hold, REPORTED_REQUESTS, REPORTED_TOKENS, REPORTED_COST));
    }

    private static Use use(Map<String, AttributeValue> hold, String requests, String tokens, String cost) {
        return new Use(Math.toIntExact(number(hold, requests)), number(hold, tokens), new Usd(number(hold, cost)));
    }

    static AttributeValue number(long value) {
        return AttributeValue.fromN(Long.toString(value));
    }

    private static long number(Map<String, AttributeValue> from, String name) {
        return Long.parseLong(attribute(from, name).n());
    }

    private static AttributeValue attribute(Map<String, AttributeValue> from, String name) {
        return Objects.requireNonNull(from.get(name), name);
    }
}
