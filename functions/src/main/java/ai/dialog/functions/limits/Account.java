package ai.dialog.functions.limits;

import ai.dialog.functions.access.Limits;
import ai.dialog.functions.access.Usd;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * What is known of an account's use: an immutable state and its transitions, which are the same in memory and in DynamoDB.
 *
 * <p>A request's most is counted as used from the moment that it is reserved, in the minute, day and month of that moment;
 * when it is settled, the difference to what it took comes back to those of the windows that still last. So whatever happens
 * at once, what was used and what may yet be used by those that run is together never above a limit. A request that runs
 * over midnight is paid for by the day it began in.
 *
 * <p>The time is the caller's. A clock that is behind the state's windows counts into the state's.
 *
 * @param windows what the counts are of
 * @param requests requests of the minute
 * @param tokens tokens of the minute, of running requests their most
 * @param daySpent money of the day, of running requests their most
 * @param monthSpent money of the month, of running requests their most
 * @param held what runs, by the reservation's id
 */
public record Account(
        Windows windows, int requests, long tokens, Usd daySpent, Usd monthSpent, Map<String, Hold> held) {

    /** More running requests than an account may have whatever its limits: it bounds the size of the state. */
    public static final int MOST_HELD = 1_000;

    /** Nothing was ever used. */
    public static final Account EMPTY = new Account(new Windows(0, 0, 0), 0, 0, Usd.ZERO, Usd.ZERO, Map.of());

    public Account {
        held = Map.copyOf(held);
    }

    /** The account at a moment: windows that are over are forgotten, and leases that have ended are settled. */
    public Account at(Instant now) {
        var rolled = rolled(Windows.at(now));
        for (var entry : held.entrySet()) {
            if (!now.isBefore(entry.getValue().until())) {
                rolled = rolled.settle(entry.getKey(), entry.getValue().reported());
            }
        }
        return rolled;
    }

    /** Whether {@link #at} would change anything. */
    public boolean isCurrent(Instant now) {
        var then = Windows.at(now);
        return then.minute() <= windows.minute() && held.values().stream().allMatch(hold -> now.isBefore(hold.until()));
    }

    private Account rolled(Windows now) {
        if (now.minute() <= windows.minute()) {
            return this;
        }
        // a later minute is never of an earlier day or month
        return new Account(
                now,
                0,
                0,
                now.day() == windows.day() ? daySpent : Usd.ZERO,
                now.month() == windows.month() ? monthSpent : Usd.ZERO,
                held);
    }

    /**
     * Holds a request's most back. A reservation that is held already is left as it is, so that a reservation can be
     * repeated where its answer was lost.
     *
     * @param reported what to charge if the holder goes without a word
     * @param until when the holder's lease ends
     * @throws LimitExceededException where it does not fit; the state is then as it was
     */
    public Account reserve(Reservation reservation, Limits limits, Use reported, Instant now, Instant until) {
        var current = at(now);
        return current.held.containsKey(reservation.id())
                ? current
                : current.hold(reservation, limits, reported, now, until);
    }

    private Account hold(Reservation reservation, Limits limits, Use reported, Instant now, Instant until) {
        var most = reservation.most();
        LimitExceededException.check(standing(limits, now), most);
        var more = new HashMap<>(held);
        more.put(reservation.id(), new Hold(until, windows.minute(), most, reported));
        return new Account(
                windows,
                requests + most.requests(),
                tokens + most.tokens(),
                daySpent.plus(most.cost()),
                monthSpent.plus(most.cost()),
                more);
    }

    /** Puts a lease's end off; without effect where the reservation is not held any more. */
    public Account renew(String id, Use reported, Instant until) {
        var hold = held.get(id);
        if (hold == null) {
            return this;
        }
        var changed = new HashMap<>(held);
        changed.put(id, hold.renewed(until, reported));
        return new Account(windows, requests, tokens, daySpent, monthSpent, changed);
    }

    /** Gives back what a request did not take; without effect where the reservation is not held any more. */
    public Account settle(String id, Use spent) {
        var hold = held.get(id);
        if (hold == null) {
            return this;
        }
        var most = hold.most();
        var began = Windows.ofMinute(hold.minute());
        boolean sameMinute = began.minute() == windows.minute();
        var less = new HashMap<>(held);
        less.remove(id);
        return new Account(
                windows,
                sameMinute ? requests - most.requests() + spent.requests() : requests,
                sameMinute ? tokens - most.tokens() + spent.tokens() : tokens,
                began.day() == windows.day() ? exchanged(daySpent, most, spent) : daySpent,
                began.month() == windows.month() ? exchanged(monthSpent, most, spent) : monthSpent,
                less);
    }

    private static Usd exchanged(Usd total, Use most, Use spent) {
        return total.minus(most.cost()).plus(spent.cost());
    }

    /** Whether nothing would be lost if the account were forgotten. */
    boolean isForgettable(Instant now) {
        var current = at(now);
        return current.held.isEmpty()
                && current.requests == 0
                && current.daySpent.equals(Usd.ZERO)
                && current.monthSpent.equals(Usd.ZERO);
    }

    /** How the account stands against limits. */
    public Standing standing(Limits limits, Instant now) {
        return new Standing(limits, now, windows, requests, tokens, held.size(), daySpent, monthSpent);
    }
}
