package ai.dialog.model.tokenizer;

import ai.dialog.model.Bounded;
import ai.dialog.model.ModelException;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/**
 * Any bytes as a tokenizer.json: texts can be encoded and ids decoded with it, or it is refused with a
 * {@link ModelException}. Native memory, which the library takes, is not counted here.
 */
class TokenizerJsonFuzzTest {

    private static final List<String> TEXTS =
            List.of("", "a", "Hello, world! <|x|> 123\n", "aaaaaaaaaaaaaaaaaaaaaaaaaaaa!");

    @TempDir
    Path folder;

    /** The 64 MiB are the table of bytes by id: ids go to four million, whatever the file's size. */
    @FuzzTest(maxDuration = "10m")
    void anyTokenizerWorksOrIsRefused(byte[] data) throws IOException {
        Files.write(folder.resolve("tokenizer.json"), data);
        Bounded.run(data.length, 128, 64, this::openAndUse);
    }

    private void openAndUse() {
        try (Tokenizer tokenizer = Fixtures.ofFolder(folder)) {
            for (String text : TEXTS) {
                int[] ids = tokenizer.encode(text, true);
                tokenizer.decode(ids);
                var stream = tokenizer.streamDecoder();
                for (int id : ids) {
                    stream.add(id);
                    tokenizer.bytes(id);
                    tokenizer.isSpecial(id);
                }
                stream.finish();
            }
        } catch (ModelException refused) {
            if (refused.getMessage() == null) {
                throw new AssertionError("the message is missing", refused);
            }
        }
    }
}
