package ai.dialog.runner.measure;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** Memory of this process as the operating system sees it: heap, libraries and native tensors together. */
public final class ProcessMemory {

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path MACHINE = Path.of("/proc/meminfo");

    private ProcessMemory() {}

    /** Resident memory in MiB, or -1 where the system does not tell (anything but Linux). */
    public static long residentMib() {
        long bytes = residentBytes();
        return bytes < 0 ? -1 : bytes / (1024 * 1024);
    }

    /** Resident memory in bytes, or -1 where the system does not tell. */
    public static long residentBytes() {
        return kibibytes(STATUS, "VmRSS:");
    }

    private static long kibibytes(Path file, String name) {
        try {
            for (String line : Files.readAllLines(file)) {
                if (line.startsWith(name)) {
                    return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
                }
            }
        } catch (IOException e) {
            return -1;
        }
        return -1;
    }

    /** What this process may use: the container's limit, else the machine's memory. */
    public static long limitBytes() {
        // the JDK's figure is the container's where there is one (JDK-8226575)
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    }

    /**
     * What this process could still take: of the container's limit or the machine's memory what it does not have, and no more
     * than the machine can give without swapping.
     */
    public static long availableBytes() {
        long own = limitBytes() - Math.max(0, residentBytes());
        long machine = kibibytes(MACHINE, "MemAvailable:");
        return Math.max(0, machine < 0 ? own : Math.min(own, machine));
    }
}
