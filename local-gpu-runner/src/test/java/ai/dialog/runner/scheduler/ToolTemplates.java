package ai.dialog.runner.scheduler;

import ai.dialog.model.template.ChatTemplate;
import ai.dialog.model.template.ChatTemplates;

/** Small chat templates that write calls as those of well-known models do; an answer begins behind {@code assistant:}. */
final class ToolTemplates {

    /** As Hermes' and Qwen's. */
    static final ChatTemplate TAGS = template(
            "{% for call in message.tool_calls %}{{ '\n<tool_call>\n' }}{\"name\": \"{{ call.function.name }}\", \"arguments\":"
                    + " {{ call.function.arguments | tojson }}}{{ '\n</tool_call>' }}{% endfor %}");

    /** The same with a tag that is not ASCII, in the manner of DeepSeek's. */
    static final ChatTemplate WIDE = template(
            "{% for call in message.tool_calls %}{{ '\n<\uff5ctool\u2581call\uff5c>\n' }}{\"name\": \"{{ call.function.name }}\", \"arguments\":"
                    + " {{ call.function.arguments | tojson }}}{{ '\n</tool_call>' }}{% endfor %}");

    /** As Mistral's: one list, behind a special token, with ids of nine characters. */
    static final ChatTemplate LIST = template(
            "[TOOL_CALLS][{% for call in message.tool_calls %}{% if call.id | length != 9 %}{{ raise_exception('nine!') }}{% endif %}"
                    + "{{ (call.function | tojson)[:-1] }}, \"id\": \"{{ call.id }}\"}{{ '' if loop.last else ', ' }}{% endfor %}]");

    /** As Llama's: one call, and nothing else. */
    static final ChatTemplate BARE = template(
            "{% if message.tool_calls | length > 1 %}{{ raise_exception('one!') }}{% endif %}{% set call = message.tool_calls[0].function %}"
                    + "{\"name\": \"{{ call.name }}\", \"parameters\": {{ call.arguments | tojson }}}");

    private ToolTemplates() {}

    private static ChatTemplate template(String calls) {
        return ChatTemplates.compile(
                "{% if tools %}{% for tool in tools %}{{ tool | tojson }}{% endfor %}|{% endif %}{% for message in messages %}"
                        + "{{ message.role }}:{{ message.content }}{% if message.tool_calls %}" + calls
                        + "{% endif %}{% if message.tool_call_id %}({{ message.name }} {{ message.tool_call_id }}){% endif %}{{ eos_token }}"
                        + "{% endfor %}{% if add_generation_prompt %}assistant:{% endif %}");
    }
}
