/**
 * From a checkpoint to next-token scores. This package holds the contracts; each subpackage one step of the way.
 */
@NullMarked
package ai.dialog.model;

import org.jspecify.annotations.NullMarked;
