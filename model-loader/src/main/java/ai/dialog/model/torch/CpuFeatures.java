package ai.dialog.model.torch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * What the processor can do.
 *
 * @param flags as the kernel names them; empty where they cannot be known
 * @param cores physical cores that this process may use
 */
record CpuFeatures(Set<String> flags, int cores) {
    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

    CpuFeatures {
        flags = Set.copyOf(flags);
    }

    /** Of this machine. */
    static CpuFeatures detect() {
        int available = Runtime.getRuntime().availableProcessors();
        try {
            CpuFeatures found = Files.isReadable(CPU_INFO)
                    ? parse(Files.readString(CPU_INFO), available)
                    : new CpuFeatures(Set.of(), available);
            return found.hasTiles() && !CLibrary.allowsTiles() ? found.withoutTiles() : found;
        } catch (IOException e) {
            return new CpuFeatures(Set.of(), available);
        }
    }

    /**
     * Reads Linux' {@code /proc/cpuinfo}. Two threads of one core share its multipliers, so one thread a core is the most
     * that matrix products gain from; a container's limit may leave fewer.
     */
    static CpuFeatures parse(String cpuInfo, int available) {
        Set<String> flags = new HashSet<>();
        Set<String> cores = new HashSet<>();
        String socket = "";
        for (String line : cpuInfo.lines().toList()) {
            String value = line.substring(line.indexOf(':') + 1).strip();
            if (line.startsWith("flags") || line.startsWith("Features")) {
                flags.addAll(Arrays.asList(value.split(" ")));
            } else if (line.startsWith("physical id")) {
                socket = value;
            } else if (line.startsWith("core id")) {
                cores.add(socket + "/" + value);
            }
        }
        int physical = cores.isEmpty() ? available : Math.min(cores.size(), available);
        return new CpuFeatures(flags, Math.max(1, physical));
    }

    /** Whether products of bfloat16 matrices are faster than those of float32. */
    boolean hasBfloat16() {
        return flags.contains("avx512_bf16") || flags.contains("amx_bf16");
    }

    /** Whether FBGEMM's int8 kernels run: they need x86 with AVX2. */
    boolean hasInt8() {
        return flags.contains("avx2");
    }

    /** The same where the operating system does not let the tiles of AMX be used. */
    CpuFeatures withoutTiles() {
        Set<String> usable = new HashSet<>(flags);
        usable.removeIf(flag -> flag.startsWith("amx_"));
        return new CpuFeatures(usable, cores);
    }

    /** Whether there are tiles for products of 8 bits and of bfloat16 (AMX). */
    boolean hasTiles() {
        return flags.containsAll(Set.of("amx_tile", "amx_int8", "amx_bf16"));
    }

    /** Whether sums of products of 8 bits are made in 32 bits at once. */
    boolean hasVnni() {
        return flags.contains("avx512_vnni") || flags.contains("avx_vnni");
    }
}
