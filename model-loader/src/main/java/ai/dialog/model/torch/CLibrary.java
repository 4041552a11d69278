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

/** The two functions of the C library that PyTorch needs and Java does not have; where they are missing nothing is done. */
final class CLibrary {
    private static final Logger LOG = LoggerFactory.getLogger(CLibrary.class);

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
     * glibc would keep the pages of their first layout for this process.
     */
    static void trimHeap() {
        find("malloc_trim", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG))
                .ifPresent(trim -> call("malloc_trim", () -> (int) trim.invokeExact(0L)));
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

    private static void call(String name, Call call) {
        try {
            LOG.trace("{} returned {}", name, call.run());
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(name + " cannot be called", e);
        }
    }
}
