package ai.dialog.model.tokenizer;

import ai.dialog.model.ModelException;
import ai.dialog.model.checkpoint.GgufVocabulary;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes the tokenizer.json that a GGUF vocabulary stands for, so that one reader and one library serve both formats.
 * Byte-level BPE keeps the file's merges; SentencePiece's are found again from its scores ({@link SentencePieceMerges}).
 */
final class GgufTokenizerJson {

    private static final int UNKNOWN = 2;
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;
    private static final int UNUSED = 5;
    private static final int MAX_TOKENS = 1 << 22;
    private static final int MAX_MERGES = 1 << 23;

    private final GgufVocabulary vocabulary;
    private final String origin;
    private final boolean sentencePiece;

    private GgufTokenizerJson(GgufVocabulary vocabulary, String origin) {
        this.vocabulary = vocabulary;
        this.origin = origin;
        this.sentencePiece = isSentencePiece(vocabulary);
    }

    static boolean isSentencePiece(GgufVocabulary vocabulary) {
        return vocabulary.model().equals("llama");
    }

    /**
     * Writes it.
     *
     * @param origin what the messages call the file
     * @throws ModelException if the kind of vocabulary is not known or its parts do not fit together
     */
    static ObjectNode write(GgufVocabulary vocabulary, String origin) {
        return new GgufTokenizerJson(vocabulary, origin).write();
    }

    private ObjectNode write() {
        check();
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("version", "1.0");
        json.putNull("truncation").putNull("padding");
        json.set("added_tokens", addedTokens());
        PreTokenizer words = sentencePiece ? PreTokenizer.of("default") : PreTokenizer.of(vocabulary.pre());
        if (sentencePiece) {
            describeSpaces(json);
        } else {
            words.describe(json);
            json.set("decoder", PreTokenizer.byteLevel());
        }
        json.putNull("post_processor");
        json.set("model", model(!sentencePiece && words.wholeWords()));
        return json;
    }

    private void check() {
        int count = vocabulary.tokens().size();
        if (!sentencePiece && !vocabulary.model().equals("gpt2")) {
            throw broken("has a vocabulary of the kind '" + vocabulary.model()
                    + "'; supported are gpt2 (byte-level BPE) and llama (SentencePiece BPE)");
        }
        if (count == 0 || count > MAX_TOKENS) {
            throw broken("has " + count + " tokens; between 1 and " + MAX_TOKENS + " are possible");
        }
        checkSize("token types", vocabulary.types().size(), count);
        checkSize("token scores", vocabulary.scores().size(), count);
        if (sentencePiece && vocabulary.scores().isEmpty()) {
            throw broken("has a SentencePiece vocabulary without scores, which order its merges");
        }
        if (vocabulary.merges().size() > MAX_MERGES) {
            throw broken("has " + vocabulary.merges().size() + " merges, more than " + MAX_MERGES);
        }
    }

    private void checkSize(String what, int size, int tokens) {
        if (size != 0 && size != tokens) {
            throw broken("has " + size + " " + what + " for " + tokens + " tokens");
        }
    }

    private ModelException broken(String what) {
        return new ModelException("the GGUF file " + origin + " " + what);
    }

    /** What ends a turn is a control token, whatever the file says; llama.cpp corrects files that say otherwise too. */
    private int type(int id) {
        if (SequenceMarks.endsATurn(vocabulary.tokens().get(id))) {
            return CONTROL;
        }
        return vocabulary.types().isEmpty() ? 1 : vocabulary.types().get(id);
    }

    /** Both kinds keep a space in a user-defined token as a space; SentencePiece's own mark may stand in the file. */
    private String text(int id) {
        String token = vocabulary.tokens().get(id);
        return sentencePiece && type(id) == USER_DEFINED ? token.replace(SentencePieceMerges.SPACE, ' ') : token;
    }

    private ArrayNode addedTokens() {
        ArrayNode added = JsonNodeFactory.instance.arrayNode();
        for (int id = 0; id < vocabulary.tokens().size(); id++) {
            int type = type(id);
            boolean special = type == CONTROL || type == UNKNOWN;
            if ((special || type == USER_DEFINED) && !text(id).isEmpty()) {
                added.addObject()
                        .put("id", id)
                        .put("content", text(id))
                        .put("single_word", false)
                        .put("lstrip", false)
                        .put("rstrip", false)
                        .put("normalized", false)
                        .put("special", special);
            }
        }
        return added;
    }

    /** As transformers' converter of Llama tokenizers writes it ({@code convert_slow_tokenizer.py}). */
    private void describeSpaces(ObjectNode json) {
        boolean prefix = !Boolean.FALSE.equals(vocabulary.addSpacePrefix());
        String mark = String.valueOf(SentencePieceMerges.SPACE);
        ArrayNode normalizers =
                json.putObject("normalizer").put("type", "Sequence").putArray("normalizers");
        if (prefix) {
            normalizers.addObject().put("type", "Prepend").put("prepend", mark);
        }
        replace(normalizers.addObject(), " ", mark);
        json.putNull("pre_tokenizer");
        ArrayNode decoders = json.putObject("decoder").put("type", "Sequence").putArray("decoders");
        replace(decoders.addObject(), mark, " ");
        decoders.addObject().put("type", "ByteFallback");
        decoders.addObject().put("type", "Fuse");
        if (prefix) {
            decoders.addObject()
                    .put("type", "Strip")
                    .put("content", " ")
                    .put("start", 1)
                    .put("stop", 0);
        }
    }

    private static void replace(ObjectNode step, String from, String to) {
        step.put("type", "Replace").put("content", to);
        step.putObject("pattern").put("String", from);
    }

    private ObjectNode model(boolean wholeWords) {
        ObjectNode model = JsonNodeFactory.instance.objectNode().put("type", "BPE");
        model.putNull("dropout").putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
        Integer unknown = vocabulary.unknown();
        if (sentencePiece
                && unknown != null
                && unknown >= 0
                && unknown < vocabulary.tokens().size()) {
            model.put("unk_token", text(unknown));
        } else {
            model.putNull("unk_token");
        }
        model.put("fuse_unk", sentencePiece).put("byte_fallback", sentencePiece).put("ignore_merges", wholeWords);
        ObjectNode pieces = model.putObject("vocab");
        for (int id = 0; id < vocabulary.tokens().size(); id++) {
            if (type(id) != UNUSED) {
                pieces.put(text(id), id);
            }
        }
        ArrayNode merges = model.putArray("merges");
        List<String[]> pairs = sentencePiece
                ? SentencePieceMerges.of(vocabulary)
                : vocabulary.merges().stream().map(this::pair).toList();
        for (String[] pair : pairs) {
            if (!pieces.has(pair[0]) || !pieces.has(pair[1]) || !pieces.has(pair[0] + pair[1])) {
                throw broken("has the merge '" + pair[0] + " " + pair[1] + "', which is not in its vocabulary");
            }
            merges.addArray().add(pair[0]).add(pair[1]);
        }
        return model;
    }

    private String[] pair(String merge) {
        int space = merge.indexOf(' ', 1);
        if (space < 0 || space == merge.length() - 1) {
            throw broken("has the merge '" + merge + "'; a merge is two pieces with a space between");
        }
        return new String[] {merge.substring(0, space), merge.substring(space + 1)};
    }
}
