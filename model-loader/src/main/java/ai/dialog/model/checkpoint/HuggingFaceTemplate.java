package ai.dialog.model.checkpoint;

import ai.dialog.model.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The chat template of a Hugging Face folder: {@code chat_template.jinja} where it is there, else {@code chat_template} in
 * {@code tokenizer_config.json}, a string or a list of named ones of which {@code default} is taken; transformers' order.
 */
final class HuggingFaceTemplate {

    private static final int LARGEST = 1 << 20; // bytes; the longest published ones have 20,000

    private HuggingFaceTemplate() {}

    static @Nullable String find(Path folder) {
        Path file = folder.resolve("chat_template.jinja");
        if (Files.isRegularFile(file)) {
            return text(file);
        }
        Path config = folder.resolve("tokenizer_config.json");
        if (!Files.isRegularFile(config)) {
            return null;
        }
        JsonNode template = JsonFile.readObject(config).path("chat_template");
        if (template.isString()) {
            return template.stringValue();
        }
        for (JsonNode named : template) {
            JsonNode source = named.path("template");
            if (named.path("name").isString()
                    && named.path("name").stringValue().equals("default")
                    && source.isString()) {
                return source.stringValue();
            }
        }
        return null;
    }

    private static String text(Path file) {
        try {
            if (Files.size(file) > LARGEST) {
                throw new ModelException(
                        file + " has " + Files.size(file) + " bytes; at most " + LARGEST + " are read");
            }
            return Files.readString(file);
        } catch (IOException e) {
            throw new ModelException(file + " cannot be read as UTF-8: " + e.getMessage(), e);
        }
    }
}
