package ai.dialog.model.template;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;

/**
 * Compiles chat templates: Jinja2 3.1's language and semantics as Hugging Face transformers sets them up, which is an
 * immutable sandbox with {@code trim_blocks}, {@code lstrip_blocks}, {@code break} and {@code continue}, a
 * {@code tojson} that escapes nothing for HTML, {@code raise_exception}, {@code strftime_now} and the
 * {@code generation} tag.
 *
 * <p>Left out are what needs other templates ({@code extends}, {@code include}, {@code import}), {@code autoescape},
 * {@code urlize}, {@code lipsum}, {@code self} and {@code super}, and {@code bytes}; using one is an error.
 */
public final class ChatTemplates {

    /** Bytes of a file; the longest published templates have 20,000. */
    private static final int LARGEST = 1 << 20;

    private ChatTemplates() {}

    /**
     * Compiles the template in a file.
     *
     * @throws TemplateException if it cannot be read or is larger than a megabyte, or is no template
     */
    public static ChatTemplate read(Path file) {
        try {
            if (Files.size(file) > LARGEST) {
                throw new TemplateException(
                        "it has %d bytes; at most %d are read".formatted(Files.size(file), LARGEST));
            }
            return compile(Files.readString(file));
        } catch (IOException e) {
            throw new TemplateException("it cannot be read as UTF-8: " + e);
        }
    }

    /**
     * Compiles a template whose {@code strftime_now} reads the system's clock.
     *
     * @throws TemplateException if it is not a template, or is over a bound of size or depth
     */
    public static ChatTemplate compile(String source) {
        return compile(source, Clock.system(ZoneId.systemDefault()));
    }

    /** The same with a clock, whose zone is the local time that {@code strftime_now} gives. */
    public static ChatTemplate compile(String source, Clock clock) {
        return compile(source, clock, Limits.DEFAULT);
    }

    static ChatTemplate compile(String source, Clock clock, Limits limits) {
        try {
            var body = Parser.parse(source, limits);
            TemplateCheck.check(body, limits);
            return new CompiledTemplate(source, body, clock, limits);
        } catch (StackOverflowError tooDeep) {
            throw Budget.tooDeep(limits);
        }
    }
}
