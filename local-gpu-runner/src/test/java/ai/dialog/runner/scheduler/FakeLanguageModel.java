package ai.dialog.runner.scheduler;

import ai.dialog.model.LanguageModel;
import ai.dialog.model.ModelInfo;
import ai.dialog.model.Precision;
import ai.dialog.model.TokenWeights;
import ai.dialog.model.template.ChatTemplate;
import ai.dialog.model.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A model whose scores are a function of all tokens of a sequence, so that a mix-up between slots changes the text. Checks
 * that it is used as its contract says, writes down each call, and can be made to stand still or to fail.
 */
final class FakeLanguageModel implements LanguageModel {

    /** Ends every answer that {@link #answering} gives. */
    private static final float SURE = 30;

    /**
     * Calls as they were made: {@code "prefill n"} with the number of tokens, {@code "prefill n+m"} for several sequences, {@code "decode
     * n"} with the rows.
     */
    final List<String> calls = new CopyOnWriteArrayList<>();

    /** What was asked of scores: {@code "best"}, {@code "copy"} or {@code "weigh n"} with the rows. */
    final List<String> questions = new CopyOnWriteArrayList<>();

    /** Made before each call of prefill and decode, with its name; may throw. */
    volatile Function<String, @Nullable Void> before = call -> null;

    /** What its memory holds, one for each token that a sequence may have. */
    volatile long cacheLimit = Long.MAX_VALUE;

    /** What turns conversations into text. */
    volatile ChatTemplate template = new FakeTemplate();

    /** How many times it has something left to settle. */
    final AtomicInteger unsettled = new AtomicInteger();

    volatile @Nullable RuntimeException settleFailure;
    volatile @Nullable RuntimeException openFailure;
    volatile boolean closed;

    /** Sequences that were open when it was closed. */
    volatile int openAtClose;

    private final Function<int[], float[]> script;
    private final Tokenizer tokenizer;
    private final int slots;
    private final int contextLength;
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger openScores = new AtomicInteger();
    private final Semaphore permits = new Semaphore(Integer.MAX_VALUE / 2);
    private volatile @Nullable Thread owner;
    private volatile @Nullable String misuse;

    FakeLanguageModel(Function<int[], float[]> script, int slots, int contextLength, boolean hasBos) {
        this.script = script;
        this.slots = slots;
        this.contextLength = contextLength;
        this.tokenizer = new FakeTokenizer(hasBos);
    }

    FakeLanguageModel(Function<int[], float[]> script) {
        this(script, 4, 512, false);
    }

    /** Continues each prompt with its answer, then the end of sequence; an unknown one with {@code "?"}. */
    static Function<int[], float[]> answering(Map<String, String> answers) {
        var tokenizer = new FakeTokenizer(false);
        return tokens -> {
            String text = new String(bytes(tokens), StandardCharsets.ISO_8859_1);
            for (var entry : answers.entrySet()) {
                String prompt = latin(entry.getKey());
                String whole = prompt + latin(entry.getValue());
                if (text.startsWith(prompt) && whole.startsWith(text)) {
                    return sure(text.length() < whole.length() ? whole.charAt(text.length()) : FakeTokenizer.EOS);
                }
            }
            return sure(
                    tokens.length > 0 && tokens[tokens.length - 1] == '?'
                            ? FakeTokenizer.EOS
                            : tokenizer.encode("?", false)[0]);
        };
    }

    /** Continues with pseudo-random letters that depend on every token so far; the sequence never ends by itself. */
    static Function<int[], float[]> rambling() {
        return tokens -> {
            var random = new Random(Arrays.hashCode(tokens));
            var scores = new float[FakeTokenizer.VOCABULARY];
            Arrays.fill(scores, -20);
            for (int letter = 'a'; letter <= 'z'; letter++) {
                scores[letter] = (float) (3 * random.nextGaussian());
            }
            return scores;
        };
    }

    /** Always the same scores. */
    static Function<int[], float[]> constant(float[] scores) {
        return tokens -> scores.clone();
    }

    static float[] sure(int token) {
        var scores = new float[FakeTokenizer.VOCABULARY];
        scores[token] = SURE;
        return scores;
    }

    private static String latin(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    private static byte[] bytes(int[] tokens) {
        var bytes = new byte[tokens.length];
        for (int i = 0; i < tokens.length; i++) {
            bytes[i] = (byte) tokens[i];
        }
        return bytes;
    }

    /** From now on a call of prefill or decode waits for {@link #allow}. */
    void pause() {
        permits.drainPermits();
    }

    void allow(int calls) {
        permits.release(calls);
    }

    void resume() {
        permits.release(Integer.MAX_VALUE / 2);
    }

    /** Waits until a call stands still. */
    void untilPaused() {
        Requests.until("the model stands still", permits::hasQueuedThreads);
    }

    int openSequences() {
        return open.get();
    }

    int openScores() {
        return openScores.get();
    }

    /** What was done against the contract; null if nothing was. */
    @Nullable
    String misuse() {
        return misuse;
    }

    private void check(boolean condition, String what) {
        if (!condition) {
            misuse = what;
            throw new IllegalStateException(what);
        }
    }

    private void call(String name) {
        Thread current = Thread.currentThread();
        if (owner == null) {
            owner = current;
        }
        check(owner == current, name + " on another thread");
        check(!closed, name + " after close");
        if (!Set.of("open", "close", "settle").contains(name)) {
            try {
                check(permits.tryAcquire(60, TimeUnit.SECONDS), "the test never let the model go on");
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            calls.add(name);
            before.apply(name);
        }
    }

    @Override
    public ModelInfo info() {
        return new ModelInfo(
                "fake", "llama", "gguf", "0", 1, 1, contextLength, FakeTokenizer.VOCABULARY, Precision.FLOAT32, "cpu");
    }

    @Override
    public Tokenizer tokenizer() {
        return tokenizer;
    }

    @Override
    public ChatTemplate chatTemplate() {
        return template;
    }

    @Override
    public int slots() {
        return slots;
    }

    @Override
    public int contextLength() {
        return contextLength;
    }

    @Override
    public boolean settle() {
        call("settle");
        var failure = settleFailure;
        if (failure != null) {
            throw failure;
        }
        return unsettled.get() > 0 && unsettled.decrementAndGet() > 0;
    }

    @Override
    public Sequence open(int most) {
        call("open");
        var failure = openFailure;
        if (failure != null) {
            throw failure;
        }
        check(open.incrementAndGet() <= slots, "more sequences than slots");
        return new FakeSequence();
    }

    @Override
    public Scores prefill(Sequence sequence, int[] tokens, boolean everyPosition) {
        call("prefill " + tokens.length);
        check(tokens.length > 0, "prefill of nothing");
        var rows = new ArrayList<float[]>();
        for (int token : tokens) {
            rows.add(append(sequence, token));
        }
        return new FakeScores(everyPosition ? rows : List.of(rows.getLast()));
    }

    @Override
    public Scores prefill(List<Sequence> sequences, List<int[]> tokens) {
        call("prefill " + tokens.stream().map(chunk -> "" + chunk.length).collect(Collectors.joining("+")));
        check(!sequences.isEmpty() && sequences.size() == tokens.size(), "prefill of " + sequences.size());
        check(new HashSet<>(sequences).size() == sequences.size(), "a sequence twice in a call");
        var rows = new ArrayList<float[]>();
        for (int i = 0; i < sequences.size(); i++) {
            check(tokens.get(i).length > 0, "prefill of nothing");
            float[] last = {};
            for (int token : tokens.get(i)) {
                last = append(sequences.get(i), token);
            }
            rows.add(last);
        }
        return new FakeScores(rows);
    }

    @Override
    public Scores decode(List<Sequence> sequences, int[] tokens) {
        call("decode " + sequences.size());
        check(!sequences.isEmpty() && sequences.size() == tokens.length, "decode of " + sequences.size());
        check(new HashSet<>(sequences).size() == tokens.length, "a sequence twice in a step");
        var rows = new ArrayList<float[]>();
        for (int i = 0; i < tokens.length; i++) {
            rows.add(append(sequences.get(i), tokens[i]));
        }
        return new FakeScores(rows);
    }

    private float[] append(Sequence sequence, int token) {
        var fake = (FakeSequence) sequence;
        check(!fake.released, "a closed sequence was used");
        check(fake.tokens.size() < contextLength, "a sequence beyond the context");
        fake.tokens.add(token);
        return script.apply(fake.tokens.stream().mapToInt(Integer::intValue).toArray());
    }

    @Override
    public void copy(Sequence source, int length, Sequence target, int room) {
        check(owner == Thread.currentThread(), "copy on another thread");
        calls.add("copy " + length);
        before.apply("copy " + length);
        var from = (FakeSequence) source;
        var to = (FakeSequence) target;
        check(!from.released && !to.released, "a closed sequence was used");
        check(to.tokens.isEmpty() && length <= from.tokens.size(), "copy of " + length);
        to.tokens.addAll(from.tokens.subList(0, length));
    }

    @Override
    public long cacheBytes() {
        return 0;
    }

    @Override
    public long cacheLimit() {
        return cacheLimit;
    }

    @Override
    public long sequenceBytes(int tokens) {
        return tokens;
    }

    @Override
    public void close() {
        call("close");
        openAtClose = open.get();
        closed = true;
    }

    private final class FakeSequence implements Sequence {

        private final List<Integer> tokens = new ArrayList<>();
        private boolean released;

        @Override
        public long bytes() {
            return tokens.size();
        }

        @Override
        public int length() {
            return tokens.size();
        }

        @Override
        public void truncate(int length) {
            call("open");
            check(!released, "a closed sequence was cut");
            check(length >= 1 && length <= tokens.size(), "a sequence of " + tokens.size() + " was cut to " + length);
            tokens.subList(length, tokens.size()).clear();
        }

        @Override
        public void close() {
            check(owner == Thread.currentThread(), "a sequence was closed on another thread");
            if (!released) {
                released = true;
                open.decrementAndGet();
            }
        }
    }

    private final class FakeScores implements Scores {

        private final List<float[]> rows;
        private boolean released;

        FakeScores(List<float[]> rows) {
            this.rows = rows;
            openScores.incrementAndGet();
        }

        @Override
        public int rows() {
            return rows.size();
        }

        @Override
        public int[] argmax() {
            check(!released, "closed scores were used");
            questions.add("best");
            return rows.stream().mapToInt(FakeLanguageModel::best).toArray();
        }

        @Override
        public void copyRow(int row, float[] target) {
            check(!released, "closed scores were used");
            questions.add("copy");
            System.arraycopy(rows.get(row), 0, target, 0, FakeTokenizer.VOCABULARY);
        }

        @Override
        public TokenWeights weigh(int[] asked, double[] temperatures) {
            check(!released, "closed scores were used");
            var weighed = new HeapWeights[asked.length];
            for (int i = 0; i < asked.length; i++) {
                weighed[i] = new HeapWeights(FakeTokenizer.VOCABULARY);
                weighed[i].weigh(rows.get(asked[i]), temperatures[i]);
            }
            questions.add("weigh " + asked.length);
            openScores.incrementAndGet();
            return new FakeWeights(weighed);
        }

        @Override
        public void close() {
            check(!released, "scores were closed twice");
            released = true;
            openScores.decrementAndGet();
        }
    }

    private final class FakeWeights implements TokenWeights {

        private final HeapWeights[] rows;
        private boolean released;

        FakeWeights(HeapWeights[] rows) {
            this.rows = rows;
        }

        @Override
        public void copySums(int row, float[] target) {
            check(!released, "closed weights were used");
            rows[row].copySums(0, target);
        }

        @Override
        public void copyLargest(int row, float[] target) {
            check(!released, "closed weights were used");
            rows[row].copyLargest(0, target);
        }

        @Override
        public int copyBlock(int row, int block, float[] target) {
            check(!released, "closed weights were used");
            return rows[row].copyBlock(0, block, target);
        }

        @Override
        public void close() {
            check(!released, "weights were closed twice");
            released = true;
            openScores.decrementAndGet();
        }
    }

    private static int best(float[] row) {
        int best = 0;
        for (int id = 1; id < row.length; id++) {
            best = row[id] > row[best] ? id : best;
        }
        return best;
    }
}
