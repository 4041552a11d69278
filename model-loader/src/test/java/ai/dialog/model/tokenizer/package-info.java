/** Checks of tokenizers against Hugging Face's own. */
@NullMarked
package ai.dialog.model.tokenizer;

import org.jspecify.annotations.NullMarked;
