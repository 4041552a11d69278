/** Tests of the cloud: each sentence about it is an assertion on the synthesized template. */
@NullMarked
package ai.dialog.cloud;

import org.jspecify.annotations.NullMarked;
