/**
 * Reading checkpoints: GGUF and safetensors, memory-mapped, every length, offset and count checked before use.
 */
@NullMarked
package ai.dialog.model.checkpoint;

import org.jspecify.annotations.NullMarked;
