package ai.dialog.model;

/**
 * What a loaded model is.
 *
 * @param id short name, from the file or the repository
 * @param architecture the checkpoint's own name for it, such as {@code llama}
 * @param format {@code gguf} or {@code safetensors}
 * @param sha256 of the checkpoint, lower-case hex
 * @param parameters how many weights
 * @param layers how many blocks
 * @param contextLength tokens the checkpoint was made for
 * @param vocabularySize how many token ids
 * @param precision what it computes in
 * @param device {@code cpu} or {@code cuda:0}
 */
public record ModelInfo(
        String id,
        String architecture,
        String format,
        String sha256,
        long parameters,
        int layers,
        int contextLength,
        int vocabularySize,
        Precision precision,
        String device) {}
