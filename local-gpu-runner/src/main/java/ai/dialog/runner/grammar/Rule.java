package ai.dialog.runner.grammar;

/**
 * A part of a grammar that can be called from several places, itself included.
 *
 * @param start the node that it begins at
 * @param end the node at which it returns to its caller; it has no edges of its own
 */
record Rule(int start, int end) {}
