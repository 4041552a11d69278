package ai.dialog.functions.aws.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import ai.dialog.functions.access.Access;
import ai.dialog.functions.audit.AuditLog;
import ai.dialog.functions.http.Gateway;
import ai.dialog.functions.http.GatewaySettings;
import ai.dialog.functions.remote.FakeUpstream;
import ai.dialog.packaging.RuntimeApiStandIn;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.cloud.function.context.FunctionCatalog;
import reactor.core.publisher.Flux;

/** What goes wrong with one event is over with it. */
class RuntimeLoopTest {

    @TempDir
    private Path folder;

    @Test
    void anErrorThatNobodyForesawIsA500AndTheNextEventIsServed() throws Exception {
        var calls = new AtomicInteger();
        Function<Object, Flux<Object>> broken = request -> {
            switch (calls.incrementAndGet()) {
                case 1 -> throw new NoClassDefFoundError("a/class/of/this/service");
                case 2 -> throw new StackOverflowError();
                default -> throw new IllegalStateException("a secret of this service");
            }
        };
        served(broken, AuditLog.NONE, api -> {
            for (int i = 0; i < 3; i++) {
                var answer = api.invoke(RuntimeRig.stream("any")).awaitEnd(RuntimeRig.LONG);
                assertThat(RuntimeRig.status(answer)).isEqualTo(500);
                assertThat(RuntimeRig.json(answer).at("/error/code").stringValue())
                        .isEqualTo("internal_error");
                assertThat(answer.body()).doesNotContain("of this service", "of/this/service");
            }
        });
        assertThat(calls).hasValue(3);
    }

    @Test
    void anErrorAfterTheFirstByteThatNobodyForesawIsALastEventAndATrailer() throws Exception {
        Function<Object, Flux<Object>> broken =
                request -> Flux.<Object>just("first").concatWith(Flux.error(new IllegalStateException("a secret")));
        served(broken, AuditLog.NONE, api -> {
            var answer = api.invoke(RuntimeRig.stream("any")).awaitEnd(RuntimeRig.LONG);
            assertThat(RuntimeRig.status(answer)).isEqualTo(200);
            assertThat(RuntimeRig.events(answer).getLast())
                    .contains("internal_error")
                    .doesNotContain("a secret");
            assertThat(answer.trailers()).containsEntry("lambda-runtime-function-error-type", "Chat.internal_error");
        });
    }

    @Test
    void anAuditLogThatFailsTakesNoOtherEventWithIt() throws Exception {
        var lines = new AtomicInteger();
        AuditLog failing = event -> {
            lines.incrementAndGet();
            throw new IllegalStateException("the disk is full");
        };
        served(request -> Flux.just("answer"), failing, api -> {
            for (int i = 0; i < 2; i++) {
                var answer = api.invoke(RuntimeRig.stream("any")).awaitEnd(RuntimeRig.LONG);
                assertThat(RuntimeRig.status(answer)).isEqualTo(200);
            }
        });
        assertThat(lines.get()).isPositive();
    }

    private interface Check {
        void on(RuntimeApiStandIn api) throws IOException, InterruptedException;
    }

    /** A loop over the real gateway, whose chat is another function. */
    private void served(Function<Object, Flux<Object>> chat, AuditLog log, Check check) throws Exception {
        var upstream = new FakeUpstream((request, reply) -> RuntimeRig.models(reply));
        var settings = new RuntimeSettings(folder, upstream.uri());
        try (var context = ChatRuntimeApplication.start();
                var api = new RuntimeApiStandIn()) {
            var catalog = new OtherChat(context.getBean(FunctionCatalog.class), chat);
            var gateway = new Gateway(catalog, context.getBean(Access.class), GatewaySettings.DEFAULTS);
            var loop = new RuntimeLoop(new RuntimeApi(api.address()), gateway, log);
            var thread = new Thread(() -> assertThatIOException().isThrownBy(loop::run));
            thread.start();
            check.on(api);
            api.noMoreEvents();
            thread.join(RuntimeRig.LONG);
            assertThat(thread.isAlive()).isFalse();
        } finally {
            settings.close();
            upstream.close();
        }
    }

    private record OtherChat(FunctionCatalog catalog, Function<Object, Flux<Object>> chat) implements FunctionCatalog {
        @Override
        @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // the interface's own signature
        public <T> @Nullable T lookup(Class<?> type, String name, String... types) {
            return name.equals("chat") ? (T) chat : catalog.lookup(type, name, types);
        }

        @Override
        public Set<String> getNames(Class<?> type) {
            return catalog.getNames(type);
        }
    }
}
