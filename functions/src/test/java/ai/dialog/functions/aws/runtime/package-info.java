/** Tests of the streaming runtime, against a Runtime API and a model server of their own on loopback. */
@NullMarked
package ai.dialog.functions.aws.runtime;

import org.jspecify.annotations.NullMarked;
