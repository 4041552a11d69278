/**
 * HTTP on WebFlux: hands requests to the functions' own HTTP layer, serves the page.
 */
@NullMarked
package ai.dialog.runner.http;

import org.jspecify.annotations.NullMarked;
