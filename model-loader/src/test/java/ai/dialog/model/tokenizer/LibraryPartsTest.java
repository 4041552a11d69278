package ai.dialog.model.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.dialog.model.ModelException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What of a tokenizer.json never reaches the library; the first two ended the process before. */
class LibraryPartsTest {

    private static void check(String json) {
        LibraryParts.check((ObjectNode) JsonMapper.shared().readTree(json.replace('\'', '"')), "a file");
    }

    private static void assertRefused(String json, String why) {
        assertThatThrownBy(() -> check(json))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("a file")
                .hasMessageContaining(why);
    }

    @Test
    void aTemplateWithATokenThatHasNoIdIsRefused() {
        String piece = "{'SpecialToken':{'id':'<s>','type_id':0}}";
        for (String special :
                new String[] {"{}", "{'<s>':{'ids':[],'tokens':[]}}", "{'<s>':{'ids':[1,2],'tokens':['<s>']}}"}) {
            String rest = "'type':'TemplateProcessing','special_tokens':" + special;
            assertRefused("{'post_processor':{'single':[" + piece + "]," + rest + "}}", "'<s>'");
            assertRefused("{'post_processor':{'pair':[" + piece + "]," + rest + "}}", "'<s>'");
            assertRefused(
                    "{'post_processor':{'type':'Sequence','processors':[{'single':[" + piece + "]," + rest + "}]}}",
                    "'<s>'");
        }
    }

    @Test
    void anUnknownTokenOutsideTheVocabularyIsRefused() {
        assertRefused("{'model':{'unk_token':'<unk>','vocab':{'a':0}}}", "'<unk>'");
    }

    @Test
    void affixesOfSubwordsAreRefusedAndEmptyOnesAreNot() {
        assertRefused("{'model':{'continuing_subword_prefix':'##'}}", "continuing_subword_prefix");
        assertRefused("{'model':{'end_of_word_suffix':'</w>'}}", "end_of_word_suffix");
        check("{'model':{'continuing_subword_prefix':'','end_of_word_suffix':null}}");
    }

    @ParameterizedTest
    @CsvSource({
        "normalizer,Precompiled",
        "pre_tokenizer,FixedLength",
        "post_processor,RobertaProcessing",
        "normalizer,''"
    })
    void otherKindsOfPartsAreRefusedByName(String part, String kind) {
        assertRefused("{'" + part + "':{'type':'" + kind + "'}}", "'" + kind + "'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'normalizer':{'type':'Replace','pattern':{'String':''},'content':'x'}}",
                "{'normalizer':{'type':'Replace','pattern':{'Regex':'a*'},'content':'x'}}",
                "{'normalizer':{'type':'Prepend','prepend':''}}",
                "{'pre_tokenizer':{'type':'Split','pattern':{'String':''}}}"
            })
    void emptyPatternsAreRefused(String json) {
        assertRefused(json, "not empty");
    }

    @Test
    void chainsAreBoundedInLengthAndDepth() {
        String one = "{'type':'NFC'}";
        assertRefused("{'normalizer':{'type':'Sequence','normalizers':[" + (one + ",").repeat(99) + one + "]}}", "64");
        String open = "{'type':'Sequence','normalizers':[";
        assertRefused("{'normalizer':" + open.repeat(9) + one + "]}".repeat(9) + "}", "deeper");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(a+)+$",
                "(a|a)*b",
                "(?:a*)*",
                "((a{2,}))+",
                "(a?b){1000,}",
                "(a|b|ab){2000}c",
                "a{1,3}+b",
                "(?i:x|y)+",
                "(x)\\1",
                "\\g<0>",
                "(?<n>a\\g<n>)",
                "(?(1)a|b)",
                ""
            })
    void expressionsThatCouldTakeForEverAreRefused(String regex) {
        assertThat(RegexCheck.refusal(regex)).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
                        + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
                "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}++|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*+",
                " ?[^(\\s|[.,!?…。，、।۔،])]+",
                "[\\p{P}\\$\\+<=>\\^~\\|]+",
                "\\p{N}{1,3}(?=(?:\\p{N}{3})*(?:\\P{N}|$))",
                "(?:\\r?\\n)?x{2,5}"
            })
    void expressionsOfPublishedTokenizersAreTaken(String regex) {
        assertThat(RegexCheck.refusal(regex)).isNull();
    }
}
