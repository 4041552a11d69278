package ai.dialog.cloud;

import io.github.cdklabs.cdknag.NagPackSuppression;
import io.github.cdklabs.cdknag.NagSuppressions;
import java.util.List;
import software.constructs.IConstruct;

/** Answers to cdk-nag's findings: each for one construct, with the reason why what was found is meant. */
final class Answers {

    private Answers() {}

    /** For the construct itself. */
    static void answer(IConstruct construct, String rule, String reason) {
        NagSuppressions.addResourceSuppressions(construct, List.of(suppression(rule, reason)));
    }

    /** For the construct and what is in it. */
    static void answerWithin(IConstruct construct, String rule, String reason) {
        NagSuppressions.addResourceSuppressions(construct, List.of(suppression(rule, reason)), true);
    }

    /** For these findings of the rule alone, in the construct and what is in it. */
    static void answerWithin(IConstruct construct, String rule, String reason, List<String> findings) {
        NagSuppressions.addResourceSuppressions(
                construct,
                List.of(NagPackSuppression.builder()
                        .id(rule)
                        .reason(reason)
                        .appliesTo(findings)
                        .build()),
                true);
    }

    private static NagPackSuppression suppression(String rule, String reason) {
        return NagPackSuppression.builder().id(rule).reason(reason).build();
    }
}
