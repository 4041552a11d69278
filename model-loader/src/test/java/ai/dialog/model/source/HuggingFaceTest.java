package ai.dialog.model.source;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.temporaryRedirect;
import static com.github.tomakehurst.wiremock.client.WireMock.unauthorized;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.dialog.model.ModelException;
import ai.dialog.model.Progress;
import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Hugging Face Hub, as far as it is spoken to. */
class HuggingFaceTest {

    private static final String COMMIT = "c".repeat(40);
    private static final String TOKEN = "hf_secret";

    @TempDir
    Path folder;

    private final WireMockServer hub = server();
    private final WireMockServer storage = server();
    private ModelStore store;

    private static WireMockServer server() {
        return new WireMockServer(
                WireMockConfiguration.options().bindAddress("127.0.0.1").dynamicPort());
    }

    @BeforeEach
    void start() {
        hub.start();
        storage.start();
        store = new ModelStore(folder, Sources.settings(hub.baseUrl(), TOKEN, null, List.of(), Duration.ofSeconds(10)));
    }

    @AfterEach
    void stop() {
        hub.stop();
        storage.stop();
    }

    private void repository(String name, String... siblings) {
        hub.stubFor(get(urlPathEqualTo("/api/models/" + name + "/revision/main"))
                .willReturn(okJson("{\"sha\":\"" + COMMIT + "\",\"siblings\":[" + String.join(",", siblings) + "]}")));
    }

    private static String small(String name, String content) {
        return "{\"rfilename\":\"" + name + "\",\"size\":" + content.length() + "}";
    }

    private static String large(String name, String content, String sha256) {
        return "{\"rfilename\":\"" + name + "\",\"size\":130,\"lfs\":{\"sha256\":\"" + sha256 + "\",\"size\":"
                + content.length() + "}}";
    }

    private static String sha256(String content) {
        return Sources.sha256(content.getBytes(StandardCharsets.UTF_8));
    }

    private void file(String repository, String path, String content) {
        hub.stubFor(get("/" + repository + "/resolve/" + COMMIT + "/" + path).willReturn(ok(content)));
    }

    private Path fetch(String reference) {
        return store.fetch(ModelReference.parse(reference), Progress.SILENT);
    }

    @Test
    void safetensorsComeWithAllThatBelongsToThemAndNothingElse() throws IOException {
        repository(
                "org/name",
                small("config.json", "{}"),
                small("tokenizer.json", "{\"a\":1}"),
                small("chat_template.jinja", "x"),
                small("README.md", "read"),
                large("model.safetensors", "weights", sha256("weights")),
                large("onnx/model.safetensors", "other", sha256("other")),
                large("pytorch_model.bin", "pickle", sha256("pickle")));
        file("org/name", "config.json", "{}");
        file("org/name", "tokenizer.json", "{\"a\":1}");
        file("org/name", "chat_template.jinja", "x");
        hub.stubFor(get("/org/name/resolve/" + COMMIT + "/model.safetensors")
                .willReturn(temporaryRedirect(storage.baseUrl() + "/blob?signature=s")));
        storage.stubFor(get(urlPathEqualTo("/blob")).willReturn(ok("weights")));
        Path model = fetch("hf:org/name");
        assertThat(model.resolve("model.safetensors")).hasContent("weights");
        assertThat(Sources.tree(model))
                .containsExactly(
                        ".commit",
                        ".model.json",
                        "chat_template.jinja",
                        "config.json",
                        "model.safetensors",
                        "tokenizer.json");
        assertThat(store.find("name").orElseThrow().path()).isEqualTo(model);
        hub.verify(getRequestedFor(urlPathEqualTo("/org/name/resolve/" + COMMIT + "/model.safetensors"))
                .withHeader("Authorization", equalTo("Bearer " + TOKEN)));
        storage.verify(getRequestedFor(urlPathEqualTo("/blob")).withoutHeader("Authorization"));
    }

    @Test
    void shardsComeWithTheirIndex() throws IOException {
        repository(
                "org/big",
                small("config.json", "{}"),
                small("model.safetensors.index.json", "{\"i\":1}"),
                large("model-00001-of-00002.safetensors", "one", sha256("one")),
                large("model-00002-of-00002.safetensors", "two", sha256("two")));
        file("org/big", "config.json", "{}");
        file("org/big", "model.safetensors.index.json", "{\"i\":1}");
        file("org/big", "model-00001-of-00002.safetensors", "one");
        file("org/big", "model-00002-of-00002.safetensors", "two");
        assertThat(Sources.tree(fetch("hf:org/big"))).hasSize(6).contains("model-00002-of-00002.safetensors");
    }

    @Test
    void oneGgufIsTakenAndOfSeveralOneMustBeNamed() {
        repository("org/one", large("m.gguf", "gguf", sha256("gguf")), small("README.md", "x"));
        file("org/one", "m.gguf", "gguf");
        assertThat(fetch("hf:org/one")).hasFileName("m.gguf").hasContent("gguf");
        repository("org/many", large("a.gguf", "aa", sha256("aa")), large("b.gguf", "bb", sha256("bb")));
        file("org/many", "b.gguf", "bb");
        assertThatThrownBy(() -> fetch("hf:org/many"))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("a.gguf, b.gguf")
                .hasMessageContaining("#");
        assertThat(fetch("hf:org/many#b.gguf")).hasContent("bb");
        assertThatThrownBy(() -> fetch("hf:org/many#c.gguf"))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("no file c.gguf");
    }

    @Test
    void aFileThatIsNotWhatTheHubSaysIsRefusedAndNothingIsLeft() throws IOException {
        repository("org/bad", large("m.gguf", "gguf", sha256("good")));
        file("org/bad", "m.gguf", "gguf");
        assertThatThrownBy(() -> fetch("hf:org/bad"))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("wrong checksum");
        repository("org/short", large("m.gguf", "longer", sha256("gguf")));
        file("org/short", "m.gguf", "gguf");
        assertThatThrownBy(() -> fetch("hf:org/short"))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("has 4 bytes where 6 were expected");
        assertThat(Sources.tree(folder)).isEmpty();
    }

    @Test
    void refusalsNameTheTokenButNotItsValue() {
        hub.stubFor(get(urlPathEqualTo("/api/models/org/private/revision/main")).willReturn(unauthorized()));
        assertThatThrownBy(() -> fetch("hf:org/private"))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("401")
                .hasMessageContaining("HF_TOKEN")
                .hasMessageNotContaining(TOKEN);
        assertThatThrownBy(() -> fetch("hf:org/absent"))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("404");
        hub.stubFor(get(urlPathEqualTo("/api/models/org/html/revision/main"))
                .willReturn(aResponse().withBody("<html>")));
        assertThatThrownBy(() -> fetch("hf:org/html"))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("JSON");
    }

    @Test
    void aHubThatCannotBeReachedIsSaid() {
        hub.stop();
        assertThatThrownBy(() -> fetch("hf:org/name"))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("Hub cannot be reached");
    }
}
