package ai.dialog.model.template;

import java.time.Duration;

/**
 * The bounds of one template: a checkpoint's template is somebody else's program, and it runs for every request.
 *
 * @param source characters of the source
 * @param parseDepth nested brackets and blocks, and links of one chain of operators
 * @param depth nested evaluations, macro calls among them
 * @param steps evaluated nodes and loop iterations, with long texts and lists counted by their length
 * @param time wall time of one rendering
 * @param output characters of the rendered prompt
 * @param text characters or elements of one intermediate value
 * @param allocation characters and elements of all intermediate values of one rendering together
 * @param range elements of a {@code range()}; 100,000 as in Jinja2's sandbox
 * @param integerBits size of an integer
 */
record Limits(
        int source,
        int parseDepth,
        int depth,
        long steps,
        Duration time,
        int output,
        int text,
        long allocation,
        int range,
        int integerBits) {

    /** The largest published template has 17 thousand characters and takes less than a hundred thousand steps. */
    static final Limits DEFAULT = new Limits(
            1 << 20, 200, 1000, 2_000_000, Duration.ofSeconds(1), 10_000_000, 10_000_000, 1L << 27, 100_000, 1 << 14);
}
