/**
 * The boundary between the functions and whatever generates text. Depends on nothing of ours, on Reactor for the stream.
 */
@NullMarked
package ai.dialog.functions.inference;

import org.jspecify.annotations.NullMarked;
