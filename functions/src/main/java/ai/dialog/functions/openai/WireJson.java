package ai.dialog.functions.openai;

import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.json.JsonMapper;

/** The JSON mapper of the wire: strict and bounded when it reads, in OpenAI's order of fields when it writes. */
public final class WireJson {

    /** Deeper than any request of the API goes, and shallow enough for every stack. */
    public static final int MAX_DEPTH = 64;

    /** Digits of a number; a double needs at most 24. */
    private static final int MAX_NUMBER_LENGTH = 100;

    /** Longest name of a field; the API's own have at most 30 characters. */
    private static final int MAX_NAME_LENGTH = 1_000;

    /** JSON tokens of one body. It bounds the tree that a body of brackets grows into: about 100 bytes each. */
    private static final long MAX_TOKENS = 1_000_000;

    private WireJson() {}

    /**
     * A mapper whose limits follow from the longest body.
     *
     * @param maxBytes the longest body, in bytes
     */
    public static JsonMapper mapper(int maxBytes) {
        var factory = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(MAX_DEPTH)
                        .maxNumberLength(MAX_NUMBER_LENGTH)
                        .maxNameLength(MAX_NAME_LENGTH)
                        .maxStringLength(maxBytes)
                        .maxDocumentLength(maxBytes)
                        .maxTokenCount(MAX_TOKENS)
                        .build())
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .build();
        return JsonMapper.builder(factory)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                // of other servers' answers, what they leave out; requests are read field by field
                .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
                .build();
    }
}
