/** Tests of the settings: what is read, and what is refused with which words. */
@NullMarked
package ai.dialog.cloud.settings;

import org.jspecify.annotations.NullMarked;
