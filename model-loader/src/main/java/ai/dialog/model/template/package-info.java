/**
 * Chat templates: Jinja2's semantics as transformers sets them up, sandboxed and bounded. Depends on nothing of ours.
 */
@NullMarked
package ai.dialog.model.template;

import org.jspecify.annotations.NullMarked;
