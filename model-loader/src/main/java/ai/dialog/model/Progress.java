package ai.dialog.model;

/** Told of long work as it goes on; called from the thread that works, often. */
@FunctionalInterface
public interface Progress {

    /** Tells nobody. */
    Progress SILENT = (what, done, total) -> {};

    /**
     * Reports a step.
     *
     * @param what a short name of the work, such as {@code Downloading model.gguf}
     * @param done units done, bytes for downloads
     * @param total units in all, or -1 where it is not known
     */
    void update(String what, long done, long total);
}
