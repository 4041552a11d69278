package ai.dialog.runner.scheduler;

import ai.dialog.functions.inference.TokenLogprob;
import ai.dialog.model.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The text of one choice as its tokens come: whole characters only, never any part of a stop string. Text that may be the
 * beginning of a stop string is held back until it is decided.
 *
 * <p>A token's log probability goes out with the piece that completes the token's text. A token that ends in half a
 * character goes with the one that completes the character. When a stop string cuts a token in two, the token counts as
 * part of the text if any of its text does.
 */
final class ChoiceText {

    /** Of white space before calls; templates write two line breaks. What is longer is text, so that little is held back. */
    static final int MAX_SPACE = 256;

    private final Tokenizer.StreamDecoder decoder;
    private final StopMatcher matcher;
    private final StringBuilder held = new StringBuilder();
    private final List<Entry> entries = new ArrayList<>();
    private final boolean mayCall;
    private int length;

    /**
     * At its beginning.
     *
     * @param mayCall whether calls may follow: white space before them, up to {@link #MAX_SPACE}, is none of the text
     */
    ChoiceText(Tokenizer.StreamDecoder decoder, List<String> stop, boolean mayCall) {
        this.mayCall = mayCall;
        this.decoder = decoder;
        this.matcher = new StopMatcher(stop);
    }

    /**
     * Text that is decided.
     *
     * @param text may be empty
     * @param stopped whether a stop string has come; nothing may be added then
     */
    record Piece(String text, List<TokenLogprob> logprobs, boolean stopped) {

        boolean isEmpty() {
            return text.isEmpty() && logprobs.isEmpty();
        }
    }

    /** Where a token's text begins and ends in the choice's text. */
    private record Entry(TokenLogprob logprob, int start, int end) {}

    /**
     * Adds a token.
     *
     * @param stops whether stop strings count yet; they are looked for only in text from the first such token on
     * @param undecided how many of the last characters may not be text
     */
    Piece add(int token, @Nullable TokenLogprob logprob, boolean stops, int undecided) {
        return decide(decoder.add(token), logprob, stops, undecided);
    }

    /**
     * Adds the token with which the text turns out to be over; nothing may be added then.
     *
     * @param noText how many of the last characters are none of the text
     */
    Piece cut(int token, @Nullable TokenLogprob logprob, boolean stops, int noText) {
        String added = decoder.add(token);
        int kept = Math.max(0, added.length() - noText);
        append(added, logprob);
        boolean stopped = stops && matcher.add(added.substring(0, kept));
        int surplus = stopped ? matcher.surplus() + added.length() - kept : withSpaceBefore(noText);
        return new Piece(release(held.length() - surplus), releaseEntries(length - surplus, true), stopped);
    }

    /** So many of the last characters, and the white space before them. */
    private int withSpaceBefore(int last) {
        int count = Math.min(last, held.length());
        int most = Math.min(count + MAX_SPACE, held.length());
        while (count < most && Character.isWhitespace(held.charAt(held.length() - count - 1))) {
            count++;
        }
        return count;
    }

    /** The end of the text without a stop string: all that was held back, incomplete characters as U+FFFD. */
    Piece finish() {
        Piece rest = decide(decoder.finish(), null, true, 0);
        if (rest.stopped()) {
            return rest;
        }
        var logprobs = new ArrayList<>(rest.logprobs());
        entries.forEach(entry -> logprobs.add(entry.logprob()));
        entries.clear();
        return new Piece(rest.text() + release(held.length()), logprobs, false);
    }

    private Piece decide(String text, @Nullable TokenLogprob logprob, boolean stops, int undecided) {
        append(text, logprob);
        boolean stopped = stops && matcher.add(text);
        int keep = stopped ? matcher.surplus() : stops ? matcher.held() : 0;
        if (mayCall && !stopped) {
            keep = Math.max(keep, withSpaceBefore(undecided));
        }
        int decided = length - keep;
        return new Piece(release(held.length() - keep), releaseEntries(decided, stopped), stopped);
    }

    private void append(String text, @Nullable TokenLogprob logprob) {
        int start = length;
        length += text.length();
        held.append(text);
        if (!text.isEmpty()) {
            entries.replaceAll(
                    entry -> entry.end == entry.start ? new Entry(entry.logprob, entry.start, length) : entry);
        }
        if (logprob != null) {
            entries.add(new Entry(logprob, start, length));
        }
    }

    private String release(int count) {
        String text = held.substring(0, count);
        held.delete(0, count);
        return text;
    }

    private List<TokenLogprob> releaseEntries(int decided, boolean stopped) {
        if (entries.isEmpty()) {
            return List.of();
        }
        var released = new ArrayList<TokenLogprob>();
        entries.removeIf(entry -> {
            boolean out = stopped ? entry.start < decided : entry.end > entry.start && entry.end <= decided;
            if (out) {
                released.add(entry.logprob);
            }
            return out;
        });
        return released;
    }
}
