package ai.dialog.model.checkpoint;

import ai.dialog.model.ModelException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The pieces of a file's data that its tensors claim: each within the data, no two over each other. */
final class DataRanges {

    private final String file;
    private final long size;
    private final List<Range> ranges = new ArrayList<>();

    /**
     * Starts with no piece claimed.
     *
     * @param file what errors call it
     * @param size bytes of data
     */
    DataRanges(String file, long size) {
        this.file = file;
        this.size = size;
    }

    /** Claims a piece. */
    void add(String tensor, long offset, long bytes) {
        if (offset < 0 || bytes < 0 || offset > size || bytes > size - offset) {
            throw new ModelException(file + " is truncated or damaged: tensor " + Quoted.of(tensor) + " takes " + bytes
                    + " bytes from byte " + offset + " of the data, which has " + size + "; download it again");
        }
        ranges.add(new Range(tensor, offset, bytes));
    }

    /** Fails if two pieces share a byte. */
    void checkOverlaps() {
        ranges.sort(Comparator.comparingLong(Range::offset));
        for (int i = 1; i < ranges.size(); i++) {
            Range before = ranges.get(i - 1);
            Range range = ranges.get(i);
            if (range.offset - before.offset < before.bytes) {
                throw new ModelException(file + " is damaged: the data of tensors " + Quoted.of(before.tensor) + " and "
                        + Quoted.of(range.tensor) + " overlap; download it again");
            }
        }
    }

    private record Range(String tensor, long offset, long bytes) {}
}
