/**
 * From one HTTP request to one HTTP response, on any platform: routes, limits, JSON, errors, server-sent events. The runner and the Lambda entry points are thin adapters of it.
 */
@NullMarked
package ai.dialog.functions.http;

import org.jspecify.annotations.NullMarked;
