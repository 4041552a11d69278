package ai.dialog.model.template;

/** What one rendering has used of its {@link Limits}. Confined to the thread that renders. */
final class Budget {

    /** How many steps pass between two looks at the clock. */
    private static final int CHECK_EVERY = 512;

    private final Limits limits;
    private final long started = System.nanoTime();
    private long steps;
    private long nextCheck = CHECK_EVERY;
    private long allocated;
    private int depth;

    Budget(Limits limits) {
        this.limits = limits;
    }

    Limits limits() {
        return limits;
    }

    void step() {
        if (++steps >= nextCheck) {
            check();
        }
    }

    /** Counts an operation that touches this many characters or elements. */
    void work(long size) {
        steps += 1 + (size >> 8);
        if (steps >= nextCheck) {
            check();
        }
    }

    /** Asks for a value of this many characters or elements, before it is made. */
    void allocate(long size) {
        if (size > limits.text()) {
            throw new TemplateException(
                    "a value of %d elements is over the bound of %d".formatted(size, limits.text()));
        }
        allocated += size;
        if (allocated > limits.allocation()) {
            throw new TemplateException("the template makes values of more than %d elements in all, which is the bound"
                    .formatted(limits.allocation()));
        }
        work(size);
    }

    void enter() {
        if (++depth > limits.depth()) {
            throw tooDeep(limits);
        }
        step();
    }

    void exit() {
        depth--;
    }

    static TemplateException tooDeep(Limits limits) {
        return new TemplateException("the template nests deeper than the bound of %d".formatted(limits.depth()));
    }

    private void check() {
        nextCheck = steps + CHECK_EVERY;
        if (steps > limits.steps()) {
            throw new TemplateException(
                    "the template takes more than %d steps, which is the bound".formatted(limits.steps()));
        }
        if (System.nanoTime() - started > limits.time().toNanos()) {
            throw TemplateException.outOfTime("the template takes longer than %d ms, which is the bound"
                    .formatted(limits.time().toMillis()));
        }
    }
}
