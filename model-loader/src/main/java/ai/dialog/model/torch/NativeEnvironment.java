package ai.dialog.model.torch;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The environment variables of this process as native libraries see them; Java's own copy does not change. */
final class NativeEnvironment {
    private static final Logger LOG = LoggerFactory.getLogger(NativeEnvironment.class);

    private NativeEnvironment() {}

    /** Sets a variable that the user has not set, by POSIX's {@code setenv}; does nothing where there is no such function. */
    // Java has no other way to set a variable before a library is loaded; the function and its signature are POSIX's.
    @SuppressWarnings("restricted")
    static void setDefault(String name, String value) {
        if (System.getenv(name) != null) {
            return;
        }
        Linker linker = Linker.nativeLinker();
        MemorySegment function = linker.defaultLookup().find("setenv").orElse(MemorySegment.NULL);
        if (function.equals(MemorySegment.NULL)) {
            return;
        }
        MethodHandle setenv = linker.downcallHandle(
                function,
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
        try (Arena arena = Arena.ofConfined()) {
            int result = (int) setenv.invokeExact(arena.allocateFrom(name), arena.allocateFrom(value), 0);
            if (result != 0) {
                LOG.warn("environment variable {} could not be set", name);
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("setenv cannot be called", e);
        }
    }
}
