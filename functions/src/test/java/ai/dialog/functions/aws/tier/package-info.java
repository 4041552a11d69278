/** Tests of the containers that may be at zero. */
@NullMarked
package ai.dialog.functions.aws.tier;

import org.jspecify.annotations.NullMarked;
