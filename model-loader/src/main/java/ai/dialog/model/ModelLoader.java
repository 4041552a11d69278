package ai.dialog.model;

import ai.dialog.model.checkpoint.Checkpoint;
import ai.dialog.model.checkpoint.Checkpoints;
import ai.dialog.model.template.ChatTemplate;
import ai.dialog.model.template.ChatTemplates;
import ai.dialog.model.template.TemplateException;
import ai.dialog.model.tokenizer.Tokenizer;
import ai.dialog.model.tokenizer.Tokenizers;
import ai.dialog.model.torch.TorchLoader;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** From a checkpoint on the disk to a language model that is ready to answer. */
public final class ModelLoader {
    private ModelLoader() {}

    /**
     * Loads a model: opens the checkpoint, converts it where the cache folder has no archive of it yet, and loads that.
     * The first load of a process starts PyTorch, the first of a machine unpacks it.
     *
     * @param checkpoint a {@code .gguf} or {@code .safetensors} file, or a folder with one
     * @return to be closed by the caller
     * @throws ModelException if it cannot be loaded; the message says what was wrong, where, and what to do
     */
    public static LanguageModel load(Path checkpoint, LoadOptions options, Progress progress) {
        return load(checkpoint, null, options, progress);
    }

    /**
     * The same with a chat template of one's own.
     *
     * @param chatTemplate a file with it; null for the checkpoint's
     */
    public static LanguageModel load(
            Path checkpoint, @Nullable Path chatTemplate, LoadOptions options, Progress progress) {
        try (Checkpoint opened = Checkpoints.open(checkpoint)) {
            ChatTemplate template = chatTemplate == null ? template(opened) : template(chatTemplate);
            Tokenizer tokenizer = Tokenizers.of(opened);
            try {
                return TorchLoader.load(opened, tokenizer, template, options, progress);
            } catch (RuntimeException | Error e) {
                tokenizer.close();
                throw e;
            }
        }
    }

    private static ChatTemplate template(Path file) {
        try {
            return ChatTemplates.read(file);
        } catch (TemplateException e) {
            throw new ModelException("the chat template " + file + " cannot be used: " + e.getMessage(), e);
        }
    }

    private static ChatTemplate template(Checkpoint checkpoint) {
        String source = checkpoint.chatTemplate();
        if (source == null) {
            return new MissingTemplate(checkpoint.name());
        }
        try {
            return ChatTemplates.compile(source);
        } catch (TemplateException e) {
            throw new ModelException(
                    "the chat template of " + checkpoint.path() + " cannot be compiled: " + e.getMessage(), e);
        }
    }

    /** A checkpoint without a template is a base model: guessing one would give poor answers without a sign of it. */
    private record MissingTemplate(String model) implements ChatTemplate {
        @Override
        public String render(Map<String, ?> variables) {
            throw new TemplateException("model " + model + " has no chat template, so it takes no messages;"
                    + " use /v1/completions with a prompt, or a checkpoint that was made for chat");
        }

        @Override
        public String source() {
            return "";
        }
    }
}
