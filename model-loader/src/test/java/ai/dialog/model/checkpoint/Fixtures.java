package ai.dialog.model.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The tiny checkpoints of the test resources and what their golden.json says; its README states the format. */
final class Fixtures {

    static final Path FOLDER = Path.of("src/test/resources/checkpoints");

    private Fixtures() {}

    static JsonNode json(String file) {
        return JsonMapper.shared().readTree(FOLDER.resolve(file).toFile());
    }

    /** Every checkpoint with its golden values. */
    static Stream<Golden> all() {
        return json("golden.json")
                .path("checkpoints")
                .propertyStream()
                .map(entry -> new Golden(entry.getKey(), entry.getValue()));
    }

    static byte[] bytes(String file) throws IOException {
        return Files.readAllBytes(FOLDER.resolve(file));
    }

    static float[] floats(String base64) {
        ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(base64)).order(ByteOrder.LITTLE_ENDIAN);
        float[] values = new float[bytes.remaining() / Float.BYTES];
        bytes.asFloatBuffer().get(values);
        return values;
    }

    static String sha256(float[] values) throws NoSuchAlgorithmException {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return sha256(bytes.array());
    }

    static String sha256(byte[] bytes) throws NoSuchAlgorithmException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    /** One checkpoint. */
    record Golden(String name, JsonNode values) {

        Path path() {
            return FOLDER.resolve(values.path("path").stringValue());
        }

        @Override
        public String toString() {
            return name;
        }
    }
}
