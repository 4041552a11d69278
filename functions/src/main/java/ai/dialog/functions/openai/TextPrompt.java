package ai.dialog.functions.openai;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** One prompt of a text completion. */
public sealed interface TextPrompt {

    /** Text, tokenized as it is. */
    record Text(@JsonValue String text) implements TextPrompt {
        /** Without what was said, so that no log has it. */
        @Override
        public String toString() {
            return "Text[" + text.length() + " characters]";
        }
    }

    /** Ids of the model's vocabulary. */
    record Tokens(@JsonValue List<Integer> ids) implements TextPrompt {
        public Tokens {
            ids = List.copyOf(ids);
        }

        /** Without what was said, so that no log has it. */
        @Override
        public String toString() {
            return "Tokens[" + ids.size() + "]";
        }
    }

    /** A string, an array of strings, an array of token ids, or an array of such arrays. */
    static List<TextPrompt> readAll(JsonNode value, String path) {
        if (value.isString()) {
            return List.of(new Text(Fields.string(value, path)));
        }
        if (!value.isArray()) {
            throw InvalidRequestException.wrongType(
                    path, "a string, an array of strings, or one or more arrays of token ids", value);
        }
        if (value.isEmpty()) {
            throw InvalidRequestException.invalidValue(path, "it must not be empty.");
        }
        if (value.get(0).isNumber()) {
            return List.of(tokens(value, path));
        }
        var prompts = new ArrayList<TextPrompt>(value.size());
        for (int i = 0; i < value.size(); i++) {
            var item = value.get(i);
            String itemPath = path + "[" + i + "]";
            prompts.add(item.isArray() ? tokens(item, itemPath) : new Text(Fields.string(item, itemPath)));
        }
        return prompts;
    }

    private static Tokens tokens(JsonNode array, String path) {
        var ids = new ArrayList<Integer>(array.size());
        for (int i = 0; i < array.size(); i++) {
            ids.add(Fields.integer(array.get(i), path + "[" + i + "]"));
        }
        return new Tokens(ids);
    }
}
