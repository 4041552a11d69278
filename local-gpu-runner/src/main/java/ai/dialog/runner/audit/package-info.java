/**
 * The audit log in a file of this machine. Depends on the functions' audit events only.
 */
@NullMarked
package ai.dialog.runner.audit;

import org.jspecify.annotations.NullMarked;
