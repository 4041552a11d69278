package ai.dialog.model;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How a model is loaded.
 *
 * @param precision null for int8 on a CPU with VNNI and bfloat16 (AVX-512 BF16 or AMX); bfloat16 on CUDA, or a CPU that computes in
 *     it without VNNI; else float32
 * @param device {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:N}
 * @param slots how many sequences can be open at once, 1 to 1024
 * @param contextLength limits the tokens of a sequence, null for the checkpoint's own
 * @param threads of one operation on the CPU, 0 for one a physical core
 * @param cacheFolder for converted checkpoints
 * @param cacheBytes the most memory that keys and values may take, in bytes
 */
public record LoadOptions(
        @Nullable Precision precision,
        String device,
        int slots,
        @Nullable Integer contextLength,
        int threads,
        Path cacheFolder,
        long cacheBytes) {
    private static final int MOST_SLOTS = 1024;
    private static final int MOST_THREADS = 1024;

    public LoadOptions {
        if (slots < 1 || slots > MOST_SLOTS) {
            throw new IllegalArgumentException("slots is " + slots + "; it must lie between 1 and " + MOST_SLOTS);
        }
        if (contextLength != null && contextLength < 1) {
            throw new IllegalArgumentException("contextLength is " + contextLength + "; it must be positive");
        }
        if (cacheBytes < 1) {
            throw new IllegalArgumentException("cacheBytes is " + cacheBytes + "; it must be positive");
        }
        if (threads < 0 || threads > MOST_THREADS) {
            throw new IllegalArgumentException("threads is " + threads + "; it must lie between 0 and " + MOST_THREADS);
        }
    }

    /** With no bound on the memory of keys and values but the slots'. */
    public LoadOptions(
            @Nullable Precision precision,
            String device,
            int slots,
            @Nullable Integer contextLength,
            int threads,
            Path cacheFolder) {
        this(precision, device, slots, contextLength, threads, cacheFolder, Long.MAX_VALUE);
    }

    /** What suits most: the fastest precision and device, 32 slots, the whole context. */
    public static LoadOptions defaults(Path cacheFolder) {
        return new LoadOptions(null, "auto", 32, null, 0, cacheFolder);
    }
}
