package ai.dialog.runner.http;

import ai.dialog.functions.access.KeyLifecycle;
import ai.dialog.functions.access.NewKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * A caller as fleets have them: it uses its key and tokens of it in turn, makes a new token now and then, and changes over to
 * a new key some time after that was made. What it no longer uses it keeps, to try it when it must not work any more.
 */
final class RotatedApplication {

    private static final int CALLS_PER_TOKEN = 50;
    private static final int CALLS_PER_PROBE = 10;

    private final TestServer server;
    private final RotationCalls calls;
    private final List<Retired> retired = new CopyOnWriteArrayList<>();
    private volatile NewKey key;
    private volatile String token;

    /** Credentials that end at a time. */
    private record Retired(List<String> credentials, Instant end) {}

    RotatedApplication(NewKey key, TestServer server, RotationCalls calls) {
        this.server = server;
        this.calls = calls;
        this.key = key;
        this.token = newToken(key);
    }

    /** One call, with the key or the token; every now and then, one with what must not work any more. */
    void call(int turn) {
        if (turn % CALLS_PER_TOKEN == CALLS_PER_TOKEN - 1) {
            refreshToken();
        }
        calls.made(() -> chat(turn % 2 == 0 ? key.secret() : token));
        for (var old : retired) {
            if (turn % CALLS_PER_PROBE == 0 && Instant.now().isAfter(old.end())) {
                old.credentials().forEach(credential -> calls.probed(() -> chat(credential)));
            }
        }
    }

    /** Makes the successor now, and uses it from a while later on. */
    void rotate(KeyLifecycle life, Duration grace, Duration later) {
        var old = key;
        String oldToken = newToken(old);
        var fresh = life.rotate(old.key().id(), grace, null);
        // the end of the grace was reckoned before this
        retired.add(new Retired(List.of(old.secret(), oldToken), Instant.now().plus(grace)));
        Thread.startVirtualThread(() -> {
            try {
                TimeUnit.NANOSECONDS.sleep(later.toNanos());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            changeOver(fresh);
        });
    }

    private synchronized void changeOver(NewKey fresh) {
        key = fresh;
        token = newToken(fresh);
    }

    /** Not while the key changes, or the old one's token would come after the new one's. */
    private synchronized void refreshToken() {
        token = newToken(key);
    }

    private String newToken(NewKey from) {
        var answer = calls.made(() -> post("/v1/tokens", from.secret(), "{\"expires_in\":600}"));
        String made = TestServer.json(answer.body()).path("token").asString("refused.");
        if (answer.statusCode() == 200) {
            byte[] header = Base64.getUrlDecoder().decode(made.substring(0, made.indexOf('.')));
            calls.signedBy(TestServer.json(new String(header, StandardCharsets.UTF_8))
                    .path("kid")
                    .asString());
        }
        return made;
    }

    private HttpResponse<String> chat(String credential) {
        return post("/v1/chat/completions", credential, TestServer.CHAT);
    }

    /** Without the look at the OpenAPI document, which would take longer than the call. */
    private HttpResponse<String> post(String path, String credential, String body) {
        try {
            return server.client.send(
                    server.request(path)
                            .setHeader("Authorization", "Bearer " + credential)
                            .POST(BodyPublishers.ofString(body))
                            .build(),
                    BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
