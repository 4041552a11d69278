package ai.dialog.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.dialog.model.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsReaderTest {

    private static final Path TIED = Fixtures.FOLDER.resolve("llama-tied-f32");
    private static final Path SHARDED = Fixtures.FOLDER.resolve("llama-llama3-f16-sharded");

    @TempDir
    Path folder;

    private void copy(Path source) throws IOException {
        try (Stream<Path> files = Files.list(source)) {
            for (Path file : files.toList()) {
                Files.copy(file, folder.resolve(file.getFileName().toString()));
            }
        }
    }

    /** Replaces a piece of a text file, which must be there. */
    private void edit(String file, String old, String replacement) throws IOException {
        String text = Files.readString(folder.resolve(file));
        assertThat(text).contains(old);
        Files.writeString(folder.resolve(file), text.replace(old, replacement));
    }

    private void refused(String... said) {
        assertThatThrownBy(() -> Checkpoints.open(folder).close())
                .isInstanceOf(ModelException.class)
                .hasMessageContainingAll(said);
    }

    @Test
    void oneFileWithItsConfigurationBesideItOpens() {
        try (Checkpoint checkpoint = Checkpoints.open(TIED.resolve("model.safetensors"))) {
            assertThat(checkpoint.name()).isEqualTo("model");
            assertThat(checkpoint.vocabulary()).isNull();
            assertThat(checkpoint.chatTemplate()).startsWith("{% for message in messages %}");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama-tied-f32", "qwen2-bf16", "llama-llama3-f16-sharded"})
    void theTemplateIsFoundAsAStringInAListAndInAFileOfItsOwn(String name) {
        try (Checkpoint checkpoint = Checkpoints.open(Fixtures.FOLDER.resolve(name))) {
            assertThat(checkpoint.chatTemplate())
                    .startsWith("{% for message in messages %}")
                    .endsWith("{% endif %}");
        }
    }

    @Test
    void aFolderWithoutTemplateHasNone() {
        try (Checkpoint checkpoint = Checkpoints.open(Fixtures.FOLDER.resolve("llama-bias-bf16"))) {
            assertThat(checkpoint.chatTemplate()).isNull();
        }
    }

    @Test
    void anAbsentConfigurationOrShardIsNamed() throws IOException {
        copy(SHARDED);
        Files.delete(folder.resolve("model-00002-of-00003.safetensors"));
        refused("Model not found: looked at " + folder.resolve("model-00002-of-00003.safetensors"));
        Files.delete(folder.resolve("config.json"));
        Files.copy(
                SHARDED.resolve("model-00002-of-00003.safetensors"),
                folder.resolve("model-00002-of-00003.safetensors"));
        refused("Model not found: looked at " + folder.resolve("config.json"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../model.safetensors",
                "/etc/passwd",
                "..",
                "a/b.safetensors",
                "..\\\\x.safetensors",
                ".safetensors",
                "",
                "model.bin",
                "-x.safetensors",
                "a\\u0000.safetensors"
            })
    void aShardOutsideTheFolderIsRefused(String name) throws IOException {
        copy(SHARDED);
        edit("model.safetensors.index.json", "model-00002-of-00003.safetensors", name);
        refused("model.safetensors.index.json names the file", "in the same folder");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{}", "{\"weight_map\":{}}", "{\"weight_map\":[]}", "[]", "{\"weight_map\":{\"a\":1}}", "{"})
    void aBrokenIndexIsRefused(String index) throws IOException {
        copy(SHARDED);
        Files.writeString(folder.resolve("model.safetensors.index.json"), index);
        refused("model.safetensors.index.json");
    }

    @Test
    void aTensorInTwoShardsIsRefused() throws IOException {
        copy(SHARDED);
        Path second = folder.resolve("model-00002-of-00003.safetensors");
        Files.delete(second);
        Files.copy(folder.resolve("model-00001-of-00003.safetensors"), second);
        refused("lies in two files");
    }

    @Test
    void aHeadThatIsStoredThoughTiedIsLeftOut() throws IOException {
        copy(Fixtures.FOLDER.resolve("llama-untied-bf16"));
        edit("config.json", "\"tie_word_embeddings\": false", "\"tie_word_embeddings\": true");
        try (Checkpoint checkpoint = Checkpoints.open(folder)) {
            assertThat(checkpoint.tensorNames()).doesNotContain(TensorNames.OUTPUT);
        }
        Files.copy(TIED.resolve("model.safetensors"), folder.resolve("tied.safetensors"));
        edit("config.json", "\"tie_word_embeddings\": true", "\"tie_word_embeddings\": false");
        assertThatThrownBy(() -> Checkpoints.open(folder.resolve("tied.safetensors")))
                .hasMessageContaining("lacks the tensor output.weight");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"model_type\": \"llama\" | \"model_type\": \"mixtral\" | architecture 'mixtral' is not supported; supported: llama, mistral, qwen2, qwen3, gemma3_text",
                "\"model_type\": \"llama\" | \"model_type\": \"mistral\" | architecture 'LlamaForCausalLM' is not that of model_type mistral; it must be MistralForCausalLM",
                "\"model_type\": \"llama\" | \"model_type\": \"llama\\u001b\" | architecture 'llama?' is not supported",
                "\"model_type\": \"llama\" | \"model_type\": 5 | has no model_type",
                "LlamaForCausalLM | LlamaForSequenceClassification | 'LlamaForSequenceClassification' is not that of model_type llama",
                "\"mlp_bias\": false | \"mlp_bias\": true | mlp_bias is not supported",
                "\"mlp_bias\": false | \"mlp_bias\": 1 | mlp_bias must be true or false",
                "\"mlp_bias\": false | \"quantization_config\": {} | quantization_config is not supported",
                "\"mlp_bias\": false | \"use_sliding_window\": true | use_sliding_window is not supported",
                "\"mlp_bias\": false | \"partial_rotary_factor\": 0.5 | partial_rotary_factor is not supported",
                "\"silu\" | \"gelu\" | hidden_act 'gelu' is not supported",
                "\"rope_scaling\": null | \"rope_scaling\": {\"rope_type\": \"dynamic\", \"factor\": 2} | rope scaling 'dynamic' is not supported; supported: default, linear, llama3, yarn",
                "\"rope_scaling\": null | \"rope_scaling\": {\"type\": \"longrope\"} | rope scaling 'longrope' is not supported",
                "\"rope_scaling\": null | \"rope_scaling\": {\"type\": 7} | type must be a string",
                "\"rope_scaling\": null | \"rope_scaling\": {\"type\": \"linear\"} | factor of the rope scaling must be a positive number",
                "\"rope_scaling\": null | \"rope_scaling\": {\"type\": \"linear\", \"factor\": -2} | factor of the rope scaling must be a positive number",
                "\"rope_scaling\": null | \"rope_scaling\": {\"type\": \"linear\", \"factor\": 1e999} | factor must be a finite number",
                "\"rope_theta\": 10000.0 | \"rope_theta\": 1 | rope_theta is 1.0; it must be above 1",
                "\"hidden_size\": 32 | \"hidden_size\": -32 | hidden_size must be a whole number from 1",
                "\"hidden_size\": 32 | \"hidden_size\": 32.5 | hidden_size must be a whole number from 1",
                "\"hidden_size\": 32 | \"hidden_size\": 99999999999 | hidden_size must be a whole number from 1",
                "\"head_dim\": 16 | \"num_attention_heads\": 64 | config.json: 64 heads cannot share a hidden size of 32",
                "\"hidden_size\": 32 | \"hidden_size\": null | has no hidden_size",
                "\"num_key_value_heads\": 2 | \"num_key_value_heads\": 3 | the 4 heads cannot share 3 key/value heads evenly",
                "\"num_key_value_heads\": 2 | \"num_key_value_heads\": 8 | the number of key/value heads is 8",
                "\"head_dim\": 16 | \"head_dim\": 15 | the head size is 15; rotary embedding needs an even one",
                "\"head_dim\": 16 | \"head_dim\": 8 | where [32, 32] is needed",
                "\"num_hidden_layers\": 2 | \"num_hidden_layers\": 1 | that architecture llama does not know",
                "\"num_hidden_layers\": 2 | \"num_hidden_layers\": 3 | lacks the tensor blk.2.",
                "\"vocab_size\": 288 | \"vocab_size\": 289 | token_embd.weight has the shape [288, 32] where [289, 32] is needed",
                "\"rms_norm_eps\": 1e-05 | \"rms_norm_eps\": \"small\" | rms_norm_eps must be a finite number"
            })
    void whatAConfigurationAsksForAndCannotHaveIsNamed(String old, String replacement, String said) throws IOException {
        copy(TIED);
        edit("config.json", old, replacement);
        refused(said);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"gemma3_text\" | \"gemma3\" | architecture 'gemma3' is not supported",
                "Gemma3ForCausalLM | Gemma3ForConditionalGeneration | 'Gemma3ForConditionalGeneration' is not that of",
                "gelu_pytorch_tanh | silu | hidden_activation 'silu' is not supported; only gelu_pytorch_tanh is",
                "\"final_logit_softcapping\": null | \"final_logit_softcapping\": 30.0 | final_logit_softcapping is not supported",
                "\"attn_logit_softcapping\": null | \"attn_logit_softcapping\": 50.0 | attn_logit_softcapping is not supported",
                "\"use_bidirectional_attention\": false | \"use_bidirectional_attention\": true | use_bidirectional_attention is not supported",
                "\"sliding_window\": 5 | \"sliding_window\": 0 | sliding_window must be a whole number from 1",
                "\"sliding_window\": 5 | \"sliding_window\": -5 | sliding_window must be a whole number from 1",
                "\"sliding_window\": 5 | \"sliding_window\": 134217729 | sliding_window must be a whole number from 1",
                "\"sliding_window\": 5 | \"sliding_window\": 5.5 | sliding_window must be a whole number from 1",
                "\"sliding_window\": 5 | \"sliding_window\": null | sliding_window is null though",
                "\"full_attention\", | \"chunked_attention\", | a layer of the kind 'chunked_attention' is not supported",
                "\"full_attention\", | | layer_types names 2 layers, and there are 3",
                "\"query_pre_attn_scalar\": 24 | \"query_pre_attn_scalar\": 0 | query_pre_attn_scalar is 0.0; it must be positive",
                "\"rope_local_base_freq\": 10000.0 | \"rope_local_base_freq\": -1 | rope_theta is -1.0; it must be above 1",
                "\"rope_scaling\": null | \"rope_scaling\": {\"type\": \"yarn\", \"factor\": 4} | an attention factor beside layers with frequencies of their own",
                "\"head_dim\": 16 | \"head_dim\": 2147483647 | head_dim must be a whole number from 1 to 4096",
                "\"head_dim\": 16 | \"head_dim\": null | where [1024, 32] is needed"
            })
    void whatAGemmaAsksForAndCannotHaveIsNamed(String old, String replacement, String said) throws IOException {
        copy(Fixtures.FOLDER.resolve("gemma3-bf16"));
        edit("config.json", old, replacement == null ? "" : replacement);
        refused(said);
    }

    @Test
    void bothFormsOfAGemmasConfigurationMeanTheSame() throws IOException {
        copy(Fixtures.FOLDER.resolve("gemma3-bf16"));
        ModelConfig older;
        try (Checkpoint checkpoint = Checkpoints.open(folder)) {
            older = checkpoint.config();
        }
        edit(
                "config.json",
                "\"rope_scaling\": null",
                "\"rope_parameters\": {\"full_attention\": {\"rope_type\": \"default\", \"rope_theta\": 1000000.0},"
                        + "\"sliding_attention\": {\"rope_type\": \"default\", \"rope_theta\": 10000.0}}");
        edit("config.json", "\"rope_theta\": 1000000.0,\n", "");
        edit("config.json", "\"rope_local_base_freq\"", "\"another_field\"");
        edit("config.json", "\"layer_types\"", "\"sliding_window_pattern\": 2, \"other_types\"");
        try (Checkpoint checkpoint = Checkpoints.open(folder)) {
            assertThat(checkpoint.config()).isEqualTo(older);
        }
    }

    @Test
    void aMistralWithoutTheFieldHasTransformersOwnWindow() throws IOException {
        copy(Fixtures.FOLDER.resolve("mistral-window-bf16"));
        edit("config.json", "\"sliding_window\": 6", "\"sliding_window\": null");
        try (Checkpoint checkpoint = Checkpoints.open(folder)) {
            assertThat(checkpoint.config().traits().local()).isNull();
        }
        edit("config.json", "\"sliding_window\"", "\"another_field\"");
        try (Checkpoint checkpoint = Checkpoints.open(folder)) {
            assertThat(checkpoint.config().traits().local())
                    .isNotNull()
                    .extracting(ModelTraits.LocalAttention::window)
                    .isEqualTo(4_096);
        }
    }

    @Test
    void aQwen3WhoseLayersSeeAWindowIsRefused() throws IOException {
        copy(Fixtures.FOLDER.resolve("qwen3-bf16"));
        edit("config.json", "\"layer_types\": [\n  \"full_attention\"", "\"layer_types\": [\n  \"sliding_attention\"");
        refused("sliding_attention is not supported");
    }

    @Test
    void bothFormsOfRotaryParametersMeanTheSame() throws IOException {
        copy(Fixtures.FOLDER.resolve("llama-yarn-bf16"));
        List<Double> newer;
        try (Checkpoint checkpoint = Checkpoints.open(folder)) {
            newer = checkpoint.config().inverseFrequencies();
        }
        edit("config.json", "\"rope_parameters\": {", "\"rope_theta\": 10000.0, \"rope_scaling\": {");
        try (Checkpoint checkpoint = Checkpoints.open(folder)) {
            assertThat(checkpoint.config().inverseFrequencies()).isEqualTo(newer);
            assertThat(checkpoint.config().attentionFactor()).isGreaterThan(1);
        }
    }

    @Test
    void aConfigurationThatIsNoJsonOrTooDeepIsRefused() throws IOException {
        copy(TIED);
        Files.writeString(folder.resolve("config.json"), "{\"a\":" + "[".repeat(100_000));
        refused("config.json", "not valid JSON");
        Files.writeString(folder.resolve("config.json"), "\"text\"");
        refused("config.json is not a JSON object");
        Files.write(folder.resolve("config.json"), new byte[JsonFile.LARGEST + 1]);
        refused("config.json has 16777217 bytes");
    }
}
