package ai.dialog.functions.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileKeyStoreTest {

    private final TestClock clock = new TestClock();

    @TempDir
    Path folder;

    private Path file() {
        return folder.resolve("sub/api-keys.json");
    }

    @Test
    void theFileAndItsFolderAreTheOwnersAlone() throws IOException {
        new FileKeyStore(file(), clock).create("ann", Scope.ALL, Duration.ofDays(1));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("sub"))))
                .isEqualTo("rwx------");
        try (var files = Files.list(folder.resolve("sub"))) {
            assertThat(files.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder("api-keys.json", "api-keys.json.lock");
        }
    }

    @Test
    void aFileThatOthersCanReadIsRefused() throws IOException {
        new FileKeyStore(file(), clock).create("ann", Scope.ALL, Duration.ofDays(1));
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(() -> new FileKeyStore(file(), clock))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("chmod 600");
    }

    @Test
    void aKeyIsFoundByItsTextAndByItsIdAndByNothingElse() {
        var store = new FileKeyStore(file(), clock);
        var made = store.create("Ann", Scope.ALL, Duration.ofDays(1));
        assertThat(store.byText(made.secret())).isEqualTo(made.key());
        assertThat(store.byId(made.key().id())).isEqualTo(made.key());
        assertThat(store.byText(made.key().id())).isNull();
        assertThat(store.byText(made.secret() + "a")).isNull();
        assertThat(store.byText(made.secret().substring(0, made.secret().length() - 1) + "1"))
                .isNull();
        assertThat(store.byText("")).isNull();
        assertThat(store.byId("")).isNull();
        assertThat(store.all()).containsExactly(made.key());
    }

    @Test
    void aKeyOfAnotherProcessIsSeenAtOnceAndEveryOtherChangeWithinASecond() {
        var store = new FileKeyStore(file(), clock);
        var other = new FileKeyStore(file(), clock);
        var made = other.create("ann", Scope.ALL, Duration.ofDays(1));
        assertThat(store.byText(made.secret())).isEqualTo(made.key());
        new KeyLifecycle(other, clock).revoke(made.key().id());
        clock.forward(Duration.ofSeconds(1));
        assertThat(Objects.requireNonNull(store.byText(made.secret())).revoked())
                .isNotNull();
    }

    @Test
    void aFileThatTurnsBadLeavesTheLastGoodKeysInForce() throws IOException {
        var store = new FileKeyStore(file(), clock);
        var made = store.create("ann", Scope.ALL, Duration.ofDays(1));
        Files.writeString(file(), "{\"keys\":[{");
        clock.forward(Duration.ofSeconds(2));
        assertThat(store.byText(made.secret())).isEqualTo(made.key());
        for (String bad : List.of("{\"keys\":[{", "", "null", "{}", "{\"keys\":[{\"id\":\"a\"}]}", "[]")) {
            Files.writeString(file(), bad);
            assertThatThrownBy(() -> new FileKeyStore(file(), clock))
                    .as(bad)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("api-keys.json is not a key file");
        }
    }

    @Test
    void twoFirstStartsMakeOneKey() throws InterruptedException, ExecutionException {
        var starts = new ArrayList<Callable<@Nullable NewKey>>();
        for (int i = 0; i < 8; i++) {
            starts.add(() -> new FileKeyStore(file(), clock).createFirst("local"));
        }
        List<NewKey> made = new ArrayList<>();
        try (var pool = Executors.newFixedThreadPool(8)) {
            for (var future : pool.invokeAll(starts)) {
                var key = future.get();
                if (key != null) {
                    made.add(key);
                }
            }
        }
        assertThat(made).hasSize(1);
        assertThat(new FileKeyStore(file(), clock).all())
                .containsExactly(made.getFirst().key());
    }

    @Test
    void keysMadeAtOnceAreAllKept() throws InterruptedException, ExecutionException {
        var store = new FileKeyStore(file(), clock);
        var makers = new ArrayList<Callable<NewKey>>();
        for (int i = 0; i < 16; i++) {
            makers.add(() -> store.create("ann", Scope.ALL, Duration.ofDays(1)));
        }
        try (var pool = Executors.newFixedThreadPool(8)) {
            for (var future : pool.invokeAll(makers)) {
                assertThat(store.byText(future.get().secret())).isNotNull();
            }
        }
        assertThat(new FileKeyStore(file(), clock).all()).hasSize(16);
    }

    @Test
    void twoKeysWithOneIdAreRefused() throws IOException {
        var store = new FileKeyStore(file(), clock);
        var made = store.create("ann", Scope.ALL, Duration.ofDays(1));
        Files.write(file(), new KeyDocument(List.of(made.key(), made.key())).bytes());
        assertThatThrownBy(() -> new FileKeyStore(file(), clock))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("two keys with the id '" + made.key().id() + "'");
    }
}
