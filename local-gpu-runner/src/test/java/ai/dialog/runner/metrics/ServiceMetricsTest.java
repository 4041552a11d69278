package ai.dialog.runner.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import ai.dialog.functions.audit.AuditEvent;
import ai.dialog.functions.audit.AuditLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The figures as Prometheus reads them. */
class ServiceMetricsTest {

    private final ServiceMetrics metrics = new ServiceMetrics();
    private final FakeLoad load = new FakeLoad();

    @Test
    void requestsAreCountedByRouteAndStatusAndStillLogged() {
        List<AuditEvent> kept = new ArrayList<>();
        var log = metrics.counting(kept::add);

        FakeLoad.requestEnds(log, "/v1/chat/completions", 200);
        FakeLoad.requestEnds(log, "/v1/chat/completions", 200);
        FakeLoad.requestEnds(log, "/v1/chat/completions", 429);
        FakeLoad.requestEnds(log, null, 404);
        FakeLoad.requestEnds(log, "/v1/completions", null);

        assertThat(kept).hasSize(5);
        assertThat(metrics.scrape())
                .contains(
                        "ai_dialog_request_seconds_count{route=\"/v1/chat/completions\",status=\"200\"} 2",
                        "ai_dialog_request_seconds_count{route=\"/v1/chat/completions\",status=\"429\"} 1",
                        "ai_dialog_request_seconds_count{route=\"other\",status=\"404\"} 1",
                        "ai_dialog_request_seconds_count{route=\"/v1/completions\",status=\"none\"} 1",
                        "ai_dialog_request_seconds_bucket{route=\"/v1/chat/completions\",status=\"200\",le=\"600.0\"} 2");
    }

    @Test
    void theFirstTokenIsTimedOncePerRequestAndAPromptThatIsGivenBackIsNone() {
        var timed = metrics.timing(load);

        timed.complete(FakeLoad.request()).blockLast();
        timed.complete(FakeLoad.request()).blockLast();
        timed.complete(FakeLoad.request()).take(2).blockLast();

        assertThat(metrics.scrape()).contains("ai_dialog_first_token_seconds_count 2");
        assertThat(metrics.recent().take()).hasSize(2);
    }

    @Test
    void theLoadIsWhatTheSchedulerSaysNow() {
        var timed = metrics.timing(load);
        load.active = 8;
        load.queued = 5;

        assertThat(timed.readiness().activeSlots()).isEqualTo(8);
        assertThat(metrics.scrape())
                .contains(
                        "ai_dialog_active_slots 8.0",
                        "ai_dialog_max_batch_size 32.0",
                        "ai_dialog_slot_utilization_ratio 0.25",
                        "ai_dialog_queued_requests 5.0");
    }

    @Test
    void beforeTheModelIsThereNothingIsSaidOfItAndAfterwardsItsFiguresStay() {
        assertThat(metrics.scrape())
                .contains("ai_dialog_model_load_success NaN")
                .doesNotContain("ai_dialog_decode_tokens_total");

        metrics.modelLoaded(Duration.ofMillis(2500), FakeLoad::figures);
        System.gc(); // nothing but the metrics holds the supplier

        assertThat(metrics.scrape())
                .contains(
                        "ai_dialog_model_load_success 1.0",
                        "ai_dialog_model_load_seconds 2.5",
                        "ai_dialog_prefill_tokens_total 700.0",
                        "ai_dialog_decode_tokens_total 800.0",
                        "ai_dialog_decode_steps_total 90.0",
                        "ai_dialog_prefix_lookups_total 20.0",
                        "ai_dialog_prefix_hits_total 15.0",
                        "ai_dialog_prefix_tokens_total 3000.0",
                        "ai_dialog_cache_bytes{kind=\"prefixes\"} 1048576.0",
                        "ai_dialog_cache_bytes{kind=\"reserved\"} 2097152.0",
                        "ai_dialog_cache_bytes{kind=\"held\"} 3145728.0",
                        "ai_dialog_cache_limit_bytes 4194304.0",
                        "ai_dialog_generations_total{outcome=\"completed\"} 4.0",
                        "ai_dialog_generations_total{outcome=\"refused\"} 3.0",
                        "ai_dialog_generations_total{outcome=\"cancelled\"} 5.0",
                        "ai_dialog_generations_total{outcome=\"failed\"} 6.0");
    }

    @Test
    void memoryAndBuildAreThere() {
        assertThat(metrics.scrape())
                .containsPattern("ai_dialog_memory_resident_bytes [1-9]")
                .containsPattern("ai_dialog_memory_limit_bytes [1-9]")
                .contains("ai_dialog_build_info{")
                .contains("jvm_memory_used_bytes{area=\"heap\"");
    }

    @Test
    void whetherPromptsAreLoggedIsTheLogsOwnMatter() {
        assertThat(metrics.counting(AuditLog.NONE).withPrompts()).isFalse();
    }
}
