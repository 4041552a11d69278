/**
 * The TorchScript archive written in Java, and the language model that runs it on DJL's PyTorch engine.
 */
@NullMarked
package ai.dialog.model.torch;

import org.jspecify.annotations.NullMarked;
