/**
 * The functions (chat, completions, token, models, health) as plain Spring Cloud Function beans. They know the {@code inference} boundary, the wire types and access, and no platform.
 */
@NullMarked
package ai.dialog.functions;

import org.jspecify.annotations.NullMarked;
