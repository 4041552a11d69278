/**
 * Makes the deployment package of the streaming chat function: a program that the build runs from its sources, and the stand-ins
 * that the packaged function is trained against, which the tests use too. No part of the product.
 */
@NullMarked
package ai.dialog.packaging;

import org.jspecify.annotations.NullMarked;
