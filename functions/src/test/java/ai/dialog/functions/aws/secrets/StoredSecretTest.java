package ai.dialog.functions.aws.secrets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.exception.SdkClientException;

class StoredSecretTest {

    private static final String ARN = "arn:s";

    private final FakeSecretsManager aws = new FakeSecretsManager(new MovableClock());
    private final StoredSecret secret = new StoredSecret(aws, ARN);

    StoredSecretTest() {
        aws.create(ARN, "0");
    }

    @Test
    void changesMadeAtOnceAreAllKept() throws InterruptedException, ExecutionException {
        List<Callable<Boolean>> changes = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            changes.add(() -> {
                for (int n = 0; n < 10; n++) {
                    new StoredSecret(aws, ARN).change(StoredSecretTest::plusOne);
                }
                return true;
            });
        }
        try (var pool = Executors.newFixedThreadPool(4)) {
            for (var change : pool.invokeAll(changes)) {
                assertThat(change.get()).isTrue();
            }
        }
        assertThat(aws.text(ARN)).isEqualTo("40");
    }

    @Test
    void aChangeLeavesNoVersionBehindThatNothingDeletes() {
        for (int n = 0; n < 20; n++) {
            secret.change(StoredSecretTest::plusOne);
        }
        assertThat(aws.stagedVersions(ARN)).isEqualTo(2);
    }

    @Test
    void theSameTextIsNoChange() {
        secret.change(text -> text);
        assertThat(aws.versions(ARN)).isEqualTo(1);
    }

    @Test
    void aChangeWhoseAnswerWasLostIsMadeOnce() {
        // it is read, put aside, and put in force
        aws.failAt(3, true);
        secret.change(StoredSecretTest::plusOne);
        assertThat(aws.text(ARN)).isEqualTo("1");
    }

    @Test
    void aChangeThatWasCutOffChangedNothing() {
        for (int call = 1; call <= 3; call++) {
            aws.failAt(call, false);
            assertThatExceptionOfType(SdkClientException.class)
                    .isThrownBy(() -> secret.change(StoredSecretTest::plusOne));
            assertThat(aws.text(ARN)).isEqualTo("0");
        }
    }

    @Test
    void aTextLargerThanTheServiceTakesIsRefused() {
        assertThatIllegalStateException()
                .isThrownBy(() -> secret.change(text -> "ä".repeat(32_769)))
                .withMessageContaining("65536 bytes");
    }

    private static String plusOne(String number) {
        return Integer.toString(Integer.parseInt(number) + 1);
    }
}
