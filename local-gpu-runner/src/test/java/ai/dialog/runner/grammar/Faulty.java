package ai.dialog.runner.grammar;

import ai.dialog.model.tokenizer.Tokenizer;
import java.util.BitSet;

/** A grammar with a fault. */
public final class Faulty {

    private static final int NOWHERE = 99;

    private Faulty() {}

    /** Takes any text; what may follow its first letter cannot be found out. */
    public static TokenConstraint behindALetter(Tokenizer tokenizer) {
        int[][] bytes = {{'a', 'z', 1}, {'a', 'z', 2}, {}};
        int[][] none = {{}, {}, {}};
        var ends = new BitSet();
        ends.set(2);
        var regions = new Regions();
        regions.free(0);
        regions.free(1);
        var grammar = new Grammar(bytes, none, none, ends, 0, regions);
        bytes[1][2] = NOWHERE; // only now: it is looked at when a text comes there
        var vocabulary = new Vocabulary(tokenizer, tokenizer.vocabularySize());
        var nothing = new Literal(vocabulary, "");
        return new TokenConstraint(
                new TokenMasks(vocabulary), grammar.start(), new CallReader(0, nothing, nothing, null), null);
    }
}
