package ai.dialog.model.template;

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

    private ChatTemplates() {}

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
