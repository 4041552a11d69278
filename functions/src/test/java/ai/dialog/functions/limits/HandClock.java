package ai.dialog.functions.limits;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that stands until it is put forward. */
public final class HandClock implements InstantSource {

    private volatile Instant now;

    public HandClock(String now) {
        this.now = Instant.parse(now);
    }

    @Override
    public Instant instant() {
        return now;
    }

    /** Called by one thread. */
    public void forward(Duration by) {
        now = now.plus(by);
    }
}
