package ai.dialog.functions.limits;

import ai.dialog.functions.access.Limits;
import ai.dialog.functions.access.Quota;
import ai.dialog.functions.inference.InferenceException;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Accounts in this process's memory, each changed atomically. They are gone when the process ends: budgets then start anew.
 *
 * <p>The number of accounts is bounded. Where it is reached, those that nothing depends on are forgotten; where there are
 * none, a new account is refused, not an old one's use forgotten. A key can make any number of tokens with accounts of their
 * own, so theirs are refused earlier than the keys'.
 */
public final class MemoryMeter implements Meter {

    /** An account takes some 300 bytes: 60 MB at most. */
    private static final int MOST_ACCOUNTS = 200_000;

    private final ConcurrentMap<String, Account> accounts = new ConcurrentHashMap<>();
    private final InstantSource clock;
    private final int mostAccounts;

    /** No account yet. */
    public MemoryMeter(InstantSource clock) {
        this(clock, MOST_ACCOUNTS);
    }

    MemoryMeter(InstantSource clock, int mostAccounts) {
        this.clock = clock;
        this.mostAccounts = mostAccounts;
    }

    @Override
    public Mono<Standing> reserve(Reservation reservation, Limits limits, Use reported) {
        return Mono.fromCallable(() -> {
            makeRoom(reservation.account());
            // the time is taken inside: one that waited for another's change must not come with an older one
            var seen = new AtomicReference<@Nullable Standing>();
            accounts.compute(reservation.account(), (name, known) -> {
                var now = clock.instant();
                var account = known == null ? Account.EMPTY : known;
                var changed = account.reserve(reservation, limits, reported, now, now.plus(Reservation.LEASE));
                seen.set(changed.standing(limits, now));
                return changed;
            });
            return Objects.requireNonNull(seen.get());
        });
    }

    @Override
    public Mono<Boolean> renew(Reservation reservation, Use reported) {
        return Mono.fromCallable(() -> {
            var changed = accounts.computeIfPresent(
                    reservation.account(),
                    (name, account) -> account.renew(
                            reservation.id(), reported, clock.instant().plus(Reservation.LEASE)));
            return changed != null && changed.held().containsKey(reservation.id());
        });
    }

    @Override
    public Mono<Void> settle(Reservation reservation, Use spent) {
        return Mono.fromRunnable(() -> accounts.computeIfPresent(
                reservation.account(), (name, account) -> account.settle(reservation.id(), spent)));
    }

    @Override
    public Mono<Standing> look(Quota quota) {
        return Mono.fromCallable(() -> {
            var now = clock.instant();
            return account(quota.account()).at(now).standing(quota.limits(), now);
        });
    }

    /** What is known of an account. */
    Account account(String name) {
        return accounts.getOrDefault(name, Account.EMPTY);
    }

    private void makeRoom(String name) {
        int most = name.indexOf('/') < 0 ? mostAccounts : mostAccounts - mostAccounts / 10;
        if (accounts.size() < most || accounts.containsKey(name)) {
            return;
        }
        var now = clock.instant();
        accounts.values().removeIf(account -> account.isForgettable(now));
        if (accounts.size() >= most) {
            throw new InferenceException(
                    InferenceException.Kind.UNAVAILABLE,
                    "The server counts the use of too many keys and tokens to begin with another one.");
        }
    }
}
