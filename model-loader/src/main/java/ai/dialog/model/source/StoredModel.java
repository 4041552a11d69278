package ai.dialog.model.source;

import java.nio.file.Path;

/**
 * A model in the models folder, whole.
 *
 * @param name short name, without the file's ending
 * @param reference where it came from, as {@link ModelReference#shown}
 * @param path the file, or the folder with its files
 * @param bytes size of all its files
 */
public record StoredModel(String name, String reference, Path path, long bytes) {}
