package ai.dialog.cloud;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** The program that CDK's Java library runs its constructs in. */
public final class NodeJs {

    private NodeJs() {}

    /**
     * Says in one line what is missing, where JSII would fail with a stack trace about a broken pipe.
     *
     * @throws IllegalStateException where no {@code node} can be started
     */
    public static void require() {
        try {
            Process node = new ProcessBuilder("node", "--version")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (node.waitFor(20, TimeUnit.SECONDS) && node.exitValue() == 0) {
                return;
            }
            node.destroy();
        } catch (IOException notThere) {
            // Told below.
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        throw new IllegalStateException(
                "CDK needs Node.js: install version 20 or newer (https://nodejs.org) so that `node` is on the PATH.");
    }
}
