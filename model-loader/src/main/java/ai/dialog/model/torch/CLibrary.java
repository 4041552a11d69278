package ai.dialog.model.torch;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The functions of the C library that PyTorch needs and Java does not have; where they are missing nothing is done. */
final class CLibrary {
    private static final Logger LOG = LoggerFactory.getLogger(CLibrary.class);

    /** ARCH_REQ_XCOMP_PERM of arch_prctl(2): asks Linux for leave to use a part of the processor's state. */
    private static final int REQUEST_STATE = 0x1023;

    /** That part: the tiles of AMX (XFEATURE_XTILEDATA). */
    private static final long TILES = 18;

    private CLibrary() {}

    /**
     * Sets an environment variable that the user has not set, for native libraries that are loaded later; Java's own copy
     * of the environment does not change.
     */
    static void setDefault(String name, String value) {
        if (System.getenv(name) != null) {
            return;
        }
        FunctionDescriptor signature = FunctionDescriptor.of(
                ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment nameBytes = arena.allocateFrom(name);
            MemorySegment valueBytes = arena.allocateFrom(value);
            find("setenv", signature)
                    .ifPresent(setenv -> call("setenv", () -> (int) setenv.invokeExact(nameBytes, valueBytes, 0)));
        }
    }

    /**
     * Gives memory that was freed back to the operating system. The weights are laid out anew when they are loaded, and
     * keys and values grow, shrink and move: glibc would keep the pages of what was there before for this process.
     */
    static void trimHeap() {
        find("malloc_trim", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG))
                .ifPresent(trim -> call("malloc_trim", () -> (int) trim.invokeExact(0L)));
    }

    /**
     * Asks for leave to use the tiles of AMX, as oneDNN does: a kernel before 5.16, or a sandbox, may refuse it although the processor
     * has them.
     */
    static boolean allowsTiles() {
        return find(
                        "arch_prctl",
                        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG))
                .map(control -> call("arch_prctl", () -> (int) control.invokeExact(REQUEST_STATE, TILES)) == 0)
                .orElse(false);
    }

    // The functions and their signatures are POSIX's and glibc's.
    @SuppressWarnings("restricted")
    private static Optional<MethodHandle> find(String name, FunctionDescriptor signature) {
        Linker linker = Linker.nativeLinker();
        return linker.defaultLookup().find(name).map(function -> linker.downcallHandle(function, signature));
    }

    @FunctionalInterface
    private interface Call {
        int run() throws Throwable;
    }

    private static int call(String name, Call call) {
        try {
            int result = call.run();
            LOG.trace("{} returned {}", name, result);
            return result;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(name + " cannot be called", e);
        }
    }
}
