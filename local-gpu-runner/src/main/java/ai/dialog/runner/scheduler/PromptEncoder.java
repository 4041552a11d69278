package ai.dialog.runner.scheduler;

import ai.dialog.functions.inference.CompletionRequest;
import ai.dialog.functions.inference.InferenceException;
import ai.dialog.functions.inference.Prompt;
import ai.dialog.model.LanguageModel;
import ai.dialog.model.ModelException;
import ai.dialog.model.tokenizer.Tokenizer;
import java.util.List;

/**
 * Turns a request's prompt into tokens and bounds what may be generated. Thread-safe; runs on the callers' threads, never
 * on the model's.
 */
final class PromptEncoder {

    private final Tokenizer tokenizer;
    private final ConversationText conversations;
    private final int vocabularySize;
    private final int contextLength;
    private final int longest;
    private final AnswerForms forms;

    /**
     * An encoder for a model.
     *
     * @param longest how many tokens of prompt and completion the memory for keys and values holds; at most the context
     */
    PromptEncoder(LanguageModel model, int contextLength, int longest) {
        this.tokenizer = model.tokenizer();
        this.vocabularySize = model.info().vocabularySize();
        this.contextLength = contextLength;
        this.longest = longest;
        this.conversations = new ConversationText(model::chatTemplate, tokenizer);
        this.forms = new AnswerForms(tokenizer, vocabularySize, conversations);
    }

    /**
     * Encodes a request's prompt. A request for more tokens than the context leaves is trimmed to what it leaves, as
     * llama.cpp's server does (OpenAI and vLLM refuse it): a client that always asks for the most it can use need not
     * know the prompt's length.
     *
     * @throws InferenceException if the prompt cannot be used, or leaves no room for a token
     */
    EncodedPrompt encode(CompletionRequest request) {
        checkBias(request);
        return switch (request.prompt()) {
            case Prompt.Conversation conversation -> {
                String text = conversations.render(request, conversation);
                // As transformers' apply_chat_template: the template writes the special tokens itself.
                yield bounded(request, "messages", tokenize(text, false, "messages"), text);
            }
            case Prompt.Text text -> bounded(request, "prompt", tokenize(text.text(), true, "prompt"), text.text());
            case Prompt.Tokens tokens -> {
                int[] ids = checked(tokens.ids());
                yield bounded(request, "prompt", ids, tokenizer.decode(ids));
            }
        };
    }

    private int[] tokenize(String text, boolean addSpecial, String param) {
        try {
            return tokenizer.encode(text, addSpecial);
        } catch (ModelException e) {
            // Too long to be tokenized at once, and so far beyond any context: its message gives the lengths.
            throw new InferenceException(
                    InferenceException.Kind.CONTEXT_LENGTH_EXCEEDED,
                    "This model's maximum context length is %d tokens. However, %s."
                            .formatted(contextLength, e.getMessage()),
                    param,
                    null,
                    e);
        }
    }

    private EncodedPrompt bounded(CompletionRequest request, String param, int[] encoded, String text) {
        int[] tokens = encoded.length == 0 ? justTheBeginning(param) : encoded;
        Integer wanted = request.maxTokens();
        // A prompt that fills the context can still be scored (echo with max_tokens 0).
        boolean generates = wanted == null || wanted > 0;
        int room = contextLength - tokens.length;
        if (room < 0 || (room == 0 && generates)) {
            throw new InferenceException(
                    InferenceException.Kind.CONTEXT_LENGTH_EXCEEDED,
                    "This model's maximum context length is %d tokens. However, your %s resulted in %d tokens%s. Please reduce the length of the %s."
                            .formatted(
                                    contextLength,
                                    param,
                                    tokens.length,
                                    room == 0 ? ", which leaves none for the completion" : "",
                                    param),
                    param,
                    null,
                    null);
        }
        int inMemory = longest - tokens.length;
        int granted = wanted == null ? Math.min(room, Math.max(1, inMemory)) : Math.min(wanted, room);
        if (granted > inMemory) {
            throw doesNotFit(tokens.length, granted, inMemory, param);
        }
        return new EncodedPrompt(tokens, text, granted, forms.of(request));
    }

    /** A request that could never start must not wait for it. */
    private InferenceException doesNotFit(int prompt, int granted, int inMemory, String param) {
        boolean shorter = inMemory > 0;
        return new InferenceException(
                InferenceException.Kind.CONTEXT_LENGTH_EXCEEDED,
                "This server's memory holds conversations of at most %d tokens. However, your %s resulted in %d tokens, and max_tokens adds %d. Please %s."
                        .formatted(
                                longest,
                                param,
                                prompt,
                                granted,
                                shorter
                                        ? "ask for at most " + inMemory + " tokens"
                                        : "reduce the length of the " + param),
                shorter ? "max_tokens" : param,
                null,
                null);
    }

    private int[] justTheBeginning(String param) {
        Integer beginning = tokenizer.beginningOfSequence();
        if (beginning == null) {
            throw invalid("The prompt is empty: give at least one token.", param);
        }
        return new int[] {beginning};
    }

    private void checkBias(CompletionRequest request) {
        for (int id : request.sampling().logitBias().keySet()) {
            if (isUnknown(id)) {
                throw invalid(
                        "logit_bias names token %d, but the vocabulary's ids are 0 to %d."
                                .formatted(id, vocabularySize - 1),
                        "logit_bias");
            }
        }
    }

    private int[] checked(List<Integer> ids) {
        for (int i = 0; i < ids.size(); i++) {
            if (isUnknown(ids.get(i))) {
                throw invalid(
                        "Token %d at position %d of the prompt is not in the vocabulary, whose ids are 0 to %d."
                                .formatted(ids.get(i), i, vocabularySize - 1),
                        "prompt");
            }
        }
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }

    private boolean isUnknown(int id) {
        return id < 0 || id >= vocabularySize;
    }

    private static InferenceException invalid(String message, String param) {
        return new InferenceException(InferenceException.Kind.INVALID_REQUEST, message, param, null, null);
    }
}
