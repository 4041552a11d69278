/**
 * Limits per key: how much a request can take at most is reserved before it runs, and what it took is settled after. Depends
 * on {@code access} for whose limits they are and on the {@code inference} boundary; knows no platform.
 */
@NullMarked
package ai.dialog.functions.limits;

import org.jspecify.annotations.NullMarked;
