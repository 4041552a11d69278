package ai.dialog.runner.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How large a chunk is. */
class PaceTest {

    private static final long MILLISECOND = 1_000_000;

    /** A prompt token takes 1 ms, a step as long as is said. */
    private static Pace measured(long stepMillis) {
        var pace = new Pace(512);
        pace.prefilled(100, 100 * MILLISECOND);
        pace.decoded(stepMillis * MILLISECOND);
        return pace;
    }

    @Test
    void whileNobodysAnswerRunsAChunkIsAsLargeAsItMayBe() {
        assertThat(measured(40).chunk(0, 1)).isEqualTo(512);
    }

    @Test
    void beforeAnythingWasMeasuredToo() {
        assertThat(new Pace(512).chunk(3, 1)).isEqualTo(512);
    }

    @Test
    void aLongPromptTakesOneAndAHalfTimesAStepsTimeFromThoseWhoRun() {
        assertThat(measured(40).chunk(8, 1)).isEqualTo(60);
        assertThat(measured(100).chunk(8, 1)).isEqualTo(150);
    }

    @Test
    void theManyPromptsOfABurstGetMore() {
        assertThat(measured(40).chunk(2, 10)).isEqualTo(200);
        assertThat(measured(40).chunk(30, 10)).isEqualTo(200);
        assertThat(measured(40).chunk(1, 31)).isEqualTo(512);
    }

    @Test
    void aChunkIsNeverSoSmallThatAllItsTimeIsOverhead() {
        assertThat(measured(1).chunk(1, 1)).isEqualTo(16);
    }

    @Test
    void itFollowsWhatIsMeasured() {
        var pace = measured(40);
        for (int i = 0; i < 50; i++) {
            pace.decoded(80 * MILLISECOND);
            pace.prefilled(3, 1000 * MILLISECOND); // too few to tell
        }
        assertThat(pace.chunk(8, 1)).isBetween(119, 120);
    }
}
