package ai.dialog.model.tokenizer;

import ai.dialog.model.ModelException;
import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Hugging Face's tokenizer behind JNI. DJL's own wrapper copies six arrays and every token's text for each encoding; here
 * only the ids cross over. Encoding is shared, closing is exclusive, so no thread ever uses a freed handle.
 */
final class NativeTokenizer implements AutoCloseable {

    static {
        // The library is in the jar for every platform; without this DJL may look for a CUDA build on the network.
        if (System.getProperty("ai.djl.offline") == null) {
            System.setProperty("ai.djl.offline", "true");
        }
    }

    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private long handle;

    /**
     * Loads a tokenizer.
     *
     * @param json a whole tokenizer.json
     * @param origin where it comes from, for the message
     * @throws ModelException if the library refuses it
     */
    NativeTokenizer(String json, String origin) {
        LibUtils.checkStatus();
        try {
            handle = TokenizersLibrary.LIB.createTokenizerFromString(json);
        } catch (RuntimeException e) {
            throw new ModelException("the tokenizer of " + origin + " cannot be used: " + e.getMessage(), e);
        }
    }

    /**
     * Text to ids.
     *
     * @param text free of unpaired surrogates, which UTF-8 cannot carry
     * @throws ModelException if the library cannot do it
     */
    int[] encode(String text, boolean addSpecial) {
        lock.readLock().lock();
        try {
            long encoding = TokenizersLibrary.LIB.encode(open(), text, addSpecial);
            try {
                long[] ids = TokenizersLibrary.LIB.getTokenIds(encoding);
                int[] narrow = new int[ids.length];
                for (int i = 0; i < ids.length; i++) {
                    narrow[i] = Math.toIntExact(ids[i]);
                }
                return narrow;
            } finally {
                TokenizersLibrary.LIB.deleteEncoding(encoding);
            }
        } catch (RuntimeException e) {
            throw failed(e);
        } finally {
            lock.readLock().unlock();
        }
    }

    /** Ids to text, special tokens left out. */
    String decode(int[] ids) {
        lock.readLock().lock();
        try {
            long[] wide = new long[ids.length];
            for (int i = 0; i < ids.length; i++) {
                wide[i] = ids[i];
            }
            return TokenizersLibrary.LIB.decode(open(), wide, true);
        } catch (RuntimeException e) {
            throw failed(e);
        } finally {
            lock.readLock().unlock();
        }
    }

    /** The library throws plain runtime exceptions; a closed tokenizer is the caller's own mistake. */
    private static RuntimeException failed(RuntimeException e) {
        return e instanceof IllegalStateException
                ? e
                : new ModelException("the tokenizer cannot cut this text: " + e.getMessage(), e);
    }

    private long open() {
        if (handle == 0) {
            throw new IllegalStateException("the tokenizer is closed");
        }
        return handle;
    }

    @Override
    public void close() {
        lock.writeLock().lock();
        try {
            if (handle != 0) {
                TokenizersLibrary.LIB.deleteTokenizer(handle);
                handle = 0;
            }
        } finally {
            lock.writeLock().unlock();
        }
    }
}
