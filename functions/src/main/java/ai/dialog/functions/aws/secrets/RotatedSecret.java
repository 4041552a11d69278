package ai.dialog.functions.aws.secrets;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is in a secret that is rotated, and who must know it before it is used. Each of these may be called again after any
 * failure, and then changes nothing that was done.
 */
interface RotatedSecret {

    /** The text of the new version, made from the one in force. */
    String next(String current);

    /** Makes the new version good beside the one in force. */
    void publish(String current, String pending);

    /**
     * Proves that the new version is good.
     *
     * @return since when whoever checks it can know it
     * @throws IllegalStateException where it is not good
     */
    Instant prove(String pending);

    /**
     * Starts the grace of what was replaced.
     *
     * @param inForce the new version, which is in force by now
     * @param before the version that was in force before; null where there was none
     */
    void retire(String inForce, @Nullable String before);
}
