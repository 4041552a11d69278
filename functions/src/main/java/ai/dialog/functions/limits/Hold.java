package ai.dialog.functions.limits;

import java.time.Instant;

/**
 * What an account holds back for one request that runs.
 *
 * @param until when its lease ends: a holder that has not renewed it by then is taken for gone
 * @param minute the window that it was counted in, and with it the day and the month; see {@link Windows}
 * @param most what the request can take at most, all of which is counted as used meanwhile
 * @param reported what is charged if the holder goes without settling
 */
public record Hold(Instant until, long minute, Use most, Use reported) {

    Hold renewed(Instant newUntil, Use newlyReported) {
        return new Hold(newUntil, minute, most, newlyReported);
    }
}
