package ai.dialog.model.torch;

import ai.dialog.model.ModelException;
import ai.dialog.model.Progress;
import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.util.Utils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.stream.Stream;

/** DJL's PyTorch engine, started as this program needs it. */
final class TorchEngine {
    /** A trim takes some milliseconds, and what a minute's steps leave is some tens of MiB. */
    private static final Duration BETWEEN_TRIMS = Duration.ofMinutes(1);

    private static boolean started;

    private TorchEngine() {}

    /**
     * Loads libtorch, which is unpacked into DJL's cache folder ({@code DJL_CACHE_DIR}) the first time.
     *
     * @param threads for one operation, 0 for one a physical core; the same for all models of a process
     * @throws ModelException if the libraries cannot be unpacked or loaded
     */
    static synchronized Engine start(int threads, Progress progress) {
        // Without these DJL looks for newer libraries on the network, and reports its use.
        setDefault("ai.djl.offline", "true");
        setDefault("OPT_OUT_TRACKING", "true");
        // A thread that waits for its next share of work first spins, for milliseconds by default. That is of use only
        // on
        // a machine with nothing else to do: with other load on its cores a step took forty times as long as with this.
        CLibrary.setDefault("GOMP_SPINCOUNT", "1000");
        // Large blocks on pages of 2 MiB, where Linux allows it (its setting madvise): a step touches all of the cache
        // of keys and values, and was 5 % and more shorter with them.
        CLibrary.setDefault("THP_MEM_ALLOC_ENABLE", "1");
        Path cache = Utils.getEngineCacheDir("pytorch");
        boolean unpack = !started && System.getenv("PYTORCH_LIBRARY_PATH") == null && !isUnpacked(cache);
        if (unpack) {
            progress.update("Unpacking libtorch into " + cache, 0, -1);
        }
        ExitGate.install();
        ExitGate.enter();
        try {
            Engine engine = Engine.getEngine("PyTorch");
            if (!started) {
                // The number of threads between operations can be set once only; a decoder has no two to run at once.
                JniUtils.setNumInteropThreads(1);
                // Specialising the graph for the shapes seen costs the first calls seconds and gains nothing here:
                // shapes change with every step, and all the time goes into products.
                JniUtils.setGraphExecutorOptimize(false);
                Thread.ofPlatform().daemon().name("native-heap").start(TorchEngine::trimNowAndThen);
            }
            JniUtils.setNumThreads(threads > 0 ? threads : CpuFeatures.detect().cores());
            started = true;
            return engine;
        } catch (EngineException | IllegalStateException | UnsatisfiedLinkError e) {
            throw new ModelException(
                    "PyTorch's libraries cannot be loaded from " + cache + ": " + e.getMessage()
                            + "; the folder needs 450 MB of free space and permission to write, DJL_CACHE_DIR names"
                            + " another one",
                    e);
        } finally {
            ExitGate.leave();
        }
    }

    private static void trimNowAndThen() {
        try {
            while (true) {
                Thread.sleep(BETWEEN_TRIMS);
                CLibrary.trimHeap();
            }
        } catch (InterruptedException e) {
            // nobody does; the process goes on without
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Finds a device.
     *
     * @param name {@code auto} (the first CUDA device where there is one, else the CPU), {@code cpu}, {@code cuda} or
     *     {@code cuda:N}
     * @throws ModelException if there is no such device
     */
    static Device device(Engine engine, String name) {
        return device(engine.getGpuCount(), name);
    }

    static Device device(int gpus, String name) {
        String wanted = name.toLowerCase(Locale.ROOT);
        if (wanted.equals("cpu") || (wanted.equals("auto") && gpus == 0)) {
            return Device.cpu();
        }
        if (wanted.equals("auto")) {
            return Device.gpu(0);
        }
        if (!wanted.matches("cuda(:\\d{1,4})?")) {
            throw new ModelException("unknown device '" + name + "': use auto, cpu, cuda or cuda:N");
        }
        int index = wanted.equals("cuda") ? 0 : Integer.parseInt(wanted.substring("cuda:".length()));
        if (index >= gpus) {
            throw new ModelException("device '" + name + "' is not there: PyTorch sees "
                    + (gpus == 0 ? "no CUDA device" : gpus + " CUDA device(s), from cuda:0")
                    + "; use auto or cpu, or check the driver and that the CUDA build of libtorch is loaded");
        }
        return Device.gpu(index);
    }

    private static void setDefault(String property, String value) {
        if (System.getenv(property) == null && System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    private static boolean isUnpacked(Path cache) {
        if (!Files.isDirectory(cache)) {
            return false;
        }
        try (Stream<Path> files = Files.walk(cache, 2)) {
            return files.anyMatch(file -> file.getFileName().toString().startsWith("libtorch"));
        } catch (IOException e) {
            return false;
        }
    }
}
