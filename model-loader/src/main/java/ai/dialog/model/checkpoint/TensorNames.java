package ai.dialog.model.checkpoint;

/** The names under which every checkpoint gives its weights: GGUF's own. {@code %d} is the layer, from 0. */
public final class TensorNames {

    public static final String EMBEDDING = "token_embd.weight";
    public static final String OUTPUT_NORM = "output_norm.weight";
    /** Absent where the head is tied to the embedding. */
    public static final String OUTPUT = "output.weight";

    public static final String ATTENTION_NORM = "blk.%d.attn_norm.weight";
    public static final String QUERY = "blk.%d.attn_q.weight";
    public static final String KEY = "blk.%d.attn_k.weight";
    public static final String VALUE = "blk.%d.attn_v.weight";
    public static final String QUERY_BIAS = "blk.%d.attn_q.bias";
    public static final String KEY_BIAS = "blk.%d.attn_k.bias";
    public static final String VALUE_BIAS = "blk.%d.attn_v.bias";
    public static final String ATTENTION_OUTPUT = "blk.%d.attn_output.weight";
    /** Absent in most; a llama with {@code attention_bias} has it. */
    public static final String ATTENTION_OUTPUT_BIAS = "blk.%d.attn_output.bias";

    /** Of each query head by itself, before its rotary embedding; qwen3 and gemma3 have it. */
    public static final String QUERY_NORM = "blk.%d.attn_q_norm.weight";
    /** Of each key head. */
    public static final String KEY_NORM = "blk.%d.attn_k_norm.weight";
    /** Of what attention adds to the residual stream; only gemma3 has it. */
    public static final String ATTENTION_POST_NORM = "blk.%d.post_attention_norm.weight";
    /** Of what the feed-forward part adds. */
    public static final String FEED_FORWARD_POST_NORM = "blk.%d.post_ffw_norm.weight";

    public static final String FEED_FORWARD_NORM = "blk.%d.ffn_norm.weight";
    public static final String GATE = "blk.%d.ffn_gate.weight";
    public static final String UP = "blk.%d.ffn_up.weight";
    public static final String DOWN = "blk.%d.ffn_down.weight";

    private TensorNames() {}
}
