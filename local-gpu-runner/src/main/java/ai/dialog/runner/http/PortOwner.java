package ai.dialog.runner.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the process that listens on a TCP port, as far as this user may see it. Linux only: the listening sockets and
 * their inodes are in {@code /proc/net/tcp} and {@code tcp6} (proc(5)), and a process that has one open shows
 * {@code socket:[inode]} in its {@code /proc/PID/fd}.
 */
final class PortOwner {

    private static final String LISTEN = "0A";
    private static final int LOCAL_ADDRESS = 1;
    private static final int STATE = 3;
    private static final int INODE = 9;

    private PortOwner() {}

    /** A process by the name and number that a person would look for. */
    record Owner(String name, long pid) {}

    /** Who listens on {@code port}; empty where it cannot be told. */
    static Optional<Owner> of(int port) {
        return of(port, Path.of("/proc"));
    }

    static Optional<Owner> of(int port, Path proc) {
        var sockets = new HashSet<String>();
        for (var table : new String[] {"net/tcp", "net/tcp6"}) {
            sockets.addAll(listeners(proc.resolve(table), port));
        }
        if (sockets.isEmpty()) {
            return Optional.empty();
        }
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(proc, "[0-9]*")) {
            for (var process : processes) {
                if (holdsAny(process.resolve("fd"), sockets)) {
                    return Optional.of(new Owner(
                            name(process), Long.parseLong(process.getFileName().toString())));
                }
            }
        } catch (IOException | UncheckedIOException | NumberFormatException e) {
            return Optional.empty();
        }
        return Optional.empty();
    }

    private static Set<String> listeners(Path table, int port) {
        var suffix = ":" + String.format(Locale.ROOT, "%04X", port);
        var found = new HashSet<String>();
        try {
            for (var line : Files.readAllLines(table)) {
                var fields = line.trim().split("\\s+", -1);
                if (fields.length > INODE && fields[LOCAL_ADDRESS].endsWith(suffix) && fields[STATE].equals(LISTEN)) {
                    found.add("socket:[" + fields[INODE] + "]");
                }
            }
        } catch (IOException | UncheckedIOException e) {
            return Set.of();
        }
        return found;
    }

    private static boolean holdsAny(Path descriptors, Set<String> sockets) {
        try (DirectoryStream<Path> open = Files.newDirectoryStream(descriptors)) {
            for (var descriptor : open) {
                if (sockets.contains(Files.readSymbolicLink(descriptor).toString())) {
                    return true;
                }
            }
        } catch (IOException | UncheckedIOException | UnsupportedOperationException e) {
            // another user's process, or one that has just ended
            return false;
        }
        return false;
    }

    private static String name(Path process) {
        try {
            return Files.readString(process.resolve("comm")).trim();
        } catch (IOException e) {
            return "a process";
        }
    }
}
