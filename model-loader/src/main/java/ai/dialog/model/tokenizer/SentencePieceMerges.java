package ai.dialog.model.tokenizer;

import ai.dialog.model.checkpoint.GgufVocabulary;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The merges of a SentencePiece BPE vocabulary, which keeps only scores: a piece can be made of every two pieces of the
 * vocabulary that it is the concatenation of, and the better score merges first. Source: {@code generate_merges} in
 * transformers' {@code convert_slow_tokenizer.py}; its order among splits of one piece is kept too.
 */
final class SentencePieceMerges {

    /** U+2581, SentencePiece's mark for a space. */
    static final char SPACE = '\u2581';

    private static final int NORMAL = 1;

    /** A longer piece would be nothing a trainer makes, and each split costs two look-ups. */
    private static final int LONGEST_PIECE = 1024;

    private record Merge(String left, String right, float score, int id, int leftId, int rightId) {}

    private SentencePieceMerges() {}

    /** All merges, the first to be applied first. */
    static List<String[]> of(GgufVocabulary vocabulary) {
        Map<String, Integer> ids = new HashMap<>();
        for (int id = 0; id < vocabulary.tokens().size(); id++) {
            if (vocabulary.types().isEmpty() || vocabulary.types().get(id) == NORMAL) {
                ids.put(vocabulary.tokens().get(id), id);
            }
        }
        List<Merge> merges = new ArrayList<>();
        for (var piece : ids.entrySet()) {
            splits(piece.getKey(), piece.getValue(), vocabulary.scores().get(piece.getValue()), ids, merges);
        }
        merges.sort(Comparator.comparingDouble((Merge merge) -> -merge.score())
                .thenComparingInt(merge -> -codePoints(merge.left()))
                .thenComparingInt(merge -> -codePoints(merge.right()))
                .thenComparingInt(Merge::id)
                .thenComparingInt(Merge::leftId)
                .thenComparingInt(Merge::rightId));
        return merges.stream()
                .map(merge -> new String[] {merge.left(), merge.right()})
                .toList();
    }

    private static void splits(String piece, int id, float score, Map<String, Integer> ids, List<Merge> merges) {
        if (piece.length() > LONGEST_PIECE) {
            return;
        }
        for (int at = 1; at < piece.length(); at++) {
            if (!Character.isLowSurrogate(piece.charAt(at))) {
                Integer left = ids.get(piece.substring(0, at));
                Integer right = left == null ? null : ids.get(piece.substring(at));
                if (left != null && right != null) {
                    merges.add(new Merge(piece.substring(0, at), piece.substring(at), score, id, left, right));
                }
            }
        }
    }

    private static int codePoints(String text) {
        return text.codePointCount(0, text.length());
    }
}
