package ai.dialog.runner.grammar;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * How many calls within calls it takes at least to come from a node of a grammar to the end of its rule; very many where there
 * is no way. The edges are those of {@link Grammar}.
 */
final class LeastDepths {

    private static final int IMPOSSIBLE = 1 << 20;

    private final int[][] bytes;
    private final int[][] skips;
    private final int[][] calls;
    private final BitSet ends;

    LeastDepths(int[][] bytes, int[][] skips, int[][] calls, BitSet ends) {
        this.bytes = bytes;
        this.skips = skips;
        this.calls = calls;
        this.ends = ends;
    }

    /** For each node. A fixed point: each node is lowered a few times. */
    int[] all() {
        int[][] before = before();
        int[] least = new int[bytes.length];
        Arrays.fill(least, IMPOSSIBLE);
        var changed = new ArrayDeque<Integer>();
        for (int end = ends.nextSetBit(0); end >= 0; end = ends.nextSetBit(end + 1)) {
            least[end] = 0;
            changed.add(end);
        }
        while (!changed.isEmpty()) {
            for (int node : before[changed.remove()]) {
                int now = need(node, least);
                if (now < least[node]) {
                    least[node] = now;
                    changed.add(node);
                }
            }
        }
        return least;
    }

    private int need(int node, int[] least) {
        int need = IMPOSSIBLE;
        for (int i = 2; i < bytes[node].length; i += 3) {
            need = Math.min(need, least[bytes[node][i]]);
        }
        for (int to : skips[node]) {
            need = Math.min(need, least[to]);
        }
        for (int i = 0; i < calls[node].length; i += 2) {
            need = Math.min(need, Math.max(1 + least[calls[node][i]], least[calls[node][i + 1]]));
        }
        return need;
    }

    /** For each node those with an edge to it, or with a call of it. */
    private int[][] before() {
        var all = new ArrayList<List<Integer>>();
        for (int node = 0; node < bytes.length; node++) {
            all.add(new ArrayList<>(2));
        }
        for (int node = 0; node < bytes.length; node++) {
            for (int i = 2; i < bytes[node].length; i += 3) {
                all.get(bytes[node][i]).add(node);
            }
            for (int to : skips[node]) {
                all.get(to).add(node);
            }
            for (int to : calls[node]) {
                all.get(to).add(node);
            }
        }
        return all.stream()
                .map(nodes -> nodes.stream().mapToInt(Integer::intValue).toArray())
                .toArray(int[][]::new);
    }
}
