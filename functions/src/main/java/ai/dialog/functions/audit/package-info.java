/**
 * Who asked what of the service, and what became of it: one line for each request, without secrets and, unless asked, without
 * prompts. Knows callers and inference, and no front: a front begins an entry, everything on the request's way adds to it, the
 * front ends it.
 */
@NullMarked
package ai.dialog.functions.audit;

import org.jspecify.annotations.NullMarked;
