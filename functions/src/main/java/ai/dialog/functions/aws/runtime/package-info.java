/**
 * A Lambda runtime of our own for the function {@code chat}, on {@code provided.al2023}: it asks the Runtime API for events and
 * posts each answer in pieces as they are made, which the managed Java runtime cannot. Over the same application and gateway as
 * the managed handlers.
 *
 * @see <a href="https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html">the Runtime API</a>
 * @see <a href="https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html">custom runtimes, with response streaming</a>
 */
@NullMarked
package ai.dialog.functions.aws.runtime;

import org.jspecify.annotations.NullMarked;
