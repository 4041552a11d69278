package ai.dialog.runner.cli;

import ai.dialog.functions.access.Diagnosis.Finding;
import ai.dialog.functions.access.Diagnosis.Result;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/** What a running service says of a credential, and how far its clock is from this machine's. */
final class ServiceCheck {

    /** What a service lets pass between the clock that made a token and its own. */
    private static final Duration TOLERANCE = Duration.ofSeconds(30);

    private ServiceCheck() {}

    static List<Finding> of(String url, String credential, @Nullable SSLSocketFactory trusted) {
        var answer = new ServiceClient(url, credential.strip(), trusted).get("/v1/models");
        List<Finding> findings = new ArrayList<>();
        findings.add(clock(answer.date()));
        if (answer.status() == 200) {
            findings.add(new Finding("service", Result.OK, url + " accepts it"));
        } else {
            findings.add(new Finding(
                    "service", Result.FAILED, "%s answers %d: %s".formatted(url, answer.status(), answer.message())));
        }
        answer.told().forEach((name, value) -> findings.add(new Finding(name, Result.NOTE, value)));
        return findings;
    }

    private static Finding clock(@Nullable String date) {
        try {
            if (date == null) {
                return new Finding("clock", Result.NOTE, "the service does not say what time it has");
            }
            Instant there = ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            var difference = Duration.between(there, Instant.now());
            // its header has whole seconds
            boolean near = difference.abs().compareTo(TOLERANCE.minusSeconds(2)) <= 0;
            String text = difference.abs().toSeconds() < 2
                    ? "the service's clock agrees with this machine's"
                    : "the service's clock is %d s %s this machine's; tokens are let pass 30 s off"
                            .formatted(difference.abs().toSeconds(), difference.isNegative() ? "ahead of" : "behind");
            return new Finding("clock", near ? Result.OK : Result.NOTE, text);
        } catch (DateTimeParseException e) {
            return new Finding("clock", Result.NOTE, "the service says no time that can be read");
        }
    }
}
