package ai.dialog.functions.openai;

/** What {@code chat} answers with: one {@link ChatCompletion}, or {@link ChatCompletionChunk}s where a stream was asked for. */
public sealed interface ChatEvent permits ChatCompletion, ChatCompletionChunk {}
