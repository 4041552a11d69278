package ai.dialog.model.torch;

import ai.dialog.model.LanguageModel;
import ai.dialog.model.LanguageModel.Scores;
import ai.dialog.model.LanguageModel.Sequence;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Makes requests of a tiny model and measures the process's memory. */
final class NativeMemory {
    /** Requests that go on at the same time. */
    private static final int ROWS = 4;

    private NativeMemory() {}

    /**
     * Bytes that are allocated in the C library's heap, from glibc's {@code malloc_info}. The resident set would tell
     * nothing: Java's own heap comes and goes by more than what thousands of small leaks add up to.
     */
    @SuppressWarnings("restricted")
    static long allocatedBytes(Path folder) throws IOException {
        Path report = folder.resolve("malloc.xml");
        Linker linker = Linker.nativeLinker();
        SymbolLookup library = linker.defaultLookup();
        var pointer = ValueLayout.ADDRESS;
        var integer = ValueLayout.JAVA_INT;
        try (Arena arena = Arena.ofConfined()) {
            var open = linker.downcallHandle(
                    library.findOrThrow("fopen"), FunctionDescriptor.of(pointer, pointer, pointer));
            var info = linker.downcallHandle(
                    library.findOrThrow("malloc_info"), FunctionDescriptor.of(integer, integer, pointer));
            var close = linker.downcallHandle(library.findOrThrow("fclose"), FunctionDescriptor.of(integer, pointer));
            MemorySegment file =
                    (MemorySegment) open.invokeExact(arena.allocateFrom(report.toString()), arena.allocateFrom("w"));
            int written = (int) info.invokeExact(0, file);
            int closed = (int) close.invokeExact(file);
            if (written != 0 || closed != 0) {
                throw new IOException("malloc_info failed");
            }
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
        // The totals over all arenas follow the last of them.
        String text = Files.readString(report);
        String totals = text.substring(text.lastIndexOf("</heap>"));
        return size(totals, "system type=\"current\"")
                + size(totals, "total type=\"mmap\"")
                - size(totals, "total type=\"fast\"")
                - size(totals, "total type=\"rest\"");
    }

    private static long size(String totals, String element) {
        Matcher matcher =
                Pattern.compile("<" + element + "[^>]* size=\"(\\d+)\"").matcher(totals);
        if (!matcher.find()) {
            throw new IllegalStateException("malloc_info gave no " + element);
        }
        return Long.parseLong(matcher.group(1));
    }

    /**
     * The least that the heap grew by in one of some rounds of the same requests. PyTorch keeps a kernel for each shape that it
     * has met, until there is one for each or its cache is full: how soon depends on the processor. What leaks, leaks in every round.
     *
     * @param enough growth below which no further round is run
     */
    static long leastGrowth(LanguageModel model, int requests, int rounds, long enough, Path folder)
            throws IOException {
        long least = Long.MAX_VALUE;
        for (int round = 0; round < rounds && least >= enough; round++) {
            long before = allocatedBytes(folder);
            request(model, requests, round);
            long growth = allocatedBytes(folder) - before;
            System.out.println(requests + " requests in " + model.info().precision() + ": " + growth + " bytes more");
            least = Math.min(least, growth);
        }
        return least;
    }

    /** Runs requests, each a prompt of up to 40 tokens and 6 tokens after it, with everything that a scheduler calls. */
    static void request(LanguageModel model, int requests, long seed) {
        Random random = new Random(seed);
        int vocabulary = model.info().vocabularySize();
        float[] row = new float[vocabulary];
        for (int done = 0; done < requests; done += ROWS) {
            List<Sequence> rows = new ArrayList<>();
            for (int i = 0; i < ROWS; i++) {
                Sequence sequence = model.open();
                rows.add(sequence);
                int[] prompt =
                        random.ints(1 + random.nextInt(40), 0, vocabulary).toArray();
                try (Scores scores = model.prefill(sequence, prompt, i == 0)) {
                    scores.argmax();
                }
            }
            for (int step = 0; step < 6; step++) {
                int[] tokens = random.ints(rows.size(), 0, vocabulary).toArray();
                try (Scores scores = model.decode(rows, tokens)) {
                    scores.argmax();
                    scores.copyRow(0, row);
                    scores.weigh(new int[] {0, 1}, new double[] {1, 0.7}).close();
                }
                if (step == 2) {
                    rows.remove(random.nextInt(ROWS)).close();
                }
            }
            rows.forEach(Sequence::close);
        }
    }
}
