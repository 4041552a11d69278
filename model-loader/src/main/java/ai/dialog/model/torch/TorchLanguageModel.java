package ai.dialog.model.torch;

import ai.dialog.model.LanguageModel;
import ai.dialog.model.ModelInfo;
import ai.dialog.model.template.ChatTemplate;
import ai.dialog.model.tokenizer.Tokenizer;
import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/** A decoder on PyTorch. One step is one native call; what it returns stays native until it is asked for. */
final class TorchLanguageModel implements LanguageModel {
    /** What one buffer of Java can hold. */
    private static final long MOST_SCORES = Integer.MAX_VALUE / Float.BYTES;

    private final ModelInfo info;
    private final Tokenizer tokenizer;
    private final ChatTemplate chatTemplate;
    private final DecoderModule module;
    private final KeyValueCache cache;
    private final int slots;
    private final int contextLength;
    private int openSequences;
    private boolean closed;

    TorchLanguageModel(
            ModelInfo info,
            Tokenizer tokenizer,
            ChatTemplate chatTemplate,
            DecoderModule module,
            KeyValueCache cache,
            int slots,
            int contextLength) {
        this.info = info;
        this.tokenizer = tokenizer;
        this.chatTemplate = chatTemplate;
        this.module = module;
        this.cache = cache;
        this.slots = slots;
        this.contextLength = contextLength;
    }

    @Override
    public ModelInfo info() {
        return info;
    }

    @Override
    public Tokenizer tokenizer() {
        return tokenizer;
    }

    @Override
    public ChatTemplate chatTemplate() {
        return chatTemplate;
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
        checkOpen();
        return module.lay();
    }

    @Override
    public Sequence open(int most) {
        checkOpen();
        if (openSequences == slots) {
            throw new IllegalStateException("all " + slots + " slots are taken; close a sequence first");
        }
        openSequences++;
        return new TorchSequence(this, Math.min(most, contextLength));
    }

    void release(TorchSequence sequence) {
        openSequences--;
        if (!closed) {
            cache.release(sequence);
        }
    }

    @Override
    public void copy(Sequence source, int length, Sequence target, int room) {
        checkOpen();
        TorchSequence from = check(source, 0);
        TorchSequence to = check(target, Math.max(length, room));
        if (from == to || to.length() > 0) {
            throw new IllegalArgumentException("tokens are copied to an empty sequence, which is not their own");
        }
        if (length < 1 || length > from.length()) {
            throw new IllegalArgumentException("of " + from.length() + " tokens " + length + " cannot be copied");
        }
        cache.reserve(to, Math.max(length, room));
        cache.copy(from, length, to);
        to.append(length);
    }

    @Override
    public Scores prefill(Sequence sequence, int[] tokens, boolean everyPosition) {
        if (everyPosition && (long) tokens.length * info.vocabularySize() > MOST_SCORES) {
            throw new IllegalArgumentException("the scores of " + tokens.length
                    + " positions are too many for one call; give fewer tokens at once");
        }
        return prefill(List.of(sequence), List.of(tokens), everyPosition);
    }

    @Override
    public Scores prefill(List<Sequence> sequences, List<int[]> tokens) {
        return prefill(sequences, tokens, false);
    }

    private Scores prefill(List<Sequence> sequences, List<int[]> tokens, boolean everyPosition) {
        checkOpen();
        if (sequences.isEmpty() || sequences.size() != tokens.size()) {
            throw new IllegalArgumentException("prefill needs tokens for each of at least one sequence, not "
                    + tokens.size() + " for " + sequences.size());
        }
        if (new HashSet<>(sequences).size() < sequences.size()) {
            throw new IllegalArgumentException("a sequence is given twice in one prefill");
        }
        List<TorchSequence> own = new ArrayList<>(sequences.size());
        for (int i = 0; i < sequences.size(); i++) {
            int[] more = tokens.get(i);
            own.add(check(sequences.get(i), more.length));
            if (more.length == 0) {
                throw new IllegalArgumentException("prefill needs at least one token");
            }
            for (int token : more) {
                checkToken(token);
            }
        }
        for (int i = 0; i < own.size(); i++) {
            cache.reserve(own.get(i), own.get(i).length() + tokens.get(i).length);
        }
        // only now: making room may have moved those that had their place
        long[] segments = new long[4 * own.size()];
        for (int i = 0; i < own.size(); i++) {
            TorchSequence sequence = own.get(i);
            segments[4 * i] = sequence.placedTier().index();
            segments[4 * i + 1] = sequence.slot();
            segments[4 * i + 2] = sequence.length();
            segments[4 * i + 3] = tokens.get(i).length;
        }
        long[] ids = tokens.stream().flatMapToInt(Arrays::stream).asLongStream().toArray();
        int rows = everyPosition ? ids.length : own.size();
        Scores scores = run(
                IntStream.range(0, rows).toArray(), manager -> module.prefill(manager, ids, segments, everyPosition));
        for (int i = 0; i < own.size(); i++) {
            own.get(i).append(tokens.get(i).length);
        }
        return scores;
    }

    @Override
    public Scores decode(List<Sequence> sequences, int[] tokens) {
        checkOpen();
        if (sequences.isEmpty() || sequences.size() != tokens.length) {
            throw new IllegalArgumentException("decode needs one token for each of at least one sequence, not "
                    + tokens.length + " for " + sequences.size());
        }
        List<TorchSequence> own = new ArrayList<>(sequences.size());
        for (int i = 0; i < tokens.length; i++) {
            own.add(check(sequences.get(i), 1));
            checkToken(tokens[i]);
        }
        KeyValueCache.Arrangement arrangement = cache.arrange(own);
        long[] ids = new long[tokens.length];
        long[] positions = new long[tokens.length];
        int[] rowOf = new int[tokens.length];
        for (int row = 0; row < ids.length; row++) {
            int i = arrangement.order().get(row);
            ids[row] = tokens[i];
            positions[row] = own.get(i).length();
            rowOf[i] = row;
        }
        long[] segments =
                arrangement.segments().stream().mapToLong(Long::longValue).toArray();
        Scores scores = run(rowOf, manager -> module.decode(manager, ids, positions, segments));
        own.forEach(sequence -> sequence.append(1));
        return scores;
    }

    /** One native call. */
    @FunctionalInterface
    private interface Step {
        NDArray run(PtNDManager manager);
    }

    private Scores run(int[] rowOf, Step step) {
        PtNDManager manager = module.newManager();
        try {
            return new TorchScores(module, manager, step.run(manager), rowOf);
        } catch (RuntimeException | Error e) {
            manager.close();
            throw e;
        }
    }

    private TorchSequence check(Sequence sequence, int more) {
        if (!(sequence instanceof TorchSequence own) || !own.belongsTo(this)) {
            throw new IllegalArgumentException("the sequence is another model's");
        }
        if (own.isClosed()) {
            throw new IllegalStateException("the sequence is closed");
        }
        if (own.length() + (long) more > contextLength) {
            throw new IllegalArgumentException("a sequence of " + own.length() + " tokens and " + more
                    + " more do not fit into the context of " + contextLength);
        }
        return own;
    }

    private int checkToken(int token) {
        return Objects.checkIndex(token, info.vocabularySize());
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the model is closed");
        }
    }

    @Override
    public long cacheBytes() {
        return closed ? 0 : cache.bytes();
    }

    @Override
    public long cacheLimit() {
        return cache.openBytes();
    }

    @Override
    public long sequenceBytes(int tokens) {
        return cache.bytes(Objects.checkIndex(tokens, contextLength + 1));
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            module.close();
            tokenizer.close();
            CLibrary.trimHeap();
        }
    }
}
