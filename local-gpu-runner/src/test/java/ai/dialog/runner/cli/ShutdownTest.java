package ai.dialog.runner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** In what order a service ends, and with which exit code its process. */
class ShutdownTest {

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatStillRunsIsEndedBeforeTheServer_whichGetsLittleMoreThanTheGrace(boolean whole) {
        List<String> order = new ArrayList<>();
        Ending ending = new Ending(
                most -> order.add("drain " + most) && whole,
                () -> order.add("inference"),
                most -> order.add("server " + most),
                () -> order.add("rest"),
                Duration.ofSeconds(1));

        assertThat(ending.end()).isEqualTo(whole);
        assertThat(order).containsExactly("drain PT1S", "inference", "server PT3S", "rest");
    }

    @Test
    void whereTheGraceIsNotOver_theServerGetsWhatIsLeftOfIt() {
        List<Duration> server = new ArrayList<>();
        Ending ending = new Ending(most -> true, () -> {}, server::add, () -> {}, Duration.ofHours(1));

        assertThat(ending.end()).isTrue();
        assertThat(server.getFirst()).isBetween(Duration.ofMinutes(30), Duration.ofHours(1));
    }

    @ParameterizedTest
    @CsvSource({"signal whole, 0", "signal cut, 143", "interrupt whole, 7"})
    void onASignalTheExitCodeTellsWhetherAllWasAnswered_afterAnInterruptItIsWhoever(String how, int code)
            throws Exception {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        String classes =
                System.getProperty("surefire.test.class.path", String.valueOf(System.getProperty("java.class.path")));
        List<String> command = new ArrayList<>(List.of(java.toString(), "-cp", classes, Ended.class.getName()));
        command.addAll(List.of(how.split(" ")));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (var output = process.inputReader()) {
            assertThat(output.readLine()).isEqualTo("awaiting");
            if (how.startsWith("signal")) {
                process.toHandle().destroy(); // unlike its own, this leaves the output open
            }
            assertThat(output.lines()).containsExactly("drain", "inference", "server", "rest");
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(code);
        } finally {
            process.destroyForcibly();
        }
    }

    /** A process that ends as one of {@code serve} does, and has 7 for its own exit code. */
    static final class Ended {

        public static void main(String[] arguments) throws InterruptedException {
            Ending ending = new Ending(
                    most -> {
                        System.out.println("drain");
                        return arguments[1].equals("whole");
                    },
                    () -> System.out.println("inference"),
                    most -> System.out.println("server"),
                    () -> System.out.println("rest"),
                    Duration.ofSeconds(1));
            Thread serving = new Thread(() -> Shutdown.await(ending));
            serving.start();
            // it waits only once the hook is there
            while (serving.getState() != Thread.State.WAITING) {
                Thread.sleep(10);
            }
            System.out.println("awaiting");
            if (arguments[0].equals("interrupt")) {
                serving.interrupt();
                serving.join();
                System.exit(7);
            }
        }
    }
}
