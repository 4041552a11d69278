package ai.dialog.functions.aws;

import ai.dialog.functions.access.Limits;
import ai.dialog.functions.access.Quota;
import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.limits.Account;
import ai.dialog.functions.limits.Hold;
import ai.dialog.functions.limits.Meter;
import ai.dialog.functions.limits.Reservation;
import ai.dialog.functions.limits.Standing;
import ai.dialog.functions.limits.Use;
import ai.dialog.functions.limits.Windows;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.ReturnValue;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;

/**
 * Accounts in a DynamoDB table, for any number of Lambda functions at once: one item for each, changed by conditional writes
 * alone.
 *
 * <p>The table ({@code LIMITS_TABLE} names it): partition key {@code account} of type S, no sort key, no index, time to live
 * in the attribute {@code expires}. A function needs {@code dynamodb:GetItem}, {@code PutItem} and {@code UpdateItem} on it.
 *
 * <p>A reservation is one UpdateItem whose condition says that it fits, a settlement is one more. Where a condition fails the
 * old item comes back with the failure. It tells a true refusal from an item whose windows are over or whose leases have
 * ended: the next state is then computed by {@link Account}, whose transitions these writes are a short cut of, and put if
 * the item's revision is still the same. Who comes second tries again.
 *
 * <p>A write whose answer is lost is repeated: a reservation has an id, and what is held is not held again, what is settled
 * not settled again.
 */
final class DynamoMeter implements Meter, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DynamoMeter.class);

    /** The first of a minute puts the item anew; those beside it have lost by then at most a few times. */
    private static final int MOST_ATTEMPTS = 12;

    private static final int SETTLE_CALLS = 3;

    /** DynamoDB answers in 10 ms; a caller waits for it before its first token. */
    private static final Duration ATTEMPT_TIMEOUT = Duration.ofMillis(800);

    private static final Duration CALL_TIMEOUT = Duration.ofMillis(2_500);

    /** The calls block, and so must not run where the caller runs. */
    private static final Scheduler CALLS =
            Schedulers.fromExecutor(task -> Thread.ofVirtual().name("limits").start(task));

    private final DynamoDbClient client;
    private final String table;
    private final InstantSource clock;

    DynamoMeter(DynamoDbClient client, String table, InstantSource clock) {
        this.client = client;
        this.table = table;
        this.clock = clock;
    }

    /** Over a table of the account and the region that the environment names. */
    static DynamoMeter open(String table, InstantSource clock) {
        var client = DynamoDbClient.builder()
                .httpClientBuilder(UrlConnectionHttpClient.builder()
                        .connectionTimeout(ATTEMPT_TIMEOUT)
                        .socketTimeout(ATTEMPT_TIMEOUT))
                .overrideConfiguration(configuration ->
                        configuration.apiCallAttemptTimeout(ATTEMPT_TIMEOUT).apiCallTimeout(CALL_TIMEOUT))
                .build();
        return new DynamoMeter(client, table, clock);
    }

    @Override
    public Mono<Standing> reserve(Reservation reservation, Limits limits, Use reported) {
        return call(() -> {
            try {
                return reserveNow(reservation, limits, reported);
            } catch (SdkException e) {
                giveUp(reservation);
                throw e;
            }
        });
    }

    @Override
    public Mono<Boolean> renew(Reservation reservation, Use reported) {
        return call(() -> {
            var until = clock.instant().plus(Reservation.LEASE);
            return write(AccountWrites.renew(table, reservation, reported, until))
                            .failed()
                    == null;
        });
    }

    @Override
    public Mono<Void> settle(Reservation reservation, Use spent) {
        return call(() -> {
                    settleNow(reservation, spent);
                    return true;
                })
                .then();
    }

    @Override
    public Mono<Standing> look(Quota quota) {
        return call(() -> {
            var answer = client.getItem(get -> get.tableName(table)
                    .key(Map.of(AccountItem.KEY, AttributeValue.fromS(quota.account())))
                    .consistentRead(true));
            var now = clock.instant();
            return AccountItem.read(answer.item()).account().at(now).standing(quota.limits(), now);
        });
    }

    private Standing reserveNow(Reservation reservation, Limits limits, Use reported) {
        for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
            Instant now = clock.instant();
            Instant until = now.plus(Reservation.LEASE);
            var windows = Windows.at(now);
            var hold = new Hold(until, windows.minute(), reservation.most(), reported);
            var written = write(AccountWrites.reserve(table, reservation, limits, hold, windows));
            var old = written.failed();
            if (old == null) {
                return written.item().account().standing(limits, now);
            }
            var next = old.account().reserve(reservation, limits, reported, now, until);
            if (old.account().held().containsKey(reservation.id()) || put(reservation.account(), next, old)) {
                return next.standing(limits, now);
            }
            pause(attempt);
        }
        throw crowded();
    }

    /** Tried longer than a reservation: nobody waits for it but the end of an answer that is there already. */
    private void settleNow(Reservation reservation, Use spent) {
        for (int attempt = 0; ; attempt++) {
            try {
                if (trySettle(reservation, spent)) {
                    return;
                }
                if (attempt + 1 >= MOST_ATTEMPTS) {
                    throw crowded();
                }
            } catch (SdkException e) {
                if (attempt + 1 >= SETTLE_CALLS) {
                    throw e;
                }
            }
            pause(attempt);
        }
    }

    private boolean trySettle(Reservation reservation, Use spent) {
        var written = write(AccountWrites.settle(table, reservation, spent, Windows.at(clock.instant())));
        var old = written.failed();
        return old == null
                || !old.account().held().containsKey(reservation.id())
                || put(reservation.account(), old.account().settle(reservation.id(), spent), old);
    }

    /**
     * A write's outcome.
     *
     * @param item the item as it is now, or as it was where the write failed
     * @param failed the item as it was, where its condition did not hold; null where it did
     */
    private record Written(AccountItem item, @Nullable AccountItem failed) {}

    private Written write(UpdateItemRequest request) {
        try {
            return new Written(AccountItem.read(client.updateItem(request).attributes()), null);
        } catch (ConditionalCheckFailedException e) {
            var old = AccountItem.read(e.hasItem() ? e.item() : Map.of());
            return new Written(old, old);
        }
    }

    /** Puts the next state, unless somebody wrote since the old one was seen. */
    private boolean put(String name, Account next, AccountItem old) {
        var request = PutItemRequest.builder()
                .tableName(table)
                .item(new AccountItem(next, old.revision() + 1).write(name))
                .returnValues(ReturnValue.NONE);
        if (old.revision() == 0) {
            request.conditionExpression("attribute_not_exists(#account)")
                    .expressionAttributeNames(Map.of("#account", AccountItem.KEY));
        } else {
            request.conditionExpression("#revision = :revision")
                    .expressionAttributeNames(Map.of("#revision", AccountItem.REVISION))
                    .expressionAttributeValues(Map.of(":revision", AccountItem.number(old.revision())));
        }
        try {
            client.putItem(request.build());
            return true;
        } catch (ConditionalCheckFailedException e) {
            return false;
        }
    }

    /** The reservation's answer is lost, and perhaps not the reservation: what may be held comes back before its lease ends. */
    private void giveUp(Reservation reservation) {
        settle(reservation, Use.NONE)
                .delaySubscription(Duration.ofSeconds(1))
                .subscribe(done -> {}, error -> LOG.warn("A reservation may be held to the end of its lease"));
    }

    private static void pause(int attempt) throws InferenceException {
        try {
            Thread.sleep(ThreadLocalRandom.current().nextLong(5L << Math.min(attempt, 5)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw crowded();
        }
    }

    private static <T> Mono<T> call(Callable<T> call) {
        return Mono.fromCallable(call)
                .onErrorMap(SdkException.class, DynamoMeter::unreachable)
                .subscribeOn(CALLS);
    }

    private static InferenceException unreachable(SdkException cause) {
        LOG.error("The limits' table cannot be used", cause);
        return unavailable("The limits of this key cannot be checked at the moment. Try again.", cause);
    }

    private static InferenceException crowded() {
        return unavailable("Too many requests of this key at the same moment. Try again.", null);
    }

    private static InferenceException unavailable(String message, @Nullable Throwable cause) {
        return new InferenceException(InferenceException.Kind.UNAVAILABLE, message, null, Duration.ofSeconds(2), cause);
    }

    @Override
    public void close() {
        client.close();
    }
}
