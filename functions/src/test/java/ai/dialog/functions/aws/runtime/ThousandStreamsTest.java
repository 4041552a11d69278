package ai.dialog.functions.aws.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.dialog.functions.remote.FakeUpstream;
import ai.dialog.packaging.StandInInvocation.State;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A thousand streams through one process, a tenth of them cut by the caller's side or by the model server's. */
class ThousandStreamsTest {

    private static final int STREAMS = 1_000;
    private static final int WARM = 50;
    private static final Duration LONG = Duration.ofSeconds(60);

    private final AtomicInteger open = new AtomicInteger();

    @TempDir
    private Path folder;

    @Test
    void ofStreamsThatAreCutByEitherSideNothingIsLeft() throws Exception {
        try (var rig = new RuntimeRig(folder, new FakeUpstream(this::model))) {
            for (int i = 0; i < WARM; i++) {
                stream(rig, i);
            }
            int threads = platformThreads();
            Map<State, Integer> ends = new EnumMap<>(State.class);
            int trailers = 0;
            for (int i = 0; i < STREAMS; i++) {
                var answer = stream(rig, i);
                ends.merge(answer.state(), 1, Integer::sum);
                trailers += answer.trailers().isEmpty() ? 0 : 1;
            }
            assertThat(ends)
                    .containsOnly(Map.entry(State.ENDED, STREAMS - STREAMS / 20), Map.entry(State.CUT, STREAMS / 20));
            assertThat(trailers).isEqualTo(STREAMS / 20);
            // A virtual thread of an answer that is not whole would wait on its connection: there is none. The
            // connection of the
            // next poll is all that may be open.
            await().atMost(LONG).until(() -> rig.api.connections() <= 1);
            await().atMost(LONG).until(() -> open.get() == 0);
            // platform threads belong to pools, which may still grow by one or another; 1,000 streams would show
            await().atMost(LONG).until(() -> platformThreads() <= threads + 5);
            assertThat(rig.end()).isEqualTo(1);
            assertThat(rig.api.faults()).isEmpty();
        }
    }

    /** Of twenty, one is cut by the caller's side after its first token and one by the model server. */
    private static ai.dialog.packaging.StandInInvocation stream(RuntimeRig rig, int i) throws Exception {
        var invocation = RuntimeRig.stream(i % 20 == 7 ? "break off" : i % 20 == 13 ? "never end" : "any");
        if (i % 20 == 13) {
            invocation.cutAfter(3);
        }
        return rig.api.invoke(invocation).awaitEnd(LONG);
    }

    private void model(FakeUpstream.Request request, FakeUpstream.Reply reply) throws IOException {
        if (request.path().equals("/v1/models")) {
            RuntimeRig.models(reply);
            return;
        }
        open.incrementAndGet();
        try {
            reply.stream().event("{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Paris\"}}]}");
            if (request.body().contains("break off")) {
                reply.reset();
            } else if (request.body().contains("never end")) {
                reply.awaitLeave();
            } else {
                reply.event("{\"choices\":[{\"index\":0,\"delta\":{\"content\":\".\"},\"finish_reason\":\"stop\"}]}")
                        .event("[DONE]")
                        .end();
            }
        } finally {
            open.decrementAndGet();
        }
    }

    private static int platformThreads() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        return threads.getThreadCount();
    }
}
