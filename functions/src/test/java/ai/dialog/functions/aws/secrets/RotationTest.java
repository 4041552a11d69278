package ai.dialog.functions.aws.secrets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ai.dialog.functions.access.ApiKey;
import ai.dialog.functions.access.JwkSet;
import ai.dialog.functions.access.KeyDocument;
import ai.dialog.functions.access.KeyIndex;
import ai.dialog.functions.access.KeyLifecycle;
import ai.dialog.functions.access.NewKey;
import ai.dialog.functions.access.Scope;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.exception.SdkClientException;
import tools.jackson.databind.json.JsonMapper;

class RotationTest {

    private static final String DOCUMENT = "arn:api-keys";
    private static final String CALLER = "arn:caller";
    private static final String PAIRS = "arn:signing-keys";
    private static final String PUBLIC = "arn:public-keys";
    private static final List<String> STEPS = List.of("createSecret", "setSecret", "testSecret", "finishSecret");
    private static final Duration GRACE = Duration.ofDays(7);
    private static final Duration HEAD_START = Duration.ofHours(1);
    private static final Duration PROPAGATION = Duration.ofMinutes(1);

    private final MovableClock clock = new MovableClock();
    private final FakeSecretsManager aws = new FakeSecretsManager(clock);
    private final List<Duration> pauses = new ArrayList<>();
    private final Rotation rotation = new Rotation(
            aws, new RotationSettings(DOCUMENT, PAIRS, PUBLIC, GRACE, HEAD_START, PROPAGATION), clock, pause -> {
                pauses.add(pause);
                clock.forward(pause);
            });

    RotationTest() {
        aws.create(DOCUMENT, "{\"keys\":[]}");
        aws.create(
                CALLER,
                "{\"owner\":\"Ann\",\"api_key\":\"made-by-cloudformation\",\"limits\":{\"requestsPerMinute\":60}}");
        aws.create(PAIRS, "{\"keys\":[]}");
        aws.create(PUBLIC, "{\"keys\":[]}");
    }

    @Test
    void theFirstRotationMakesTheCallersFirstKeyWithTheRightsThatTheSecretNames() throws InterruptedException {
        rotate(CALLER, "v1");
        var key = Objects.requireNonNull(keys().byText(callersKey()));
        assertThat(key.owner()).isEqualTo("Ann");
        assertThat(key.tenant()).isEqualTo("ann");
        assertThat(key.scopes()).isEqualTo(Scope.ALL);
        assertThat(Objects.requireNonNull(key.limits()).requestsPerMinute()).isEqualTo(60);
        assertThat(key.expires())
                .isBetween(
                        clock.instant().plus(Duration.ofDays(89)),
                        clock.instant().plus(Duration.ofDays(90)));
        assertThat(aws.text(CALLER)).contains("\"owner\":\"Ann\"");
    }

    @Test
    void aNewKeyHasTheOldOnesRightsAndTheOldOneEndsAfterItsGrace() throws InterruptedException {
        rotate(CALLER, "v1");
        String first = callersKey();
        clock.forward(Duration.ofDays(80));
        rotate(CALLER, "v2");
        String second = callersKey();
        var old = Objects.requireNonNull(keys().byText(first));
        var fresh = Objects.requireNonNull(keys().byText(second));
        assertThat(second).isNotEqualTo(first);
        assertThat(old.successor()).isEqualTo(fresh.id());
        assertThat(old.expires()).isEqualTo(clock.instant().plus(GRACE));
        assertThat(fresh.countedUnder()).isEqualTo(old.id());
        assertThat(fresh.limits()).isEqualTo(old.limits());
    }

    @Test
    void nothingIsPutInForceBeforeEveryVerifierHasReadIt() throws InterruptedException {
        rotate(CALLER, "v1");
        assertThat(pauses).containsExactly(PROPAGATION);
        rotate(PAIRS, "v1");
        assertThat(pauses).containsExactly(PROPAGATION, PROPAGATION);
    }

    @Test
    void theWaitCountsFromTheChangeAndIsNotBegunAgain() throws InterruptedException {
        aws.beginRotation(CALLER, "v1");
        rotation.run("createSecret", CALLER, "v1");
        rotation.run("setSecret", CALLER, "v1");
        clock.forward(Duration.ofSeconds(45));
        rotation.run("testSecret", CALLER, "v1");
        rotation.run("testSecret", CALLER, "v1");
        assertThat(pauses).containsExactly(Duration.ofSeconds(15));
    }

    @Test
    void aRotationThatBreaksOffAnywhereEndsWellWhenItIsRepeated() throws InterruptedException {
        rotate(CALLER, "v0");
        for (boolean afterwards : List.of(false, true)) {
            int call = 1;
            while (breaksOff(CALLER, "v-" + afterwards + call, call, afterwards, this::callerIsLetIn)) {
                call++;
            }
            assertThat(call).isGreaterThan(15);
        }
        // no key was made that nobody has
        assertThat(keys().all().stream().filter(key -> key.successor() == null)).hasSize(1);
    }

    @Test
    void aSigningKeyRotationThatBreaksOffAnywhereEndsWellWhenItIsRepeated() throws InterruptedException {
        rotate(PAIRS, "v0");
        for (boolean afterwards : List.of(false, true)) {
            int call = 1;
            while (breaksOff(PAIRS, "v-" + afterwards + call, call, afterwards, this::signerIsPublished)) {
                call++;
            }
            assertThat(call).isGreaterThan(12);
        }
        assertThat(pairs().bytes()).isNotEmpty();
    }

    /** Repeats a rotation in which one call fails; false where it has not so many. */
    private boolean breaksOff(String secret, String token, int call, boolean afterwards, Runnable invariant)
            throws InterruptedException {
        clock.forward(Duration.ofDays(9));
        String before = aws.text(secret);
        aws.beginRotation(secret, token);
        aws.afterEachCall(invariant);
        aws.failAt(call, afterwards);
        try {
            steps(secret, token);
        } catch (SdkClientException cutOff) {
            // repeated below
        }
        boolean reached = aws.calls() >= call;
        aws.failAt(0, false);
        steps(secret, token);
        invariant.run();
        assertThat(aws.text(secret)).isNotEqualTo(before).isEqualTo(aws.text(secret, "AWSPENDING"));
        if (secret.equals(CALLER)) {
            var old = Objects.requireNonNull(keys().byText(key(before)));
            assertThat(old.expires()).isBeforeOrEqualTo(clock.instant().plus(GRACE));
        }
        return reached;
    }

    private void callerIsLetIn() {
        var key = keys().byText(callersKey());
        assertThat(key).isNotNull();
        assertThat(Objects.requireNonNull(key).expires()).isAfter(clock.instant());
    }

    private void signerIsPublished() {
        var published = publicKeys().described(clock.instant());
        assertThat(pairs().described(clock.instant()))
                .filteredOn(JwkSet.Described::signs)
                .hasSize(1)
                .allMatch(signer -> published.stream()
                        .anyMatch(key -> key.verifies() && key.kid().equals(signer.kid())));
    }

    @Test
    void aSigningKeyIsPublishedBeforeItSignsAndTheOldOneVerifiesUntilItsLastTokenEnds() throws InterruptedException {
        rotate(PAIRS, "v1");
        String first = signer();
        clock.forward(Duration.ofDays(80));
        rotate(PAIRS, "v2");
        assertThat(signer()).isEqualTo(first);
        assertThat(publicKeys().described(clock.instant())).hasSize(2);
        clock.forward(HEAD_START);
        assertThat(signer()).isNotEqualTo(first);
        assertThat(aws.text(PUBLIC)).contains(first).doesNotContain("\"d\"");
        clock.forward(Duration.ofDays(7).plusMinutes(5));
        assertThat(publicKeys().described(clock.instant()))
                .filteredOn(JwkSet.Described::verifies)
                .extracting(JwkSet.Described::kid)
                .containsExactly(signer());
    }

    @Test
    void aRevokedKeyGetsNoSuccessorUnasked() throws InterruptedException {
        rotate(CALLER, "v1");
        var registry = new KeySecret(new StoredSecret(aws, DOCUMENT));
        new KeyLifecycle(registry, clock).revoke(Objects.requireNonNull(NewKey.idOf(callersKey())));
        assertThatIllegalStateException().isThrownBy(() -> rotate(CALLER, "v2")).withMessageContaining("revoked");
        assertThat(keys().all()).hasSize(1);
    }

    @Test
    void aKeyThatIsNotAmongTheKeysGetsNoSuccessor() {
        aws.create(CALLER, "{\"owner\":\"ann\",\"api_key\":\"" + NewKey.newText() + "\"}");
        assertThatIllegalStateException()
                .isThrownBy(() -> rotate(CALLER, "v1"))
                .withMessageContaining("not among the keys");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "no json", "[]", "{\"api_key\":\"\"}", "{\"owner\":7,\"scopes\":[\"all\"]}"})
    void aSecretThatSaysNotWhomItIsForIsRefusedWithoutAWordOfIt(String text) {
        aws.create(CALLER, text);
        assertThatIllegalStateException()
                .isThrownBy(() -> rotate(CALLER, "v1"))
                .withMessageContaining("owner")
                .withNoCause();
    }

    @Test
    void theStandardPreconditionsAreChecked() throws InterruptedException {
        assertThatIllegalStateException()
                .isThrownBy(() -> rotation.run("createSecret", CALLER, "v1"))
                .withMessageContaining("not set up for rotation");
        aws.beginRotation(CALLER, "v1");
        assertThatIllegalStateException()
                .isThrownBy(() -> rotation.run("createSecret", CALLER, "other"))
                .withMessageContaining("has no version other");
        assertThatIllegalStateException()
                .isThrownBy(() -> rotation.run("dropSecret", CALLER, "v1"))
                .withMessageContaining("no such step");
        for (String early : List.of("setSecret", "testSecret", "finishSecret")) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> rotation.run(early, CALLER, "v1"))
                    .withMessageContaining("createSecret has not been done");
        }
        rotation.run("createSecret", CALLER, "v1");
        assertThatIllegalStateException()
                .isThrownBy(() -> rotation.run("finishSecret", CALLER, "v1"))
                .withMessageContaining("not among the keys");
        aws.beginRotation(CALLER, "v2");
        assertThatIllegalStateException()
                .isThrownBy(() -> rotation.run("setSecret", CALLER, "v1"))
                .withMessageContaining("does not wait");
    }

    @Test
    void aSecretThatIsNamedByItsNameIsTheSameSecret() throws InterruptedException {
        aws.beginRotation(PAIRS, "v1");
        steps(PAIRS.replace("arn:", ""), "v1");
        assertThat(aws.text(PUBLIC)).contains(signer());
    }

    @Test
    void theSecretsThatAreCheckedAreNotRotatedThemselves() {
        for (String checked : List.of(DOCUMENT, PUBLIC)) {
            aws.beginRotation(checked, "v1");
            assertThatIllegalStateException()
                    .isThrownBy(() -> rotation.run("createSecret", checked, "v1"))
                    .withMessageContaining("not rotated itself");
        }
    }

    private void rotate(String secret, String token) throws InterruptedException {
        aws.beginRotation(secret, token);
        steps(secret, token);
    }

    private void steps(String secret, String token) throws InterruptedException {
        for (String step : STEPS) {
            rotation.run(step, secret, token);
        }
    }

    private KeyIndex keys() {
        List<ApiKey> keys = KeyDocument.parse(aws.text(DOCUMENT).getBytes(StandardCharsets.UTF_8), DOCUMENT)
                .keys();
        return new KeyIndex(keys);
    }

    private String callersKey() {
        return key(aws.text(CALLER));
    }

    private static String key(String secret) {
        return JsonMapper.shared().readTree(secret).path("api_key").stringValue();
    }

    private JwkSet pairs() {
        return JwkSet.parse(aws.text(PAIRS).getBytes(StandardCharsets.UTF_8), PAIRS);
    }

    private JwkSet publicKeys() {
        return JwkSet.parsePublic(aws.text(PUBLIC).getBytes(StandardCharsets.UTF_8), PUBLIC);
    }

    private String signer() {
        return pairs().described(clock.instant()).stream()
                .filter(JwkSet.Described::signs)
                .findFirst()
                .orElseThrow()
                .kid();
    }
}
