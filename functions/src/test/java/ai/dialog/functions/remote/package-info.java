/** Tests of inference over HTTP, against a server of their own on loopback. */
@NullMarked
package ai.dialog.functions.remote;

import org.jspecify.annotations.NullMarked;
