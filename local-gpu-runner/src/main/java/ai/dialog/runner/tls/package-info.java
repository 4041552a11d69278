/**
 * The service's own TLS: its certificate, given or self-made, and how a renewed one comes into use. Depends on nothing of ours.
 */
@NullMarked
package ai.dialog.runner.tls;

import org.jspecify.annotations.NullMarked;
