package ai.dialog.model.torch;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * A zip file of uncompressed entries whose data start at multiples of 64 bytes, as PyTorch writes and reads them (it maps
 * tensors straight from the file). Entries are streamed: the size and checksum are put into an entry's header when it ends.
 * Zip64 fields (APPNOTE.TXT 4.5.3) are written where a size or an offset needs them.
 */
final class StoredZip implements Closeable {
    private static final int ALIGNMENT = 64;
    private static final int LOCAL_HEADER = 30;
    private static final int CENTRAL_HEADER = 46;
    private static final int ZIP64_LOCAL_EXTRA = 20;
    /** PyTorch's own header id for the padding, the letters FB. */
    private static final short PADDING_ID = 0x4246;

    private static final short ZIP64_ID = 1;
    private static final long MAX_32 = 0xFFFFFFFFL;
    private static final int BUFFER = 1 << 20;

    private record Entry(String name, long offset, long size, long crc) {}

    /** Writes the data of one entry. */
    @FunctionalInterface
    interface Body {
        void writeTo(Sink sink) throws IOException;
    }

    /** Takes bytes. */
    @FunctionalInterface
    interface Sink {
        void write(ByteBuffer bytes) throws IOException;
    }

    private final FileChannel file;
    private final long zip64From;
    private final List<Entry> entries = new ArrayList<>();
    private long position;

    /** Starts a new file; one that is there already is overwritten. */
    StoredZip(Path path) throws IOException {
        this(path, MAX_32);
    }

    /** The same with Zip64 fields from a size or offset on that a test can reach. */
    StoredZip(Path path, long zip64From) throws IOException {
        this.zip64From = zip64From;
        file = FileChannel.open(
                path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
    }

    /** Adds an entry that is small enough to be in memory. */
    void add(String name, byte[] data) throws IOException {
        add(name, data.length, sink -> sink.write(ByteBuffer.wrap(data)));
    }

    /**
     * Adds an entry.
     *
     * @param size bytes that the body will write
     * @throws IOException if the body writes another number of bytes, or the file cannot be written
     */
    void add(String name, long size, Body body) throws IOException {
        long offset = position;
        byte[] nameBytes = name.getBytes(StandardCharsets.UTF_8);
        boolean zip64 = size >= zip64From;
        int fixed = LOCAL_HEADER + nameBytes.length + (zip64 ? ZIP64_LOCAL_EXTRA : 0) + 4;
        int padding = (int) Math.floorMod(-(offset + fixed), (long) ALIGNMENT);
        position = offset + fixed + padding;
        long start = position;
        CRC32 crc = new CRC32();
        body.writeTo(bytes -> {
            crc.update(bytes.duplicate());
            put(bytes, position);
        });
        if (position - start != size) {
            throw new IOException("entry " + name + " has " + (position - start) + " bytes, not " + size);
        }
        put(localHeader(nameBytes, size, crc.getValue(), zip64, padding), offset, false);
        entries.add(new Entry(name, offset, size, crc.getValue()));
    }

    private static ByteBuffer localHeader(byte[] name, long size, long crc, boolean zip64, int padding) {
        int extra = (zip64 ? ZIP64_LOCAL_EXTRA : 0) + 4 + padding;
        ByteBuffer header = little(LOCAL_HEADER + name.length + extra);
        header.putInt(0x04034b50).putShort(version(zip64)).putShort((short) 0).putShort((short) 0);
        header.putInt(0).putInt((int) crc);
        int size32 = (int) (zip64 ? MAX_32 : size);
        header.putInt(size32).putInt(size32).putShort((short) name.length).putShort((short) extra);
        header.put(name);
        if (zip64) {
            header.putShort(ZIP64_ID).putShort((short) 16).putLong(size).putLong(size);
        }
        header.putShort(PADDING_ID).putShort((short) padding);
        return header.rewind();
    }

    /** Writes the directory and forces everything to the disk. */
    void finish() throws IOException {
        long start = position;
        for (Entry entry : entries) {
            put(centralHeader(entry), position);
        }
        long size = position - start;
        if (start >= zip64From || entries.size() >= 0xFFFF) {
            long end64 = position;
            ByteBuffer end = little(56 + 20);
            end.putInt(0x06064b50)
                    .putLong(44)
                    .putShort(version(true))
                    .putShort(version(true))
                    .putInt(0)
                    .putInt(0);
            end.putLong(entries.size()).putLong(entries.size()).putLong(size).putLong(start);
            end.putInt(0x07064b50).putInt(0).putLong(end64).putInt(1);
            put(end.rewind(), position);
        }
        short count = (short) Math.min(entries.size(), 0xFFFF);
        ByteBuffer end = little(22);
        end.putInt(0x06054b50)
                .putShort((short) 0)
                .putShort((short) 0)
                .putShort(count)
                .putShort(count);
        end.putInt((int) Math.min(size, MAX_32))
                .putInt((int) Math.min(start, MAX_32))
                .putShort((short) 0);
        put(end.rewind(), position);
        file.force(true);
    }

    private ByteBuffer centralHeader(Entry entry) {
        byte[] name = entry.name().getBytes(StandardCharsets.UTF_8);
        boolean zip64 = entry.size() >= zip64From || entry.offset() >= zip64From;
        int extra = zip64 ? 28 : 0;
        ByteBuffer header = little(CENTRAL_HEADER + name.length + extra);
        header.putInt(0x02014b50).putShort(version(zip64)).putShort(version(zip64));
        header.putShort((short) 0).putShort((short) 0).putInt(0).putInt((int) entry.crc());
        int size32 = (int) (zip64 ? MAX_32 : entry.size());
        header.putInt(size32).putInt(size32).putShort((short) name.length).putShort((short) extra);
        header.putShort((short) 0).putShort((short) 0).putShort((short) 0).putInt(0);
        header.putInt((int) (zip64 ? MAX_32 : entry.offset())).put(name);
        if (zip64) {
            header.putShort(ZIP64_ID).putShort((short) 24);
            header.putLong(entry.size()).putLong(entry.size()).putLong(entry.offset());
        }
        return header.rewind();
    }

    private static short version(boolean zip64) {
        return (short) (zip64 ? 45 : 20);
    }

    private static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    private void put(ByteBuffer bytes, long at) throws IOException {
        put(bytes, at, true);
    }

    private void put(ByteBuffer bytes, long at, boolean advance) throws IOException {
        long to = at;
        while (bytes.hasRemaining()) {
            to += file.write(bytes, to);
        }
        if (advance) {
            position = to;
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    /**
     * Reads every entry and compares its checksum; PyTorch itself does not.
     *
     * @throws IOException if the file is not a whole zip, or an entry is not what was written
     */
    static void verify(Path path) throws IOException {
        byte[] buffer = new byte[BUFFER];
        try (ZipFile zip = new ZipFile(path.toFile())) {
            for (ZipEntry entry : zip.stream().toList()) {
                CRC32 crc = new CRC32();
                try (InputStream in = zip.getInputStream(entry)) {
                    for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
                        crc.update(buffer, 0, n);
                    }
                }
                if (crc.getValue() != entry.getCrc()) {
                    throw new ZipException("entry " + entry.getName() + " has a wrong checksum");
                }
            }
        }
    }
}
