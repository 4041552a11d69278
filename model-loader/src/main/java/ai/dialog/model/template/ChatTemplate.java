package ai.dialog.model.template;

import java.util.Map;

/** A checkpoint's chat template, compiled. Thread-safe. */
public interface ChatTemplate {

    /**
     * Renders the prompt.
     *
     * @param variables what the template sees: {@code messages} (a list of maps), {@code add_generation_prompt},
     *     {@code bos_token}, {@code eos_token}, {@code tools}, …; values are String, Boolean, Long, Double, List, Map or null
     * @throws TemplateException if the template refuses the conversation ({@code raise_exception}), fails, or goes over a
     *     bound of time, depth or output
     */
    String render(Map<String, ?> variables);

    /** The template's source. */
    String source();
}
