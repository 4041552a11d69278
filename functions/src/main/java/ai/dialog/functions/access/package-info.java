/**
 * Who calls and what they may do: API keys, JSON Web Tokens, CIDRs. Knows no platform.
 */
@NullMarked
package ai.dialog.functions.access;

import org.jspecify.annotations.NullMarked;
