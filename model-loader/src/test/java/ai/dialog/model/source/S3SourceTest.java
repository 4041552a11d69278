package ai.dialog.model.source;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.matching;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.dialog.model.ModelException;
import ai.dialog.model.Progress;
import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Objects of a server that speaks S3. */
class S3SourceTest {

    private static final String KEY = "/bucket/folder/m.gguf";

    @TempDir
    Path folder;

    private final byte[] content = Sources.content(30_000);
    private final WireMockServer s3 = new WireMockServer(
            WireMockConfiguration.options().bindAddress("127.0.0.1").dynamicPort());
    private ModelStore store;

    @BeforeEach
    void start() {
        s3.start();
        System.setProperty("aws.accessKeyId", "test");
        System.setProperty("aws.secretAccessKey", "test");
        System.setProperty("aws.region", "eu-central-1");
        store = new ModelStore(
                folder, Sources.settings("http://127.0.0.1:1", null, s3.baseUrl(), List.of(), Duration.ofSeconds(10)));
    }

    @AfterEach
    void stop() {
        s3.stop();
        System.clearProperty("aws.accessKeyId");
        System.clearProperty("aws.secretAccessKey");
        System.clearProperty("aws.region");
    }

    private Path fetch() {
        return store.fetch(ModelReference.parse("s3://bucket/folder/m.gguf"), Progress.SILENT);
    }

    @Test
    void anObjectIsFetchedWithASignedPathStyleRequest() {
        s3.stubFor(get(urlPathEqualTo(KEY))
                .willReturn(aResponse().withHeader("ETag", "\"e\"").withBody(content)));
        assertThat(fetch()).hasFileName("m.gguf").hasBinaryContent(content);
        s3.verify(getRequestedFor(urlPathEqualTo(KEY)).withHeader("Authorization", matching("AWS4-HMAC-SHA256 .*")));
        assertThat(store.list())
                .singleElement()
                .satisfies(model -> assertThat(model.reference()).isEqualTo("s3://bucket/folder/m.gguf"));
    }

    @Test
    void aBrokenTransferIsResumed() {
        s3.stubFor(get(urlPathEqualTo(KEY))
                .willReturn(aResponse()
                        .withHeader("ETag", "\"e\"")
                        .withHeader("Content-Length", "30000")
                        .withBody(Arrays.copyOf(content, 10_000))));
        s3.stubFor(get(urlPathEqualTo(KEY))
                .withHeader("Range", equalTo("bytes=10000-"))
                .withHeader("If-Match", equalTo("\"e\""))
                .willReturn(aResponse()
                        .withStatus(206)
                        .withHeader("ETag", "\"e\"")
                        .withHeader("Content-Range", "bytes 10000-29999/30000")
                        .withBody(Arrays.copyOfRange(content, 10_000, content.length))));
        assertThat(fetch()).hasBinaryContent(content);
    }

    @Test
    void refusalsAreToldApartAndLeaveNothing() throws IOException {
        assertRefused(404, "no such bucket or object");
        assertRefused(403, "credentials in use may not read it");
        assertRefused(500, "connection broke");
        assertThat(Sources.tree(folder)).isEmpty();
    }

    private void assertRefused(int status, String message) {
        s3.stubFor(get(urlPathEqualTo(KEY))
                .willReturn(
                        aResponse().withStatus(status).withBody("<Error><Code>X</Code><Message>m</Message></Error>")));
        assertThatThrownBy(this::fetch)
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("s3://bucket/folder/m.gguf")
                .hasMessageContaining(message);
    }
}
