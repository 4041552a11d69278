@NullMarked
package ai.dialog.functions.aws.secrets;

import org.jspecify.annotations.NullMarked;
