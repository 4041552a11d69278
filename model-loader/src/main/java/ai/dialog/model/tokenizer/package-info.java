/**
 * Text to token ids and back, as Hugging Face's tokenizers do it.
 */
@NullMarked
package ai.dialog.model.tokenizer;

import org.jspecify.annotations.NullMarked;
