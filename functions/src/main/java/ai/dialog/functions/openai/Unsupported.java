package ai.dialog.functions.openai;

import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Fields that other servers know, that would change the answer, and that this service cannot do. To ignore one would give
 * a wrong answer silently, so each is refused by name, unless its value asks for what happens anyway.
 */
final class Unsupported {

    private static final String TEXT_ONLY = "Remove it: the model answers in text only.";
    private static final String NO_GRAMMAR = "Use 'response_format' on /v1/chat/completions.";
    private static final String REMOVE = "Remove it.";

    /** A field, the values (as JSON text) that change nothing, and what to do about any other. */
    private record Field(Set<String> harmless, String instead) {}

    private static final Map<String, Field> EVERYWHERE = Map.ofEntries(
            field("guided_json", NO_GRAMMAR),
            field("guided_regex", NO_GRAMMAR),
            field("guided_choice", NO_GRAMMAR),
            field("guided_grammar", NO_GRAMMAR),
            field("structured_outputs", NO_GRAMMAR),
            field("grammar", NO_GRAMMAR),
            field("json_schema", NO_GRAMMAR),
            field("use_beam_search", REMOVE, "false"),
            field("length_penalty", REMOVE, "1"),
            field("typical_p", REMOVE, "1"),
            field("mirostat", REMOVE, "0"),
            field("stop_token_ids", "Use 'stop' with strings.", "[]"),
            field("bad_words", "Use 'logit_bias'.", "[]"),
            field("allowed_token_ids", "Use 'logit_bias'."),
            field("include_stop_str_in_output", REMOVE, "false"),
            field("skip_special_tokens", REMOVE, "true"),
            field("truncate_prompt_tokens", "Send a shorter prompt."),
            field("prompt_logprobs", "Use 'echo' with 'logprobs' on /v1/completions.", "0"),
            field("add_special_tokens", REMOVE));

    private static final Map<String, Field> CHAT = Map.ofEntries(
            field("functions", "It is an older form: use 'tools'.", "[]"),
            field("function_call", "It is an older form: use 'tool_choice' with 'tools'.", "\"none\""),
            field("modalities", "Only [\"text\"] is.", "[\"text\"]"),
            field("audio", TEXT_ONLY),
            field("prediction", REMOVE),
            field("web_search_options", TEXT_ONLY),
            field("reasoning_effort", REMOVE, "\"none\""),
            field("verbosity", REMOVE, "\"medium\""),
            field("moderation", REMOVE),
            field("store", "Nothing is stored.", "false"),
            field("best_of", "Use 'n'.", "1"),
            field("echo", "Use /v1/completions.", "false"),
            field("chat_template", "The model's own template is used."),
            field("chat_template_kwargs", "The model's own template is used.", "{}"),
            field("add_generation_prompt", REMOVE, "true"),
            field("continue_final_message", REMOVE, "false"),
            field("documents", "Put them into a message."));

    private static final Map<String, Field> TEXT = Map.ofEntries(
            field("suffix", "Put all of the text into 'prompt'.", "\"\""),
            field("response_format", "Use /v1/chat/completions.", "{\"type\":\"text\"}"));

    private Unsupported() {}

    static void refuseInChat(Fields fields) {
        refuse(fields, EVERYWHERE);
        refuse(fields, CHAT);
    }

    static void refuseInText(Fields fields) {
        refuse(fields, EVERYWHERE);
        refuse(fields, TEXT);
    }

    private static void refuse(Fields fields, Map<String, Field> known) {
        known.forEach((name, field) -> {
            JsonNode value = fields.value(name);
            if (value != null && !field.harmless().contains(text(value))) {
                throw InvalidRequestException.unsupported(fields.path(name), field.instead());
            }
        });
    }

    /** As JSON, a whole number without a decimal point. */
    private static String text(JsonNode value) {
        boolean whole = value.isNumber() && value.canConvertToExactIntegral() && value.canConvertToLong();
        return whole ? Long.toString(value.longValue()) : value.toString();
    }

    private static Map.Entry<String, Field> field(String name, String instead, String... harmless) {
        return Map.entry(name, new Field(Set.of(harmless), instead));
    }
}
