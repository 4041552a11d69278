package ai.dialog.functions.access;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;

/**
 * What was found out about a credential. It has nothing of the credential's secret part.
 *
 * @param kind what it is: "API key", "token" or "neither"
 * @param findings in the order in which the service looks at it
 */
public record Diagnosis(String kind, List<Finding> findings) {

    /**
     * One thing that was looked at.
     *
     * @param check its name, one word or two
     * @param detail what was seen and, where it is wrong, what to do
     */
    public record Finding(String check, Result result, String detail) {}

    /** How a check ended. */
    public enum Result {
        /** As it must be. */
        OK,
        /** The credential is refused for it. */
        FAILED,
        /** Worth knowing. */
        NOTE
    }

    public Diagnosis {
        findings = List.copyOf(findings);
    }

    /** Whether nothing failed. */
    @JsonProperty
    public boolean accepted() {
        return findings.stream().noneMatch(finding -> finding.result() == Result.FAILED);
    }

    /** Findings as they come. */
    static final class Notes {
        private final List<Finding> findings = new ArrayList<>();

        void ok(String check, String detail) {
            findings.add(new Finding(check, Result.OK, detail));
        }

        void failed(String check, String detail) {
            findings.add(new Finding(check, Result.FAILED, detail));
        }

        void note(String check, String detail) {
            findings.add(new Finding(check, Result.NOTE, detail));
        }

        void check(String check, boolean good, String whenGood, String whenNot) {
            findings.add(new Finding(check, good ? Result.OK : Result.FAILED, good ? whenGood : whenNot));
        }

        Diagnosis as(String kind) {
            return new Diagnosis(kind, findings);
        }
    }

    /** Text from a credential that nobody has verified, fit for a terminal: visible characters, 80 at most. */
    static String shown(String text) {
        String visible = text.replaceAll("[^\\p{L}\\p{N}\\p{P}\\p{S} ]", "?");
        return visible.length() <= 80 ? visible : visible.substring(0, 80) + "…";
    }
}
