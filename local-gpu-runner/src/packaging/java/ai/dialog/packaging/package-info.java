/** Makes the Java runtime of the container's image: a program that the build runs from its source. No part of the product. */
@NullMarked
package ai.dialog.packaging;

import org.jspecify.annotations.NullMarked;
