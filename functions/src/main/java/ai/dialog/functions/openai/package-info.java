/**
 * OpenAI's wire types as records. A field is added, never renamed or given another type; depends on nothing of ours.
 */
@NullMarked
package ai.dialog.functions.openai;

import org.jspecify.annotations.NullMarked;
