package ai.dialog.model.tokenizer;

import ai.dialog.model.ModelException;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * BPE tokenization: Hugging Face's library cuts text into ids; the way back is a table of bytes and needs no library,
 * because a stream of tokens must come out as the same text as the whole.
 */
final class BpeTokenizer implements Tokenizer {

    /**
     * The longest text, in chars: more than any context here holds. The library takes some 230 bytes of native memory for
     * each token while it works, and a character can become four of them.
     */
    static final int MAX_TEXT = 1 << 20;

    /** Longer texts are encoded one at a time, so that many at once do not take that memory many times. */
    private static final int LONG_TEXT = 1 << 16;

    private static final byte[] NOTHING = {};

    private final TokenizerDefinition definition;
    private final SequenceMarks marks;
    private final NativeTokenizer library;
    private final ReentrantLock longText = new ReentrantLock();
    private final int[] prefix;
    private final int[] suffix;

    BpeTokenizer(TokenizerDefinition definition, SequenceMarks marks, String origin) {
        this.definition = definition;
        this.marks = marks;
        this.library = new NativeTokenizer(definition.json(), origin);
        int[] plain = library.encode("a", false);
        int[] framed = library.encode("a", true);
        int at = Math.max(0, indexOf(framed, plain));
        prefix = mark(marks.addBegin(), marks.begin(), Arrays.copyOf(framed, at));
        suffix = mark(
                marks.addEnd(),
                marks.end(),
                Arrays.copyOfRange(framed, Math.min(framed.length, at + plain.length), framed.length));
    }

    private static int[] mark(@Nullable Boolean wanted, @Nullable Integer id, int[] postProcessor) {
        if (wanted == null || (wanted && id == null)) {
            return postProcessor;
        }
        return wanted && id != null ? new int[] {id} : new int[0];
    }

    private static int indexOf(int[] all, int[] part) {
        for (int at = 0; at + part.length <= all.length; at++) {
            if (Arrays.equals(all, at, at + part.length, part, 0, part.length)) {
                return at;
            }
        }
        return -1;
    }

    @Override
    public int[] encode(String text, boolean addSpecial) {
        if (text.length() > MAX_TEXT) {
            throw new ModelException("the text has " + text.length() + " characters; at most " + MAX_TEXT
                    + " can be turned into tokens at once");
        }
        int[] ids = text.isEmpty() ? new int[0] : plain(wellFormed(text));
        if (!addSpecial) {
            return ids;
        }
        int[] framed = Arrays.copyOf(prefix, prefix.length + ids.length + suffix.length);
        System.arraycopy(ids, 0, framed, prefix.length, ids.length);
        System.arraycopy(suffix, 0, framed, prefix.length + ids.length, suffix.length);
        return framed;
    }

    private int[] plain(String text) {
        if (text.length() <= LONG_TEXT) {
            return library.encode(text, false);
        }
        longText.lock();
        try {
            return library.encode(text, false);
        } finally {
            longText.unlock();
        }
    }

    /** Unpaired surrogates as U+FFFD: they have no UTF-8, and the library would garble the text around them. */
    private static String wellFormed(String text) {
        StringBuilder fixed = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                fixed = fixed == null ? new StringBuilder(text) : fixed;
                fixed.setCharAt(i, '\uFFFD');
            }
        }
        return fixed == null ? text : fixed.toString();
    }

    @Override
    public String decode(int[] ids) {
        StreamDecoder decoder = streamDecoder();
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            text.append(decoder.add(id));
        }
        return text.append(decoder.finish()).toString();
    }

    @Override
    public StreamDecoder streamDecoder() {
        return new Utf8StreamDecoder(id -> isSpecial(id) ? NOTHING : known(id), definition.stripFirstSpace());
    }

    @Override
    public byte[] bytes(int id) {
        return known(id).clone();
    }

    /** A model's embedding may have more rows than there are tokens; those ids stand for nothing. */
    private byte[] known(int id) {
        return id >= 0 && id < definition.bytes().size() ? definition.bytes().get(id) : NOTHING;
    }

    @Override
    public boolean isSpecial(int id) {
        return id >= 0 && definition.special().get(id);
    }

    @Override
    public Set<Integer> endOfSequence() {
        return marks.ends();
    }

    @Override
    public @Nullable Integer beginningOfSequence() {
        return marks.begin();
    }

    @Override
    public int vocabularySize() {
        return definition.bytes().size();
    }

    @Override
    public void close() {
        library.close();
    }
}
