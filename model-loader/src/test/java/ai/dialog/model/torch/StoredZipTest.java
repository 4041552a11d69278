package ai.dialog.model.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoredZipTest {
    @TempDir
    Path folder;

    private Path write() throws IOException {
        return write(1L << 32);
    }

    private Path write(long zip64From) throws IOException {
        Path file = folder.resolve("a.zip");
        byte[] large = new byte[300_001];
        new Random(1).nextBytes(large);
        try (StoredZip zip = new StoredZip(file, zip64From)) {
            zip.add("m/one", "first".getBytes(StandardCharsets.UTF_8));
            zip.add("m/empty", new byte[0]);
            zip.add("m/large", large.length, sink -> {
                sink.write(ByteBuffer.wrap(large, 0, 100));
                sink.write(ByteBuffer.wrap(large, 100, large.length - 100));
            });
            zip.finish();
        }
        return file;
    }

    /** From 0 on every size and offset is in a Zip64 field, from 100,000 on those of the large entry and the directory. */
    @ParameterizedTest
    @ValueSource(longs = {1L << 32, 100_000, 0})
    void entriesAreReadBackByJavasOwnZip(long zip64From) throws IOException {
        byte[] large = new byte[300_001];
        new Random(1).nextBytes(large);
        try (ZipFile zip = new ZipFile(write(zip64From).toFile())) {
            assertThat(zip.stream().map(ZipEntry::getName)).containsExactly("m/one", "m/empty", "m/large");
            assertThat(zip.getInputStream(zip.getEntry("m/one")).readAllBytes())
                    .asString()
                    .isEqualTo("first");
            assertThat(zip.getInputStream(zip.getEntry("m/large")).readAllBytes())
                    .isEqualTo(large);
            assertThat(zip.getEntry("m/large").getMethod()).isEqualTo(ZipEntry.STORED);
        }
    }

    @Test
    void dataStartAtMultiplesOf64() throws IOException {
        String bytes = Files.readString(write(), StandardCharsets.ISO_8859_1);
        assertThat(bytes.indexOf("first") % 64).isZero();
    }

    @Test
    void entryOfAnotherSizeThanAnnouncedIsRefused() throws IOException {
        try (StoredZip zip = new StoredZip(folder.resolve("b.zip"))) {
            assertThatThrownBy(() -> zip.add("x", 5, sink -> sink.write(ByteBuffer.allocate(4))))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("4 bytes, not 5");
        }
    }

    @Test
    void anyChangedByteOfAnEntryIsFound() throws IOException {
        Path file = write();
        StoredZip.verify(file);
        try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
            access.seek(150_000);
            int old = access.read();
            access.seek(150_000);
            access.write(old ^ 1);
        }
        assertThatThrownBy(() -> StoredZip.verify(file)).isInstanceOf(IOException.class);
    }

    @Test
    void truncatedFileIsFound() throws IOException {
        Path file = write();
        try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
            access.setLength(access.length() - 30);
        }
        assertThatThrownBy(() -> StoredZip.verify(file)).isInstanceOf(IOException.class);
    }
}
