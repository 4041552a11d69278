package ai.dialog.runner.grammar;

import org.jspecify.annotations.Nullable;

/**
 * A piece of a call as it is written.
 *
 * @param index of the call in its answer, from 0
 * @param name in the first piece of a call, and null in the others
 * @param arguments a piece of JSON text, of whole characters; empty in the first one
 */
public record CallPiece(int index, @Nullable String name, String arguments) {}
