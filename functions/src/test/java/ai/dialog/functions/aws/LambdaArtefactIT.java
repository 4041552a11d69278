package ai.dialog.functions.aws;

import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.functions.remote.FakeUpstream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The package that is deployed, as it was built. */
class LambdaArtefactIT {

    private static final Path ARTEFACT = Path.of("target/functions-lambda.zip");

    /** What a Lambda function may cost to load; the service quota is far above it. */
    private static final long MOST_BYTES = 30L << 20;

    @TempDir
    private Path folder;

    @Test
    void itIsSmallAndHasNoWebServerAndNoModelInIt() throws IOException {
        assertThat(Files.size(ARTEFACT)).isLessThan(MOST_BYTES);
        try (ZipFile zip = new ZipFile(ARTEFACT.toFile())) {
            List<String> names = zip.stream().map(ZipEntry::getName).toList();
            assertThat(names).contains("ai/dialog/functions/aws/ChatHandler.class", "ai-dialog-lambda.properties");
            assertThat(names)
                    .filteredOn(name -> name.startsWith("lib/"))
                    .hasSizeGreaterThan(20)
                    .noneMatch(
                            name -> name.matches(
                                    ".*(netty|webflux|webmvc|tomcat|jetty|undertow|djl|pytorch|wiremock|junit|assertj|mockito).*"));
        }
    }

    @Test
    void itAnswersWithNothingElseOnItsClassPath() throws Exception {
        try (FakeUpstream upstream = new FakeUpstream(
                (request, reply) -> reply.whole(200, "application/json", "{\"status\":\"healthy\"}"))) {
            System.setProperty("INFERENCE_URL", upstream.uri().toString());
            System.setProperty("TIER_CLUSTER", "cluster");
            System.setProperty("TIER_SERVICE", "service");
            System.setProperty("TIER_START_SECONDS", "200");
            try (RecordingLoader loader = new RecordingLoader(unpacked())) {
                assertThat(health(loader).path("statusCode").intValue()).isEqualTo(200);
                // no secret is named and the containers answer: a start does not pay for what reads and wakes them
                assertThat(loader.loaded)
                        .contains("ai.dialog.functions.aws.LambdaApplication")
                        .noneMatch(name -> name.startsWith("software.amazon."));
            } finally {
                List.of("INFERENCE_URL", "TIER_CLUSTER", "TIER_SERVICE", "TIER_START_SECONDS")
                        .forEach(System::clearProperty);
            }
        }
    }

    /** Remembers what it was asked for. */
    private static final class RecordingLoader extends URLClassLoader {

        private final Set<String> loaded = ConcurrentHashMap.newKeySet();

        private RecordingLoader(URL[] urls) {
            super(urls, ClassLoader.getPlatformClassLoader());
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            var found = super.findClass(name);
            loaded.add(name);
            return found;
        }
    }

    private static JsonNode health(URLClassLoader loader) throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(loader);
        try {
            Class<?> type = loader.loadClass("ai.dialog.functions.aws.HealthHandler");
            Object handler = type.getDeclaredConstructor().newInstance();
            Method handle = type.getMethod(
                    "handleRequest",
                    InputStream.class,
                    OutputStream.class,
                    loader.loadClass("com.amazonaws.services.lambda.runtime.Context"));
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            byte[] event = LambdaRig.event("health").toString().getBytes(StandardCharsets.UTF_8);
            handle.invoke(handler, new ByteArrayInputStream(event), out, null);
            return LambdaRig.JSON.readTree(out.toByteArray());
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /** As Lambda lays it out: the classes, then every library. */
    private URL[] unpacked() throws IOException {
        List<URL> urls = new ArrayList<>();
        urls.add(folder.toUri().toURL());
        try (ZipFile zip = new ZipFile(ARTEFACT.toFile())) {
            for (ZipEntry entry :
                    zip.stream().filter(each -> !each.isDirectory()).toList()) {
                Path file = folder.resolve(entry.getName());
                Files.createDirectories(file.getParent());
                try (InputStream in = zip.getInputStream(entry)) {
                    Files.copy(in, file);
                }
                if (entry.getName().startsWith("lib/")) {
                    urls.add(file.toUri().toURL());
                }
            }
        }
        return urls.toArray(URL[]::new);
    }
}
