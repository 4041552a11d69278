package ai.dialog.runner.scheduler;

import ai.dialog.model.template.ChatTemplate;
import ai.dialog.model.template.TemplateException;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** {@code role:content|} for each message, then {@code assistant:}; refuses the role "narrator" and knows no tools. */
final class FakeTemplate implements ChatTemplate {

    @Override
    public String render(Map<String, ?> variables) {
        var out = new StringBuilder(String.valueOf(variables.get("bos_token")));
        for (Object message : (List<?>) Objects.requireNonNull(variables.get("messages"))) {
            var fields = (Map<?, ?>) message;
            if ("narrator".equals(fields.get("role"))) {
                throw new TemplateException("line 1: no narrators here");
            }
            out.append(fields.get("role")).append(':').append(fields.get("content"));
            out.append(variables.get("eos_token"));
        }
        return Boolean.TRUE.equals(variables.get("add_generation_prompt"))
                ? out.append("assistant:").toString()
                : out.toString();
    }

    @Override
    public String source() {
        return "";
    }
}
