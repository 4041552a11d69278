/**
 * Where models come from: file, https, Hugging Face, S3, pip package; into one models folder.
 */
@NullMarked
package ai.dialog.model.source;

import org.jspecify.annotations.NullMarked;
