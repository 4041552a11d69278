package ai.dialog.runner.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PortOwnerTest {

    private static final String TABLE = """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 0100007F:4965 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0
               1: 0100007F:4965 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0
            """;

    @Test
    void aListeningSocketIsFoundInThisProcess() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var owner = PortOwner.of(socket.getLocalPort()).orElseThrow();

            assertThat(owner.pid()).isEqualTo(ProcessHandle.current().pid());
            assertThat(owner.name()).isNotBlank();
        }
    }

    @Test
    void theProcessIsTheOneThatHoldsTheListeningSocket(@TempDir Path proc) throws IOException {
        process(proc, "12", "other", "socket:[4712]");
        process(proc, "34", "gateway", "socket:[4711]");
        Files.createDirectories(proc.resolve("net"));
        Files.writeString(proc.resolve("net/tcp"), TABLE);

        assertThat(PortOwner.of(0x4965, proc)).contains(new PortOwner.Owner("gateway", 34));
        assertThat(PortOwner.of(0x4966, proc)).isEmpty();
    }

    @Test
    void nothingIsSaidOfAProcessThatMayNotBeSeen(@TempDir Path proc) throws IOException {
        Files.createDirectories(proc.resolve("net"));
        Files.createDirectories(proc.resolve("56"));
        Files.writeString(proc.resolve("net/tcp"), TABLE);

        assertThat(PortOwner.of(0x4965, proc)).isEmpty();
        assertThat(PortOwner.of(0x4965, proc.resolve("absent"))).isEmpty();
    }

    private static void process(Path proc, String pid, String name, String descriptor) throws IOException {
        var folder = Files.createDirectories(proc.resolve(pid).resolve("fd"));
        Files.writeString(proc.resolve(pid).resolve("comm"), name + "\n");
        Files.createSymbolicLink(folder.resolve("3"), Path.of(descriptor));
    }
}
