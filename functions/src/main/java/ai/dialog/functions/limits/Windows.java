package ai.dialog.functions.limits;

import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;

/**
 * The windows that use is counted in: the clock's minute, the day and the month, all UTC. They are fixed, not sliding: a
 * caller can use one minute's worth at its end and the next one's at its beginning. In return an account's state is a few
 * numbers, one conditional write can hold it, and a caller can be told the second at which it starts anew.
 *
 * @param minute minutes since the epoch
 * @param day days since the epoch
 * @param month months since year 0
 */
public record Windows(long minute, long day, long month) {

    private static final int MINUTES_OF_A_DAY = 24 * 60;

    /** The windows of a moment. */
    public static Windows at(Instant now) {
        return ofMinute(Math.floorDiv(now.getEpochSecond(), 60L));
    }

    /** The windows that a minute is part of. */
    public static Windows ofMinute(long minute) {
        long day = Math.floorDiv(minute, (long) MINUTES_OF_A_DAY);
        var date = LocalDate.ofEpochDay(day);
        return new Windows(minute, day, date.getYear() * 12L + date.getMonthValue() - 1);
    }

    /** When the next minute begins. */
    Instant minuteEnds() {
        return Instant.ofEpochSecond((minute + 1) * 60);
    }

    /** When the next day begins. */
    Instant dayEnds() {
        return Instant.ofEpochSecond((day + 1) * MINUTES_OF_A_DAY * 60);
    }

    /** When the next month begins. */
    public Instant monthEnds() {
        return YearMonth.of((int) Math.floorDiv(month, 12L), (int) Math.floorMod(month, 12L) + 1)
                .plusMonths(1)
                .atDay(1)
                .atStartOfDay(ZoneOffset.UTC)
                .toInstant();
    }
}
