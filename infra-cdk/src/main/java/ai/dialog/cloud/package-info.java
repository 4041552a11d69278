/**
 * The cloud, declared in CDK.
 */
@NullMarked
package ai.dialog.cloud;

import org.jspecify.annotations.NullMarked;
