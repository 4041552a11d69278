package ai.dialog.packaging;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * A jar without compression. The package around it is compressed, and better so, over the whole jar instead of each class;
 * and a class that is read at run time is not unpacked for it.
 */
final class StoredJar {

    private StoredJar() {}

    /** Writes the same entries in the same order; their signatures, which nothing checks here, stay as they are. */
    static Path copy(Path jar, Path to) throws IOException {
        try (InputStream file = Files.newInputStream(jar);
                var in = new ZipInputStream(file);
                var out = new ZipOutputStream(Files.newOutputStream(to))) {
            out.setMethod(ZipOutputStream.STORED);
            for (var entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                byte[] bytes = in.readAllBytes();
                var stored = new ZipEntry(entry.getName());
                stored.setTime(entry.getTime());
                stored.setSize(bytes.length);
                stored.setCompressedSize(bytes.length);
                var sum = new CRC32();
                sum.update(bytes);
                stored.setCrc(sum.getValue());
                out.putNextEntry(stored);
                out.write(bytes);
                out.closeEntry();
            }
        }
        return to;
    }
}
